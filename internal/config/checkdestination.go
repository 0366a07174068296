package config

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
)

func (l *loader) checkDestinations() {
	all := l.cfg.Destinations
	if len(all) == 0 {
		l.warn("destinations", "there is none; events are stored, and handed on to nobody")
	}
	var names []string
	for i := range all {
		d, at := &all[i], item("destinations", i)
		l.name(at+".name", d.Name, names, "destination")
		names = append(names, d.Name)
		l.checkFilters(at, d)
		l.checkKind(at, d)
	}
}

func (l *loader) checkFilters(at string, d *Destination) {
	known := namesOf(l.cfg.Streams)
	for i, s := range d.Streams {
		l.checkStreamName(item(at+".streams", i), s, d.Streams[:i], known)
	}
	l.types(at+".event_types", d.EventTypes)
	for i, h := range d.Hirers {
		l.required(item(at+".hirers", i), h, "write one of SEEK's hirer ids")
	}
	l.checkSatisfiable(at+".event_types", d)
	l.oneOf(at+".duplicates", d.Duplicates, "ignore", "deliver")
}

// checkSatisfiable warns of a destination that no event can reach: none of the
// streams that it takes asks for any of its types.
func (l *loader) checkSatisfiable(path string, d *Destination) {
	taken := 0
	for _, s := range l.cfg.Streams {
		if len(d.Streams) > 0 && !slices.Contains(d.Streams, s.Name) {
			continue
		}
		taken++
		if _, both := overlap(d.EventTypes, s.EventTypes); both {
			return
		}
	}
	if taken > 0 {
		l.warn(path, "asks for what none of its streams brings, so nothing will be handed on; take a type that one of them has, or another stream")
	}
}

func (l *loader) checkStreamName(path, name string, earlier, known []string) {
	best := nearest(name, known)
	switch {
	case slices.Contains(earlier, name):
		l.problem(path, "is %s a second time; keep one", quote(name))
	case slices.Contains(known, name):
	case best != "":
		l.problem(path, "is %s, but no stream has that name; did you mean %s?", quote(name), best)
	case len(known) == 0: // said already, at streams
	default:
		l.problem(path, "is %s, but no stream has that name; the streams are %s", quote(name), strings.Join(known, ", "))
	}
}

// checkKind holds that a destination is of one kind, and checks that kind.
func (l *loader) checkKind(at string, d *Destination) {
	var kinds []string
	for _, k := range []string{"webhook", "exec", "directory"} {
		if l.set(at+"."+k) || l.bad[at+"."+k] {
			kinds = append(kinds, k)
		}
	}
	switch len(kinds) {
	case 0:
		l.problem(at, "has no kind; add one of webhook:, exec: and directory:")
	case 1:
	default:
		l.problem(at, "has %s; keep one, and make a destination of its own for each other", strings.Join(kinds, " and "))
	}
	if d.Webhook != nil {
		l.checkWebhook(at+".webhook", d)
	}
	if d.Exec != nil {
		l.checkExec(at+".exec", d.Exec)
	}
	if d.Directory != nil {
		l.checkDirectory(at+".directory", d.Directory)
	}
}

func (l *loader) checkExec(at string, e *Exec) {
	switch {
	case len(e.Command) == 0:
		l.problem(at+".command", "is missing; write a list: the program's absolute path, then its arguments")
	case !filepath.IsAbs(e.Command[0]):
		l.problem(item(at+".command", 0), "is not an absolute path; write one, since there is no shell that would look for the program")
	}
	l.timeout(at+".timeout", e.Timeout)
	l.count(at+".batch", e.Batch, 1000)
	l.count(at+".concurrency", e.Concurrency, 64)
	for _, name := range slices.Sorted(maps.Keys(e.Env)) {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			l.problem(join(at+".env", printable(name)), "is not a variable's name; write NAME: value")
		}
	}
}

func (l *loader) checkDirectory(at string, d *Directory) {
	l.path(at+".path", &d.Path, "write the path of a directory")
	l.group(at+".group", d.Group)
	if d.Mode&0o004 != 0 {
		l.warn(at+".mode", "is %s, so every user of this machine may read the events; 0640 with group: is narrower", d.Mode)
	}
	if l.bad[at+".path"] {
		return
	}
	info, err := os.Stat(d.Path)
	switch {
	case err == nil && !info.IsDir() || errors.Is(err, syscall.ENOTDIR):
		l.problem(at+".path", "is not a directory; write the path of one, or of one that is yet to be made")
	case errors.Is(err, os.ErrNotExist):
		l.warn(at+".path", "does not exist yet; make it and let the daemon's user write there, such as with: "+
			"install -d -m 0750 -o USER %s", shellWord(d.Path))
	}
}

// shellWord is a path as it can be pasted into a shell.
func shellWord(path string) string {
	switch {
	case plainPath.MatchString(path):
		return path
	case strings.ContainsFunc(path, func(r rune) bool { return r == '\'' || !unicode.IsPrint(r) }):
		return "DIRECTORY"
	}
	return "'" + path + "'"
}

var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// subscription is what the body of format seek has as its subscription id where
// the operator gives none: stable, and unlike any id of SEEK's.
func subscription(destination string) string {
	return fmt.Sprintf("seek-poller:webhookSubscription:%s", destination)
}
