package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
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
	if len(d.Hirers) > 0 {
		l.notYet(at+".hirers", "remove the key, and expect the events of all hirers")
	}
	l.oneOf(at+".duplicates", d.Duplicates, "ignore", "deliver")
	if d.Duplicates == "deliver" {
		l.notYet(at+".duplicates", "write ignore, or remove the key")
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
	l.notYet(at, "use webhook: or directory:")
	switch {
	case len(e.Command) == 0:
		l.problem(at+".command", "is missing; write a list: the program's absolute path, then its arguments")
	case !filepath.IsAbs(e.Command[0]):
		l.problem(item(at+".command", 0), "is not an absolute path; write one, since there is no shell and no PATH")
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
	if !l.bad[at+".path"] && notDirectory(d.Path) {
		l.problem(at+".path", "is not a directory; write the path of one, or of one that is yet to be made")
	}
}

// subscription is what the body of format seek has as its subscription id where
// the operator gives none: stable, and unlike any id of SEEK's.
func subscription(destination string) string {
	return fmt.Sprintf("seek-poller:webhookSubscription:%s", destination)
}
