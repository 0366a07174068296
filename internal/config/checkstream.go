package config

import (
	"regexp"
	"slices"
	"time"
)

// horizon is how long SEEK keeps an event (https://developer.seek.com/events/polling).
const horizon = 90 * day

// eventTypes are the type codes that SEEK documents
// (https://developer.seek.com/schema/named-type/Event). SEEK adds to them without
// notice, so an unknown one is a warning.
var eventTypes = [...]string{
	"CandidateApplicationCreated", "CandidateProfilePurchased", "HirerRelationshipChanged", "PositionNotPosted",
	"PositionProfileClosed", "PositionProfilePosted", "PositionProfileUpdated",
}

var (
	goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
	goodType = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,254}$`)
)

func (l *loader) checkStreams() {
	streams := l.cfg.Streams
	if len(streams) == 0 {
		l.problem("streams", "has no stream; add one with name, scheme and start, as in config.example.yaml")
	}
	for i, s := range streams {
		at := item("streams", i)
		l.name(at+".name", s.Name, namesOf(streams[:i]), "stream")
		l.checkScheme(at+".scheme", s.Scheme)
		l.types(at+".event_types", s.EventTypes)
		l.checkOverlap(i)
		l.checkSchedule(at+".schedule", s.Schedule)
		l.checkStart(at+".start", s.Start)
		if s.Reconcile != nil {
			l.checkReconcile(at+".reconcile", *s.Reconcile)
		}
	}
}

// checkReconcile keeps the window within what SEEK can still give.
func (l *loader) checkReconcile(path string, r Reconcile) {
	const remedy = `write when, such as "0 3 * * 0" for Sundays at 03:00 UTC, or remove reconcile:`
	switch at := path + ".schedule"; {
	case r.Schedule.Schedule != nil:
		l.checkSchedule(at, r.Schedule)
	case !l.bad[at]:
		l.problem(at, "is missing; %s", remedy)
	}
	if r.Window < Duration(time.Hour) || r.Window > horizon {
		l.problem(path+".window", "is %s; write 1h to 90d, which is how long SEEK keeps an event", r.Window)
	}
}

func namesOf(streams []Stream) []string {
	names := make([]string, len(streams))
	for i, s := range streams {
		names[i] = s.Name
	}
	return names
}

// name checks the name of a stream or destination. It ends up in file names,
// metrics and command lines, hence the few characters.
func (l *loader) name(path, name string, earlier []string, what string) {
	switch {
	case !l.required(path, name, "write a short name for this "+what):
	case !goodName.MatchString(name):
		l.problem(path, "is %s; write up to 63 letters, digits, dots, hyphens or underscores, beginning with a letter or digit", quote(name))
	case slices.Contains(earlier, name):
		first := item(what+"s", slices.Index(earlier, name)) + ".name"
		l.problem(path, "is %s, as on line %d; give each %s a name of its own", quote(name), l.origin(first).line, what)
	}
}

// types checks a list of event type codes.
func (l *loader) types(path string, types []string) {
	for i, t := range types {
		at := item(path, i)
		switch {
		case !goodType.MatchString(t):
			l.problem(at, "is %s; write a type code such as CandidateApplicationCreated", quote(t))
		case slices.Contains(types[:i], t):
			l.problem(at, "is %s a second time; keep one", quote(t))
		case !slices.Contains(eventTypes[:], t):
			l.warnType(at, t)
		}
	}
}

func (l *loader) warnType(path, t string) {
	if best := nearest(t, eventTypes[:]); best != "" {
		l.warn(path, "%s is an event type that this version does not know; did you mean %s?", quote(t), best)
		return
	}
	l.warn(path, "%s is an event type that this version does not know; it is asked for all the same", quote(t))
}

// checkOverlap holds that an event belongs to one stream: two streams of one
// scheme may not take the same type.
func (l *loader) checkOverlap(i int) {
	mine := l.cfg.Streams[i]
	path := item("streams", i) + ".event_types"
	for j, other := range l.cfg.Streams[:i] {
		shared, both := overlap(mine.EventTypes, other.EventTypes)
		if !both || mine.Scheme != other.Scheme || l.bad[path] || l.bad[item("streams", j)+".event_types"] {
			continue
		}
		line := l.origin(item("streams", j)).line
		l.problem(path, "takes %s, and so does the stream %s on line %d; "+
			"a type of one scheme belongs to one stream, so give each its own types (none listed means all)", shared, quote(other.Name), line)
	}
}

// overlap names a type that both lists take; an empty list takes all.
func overlap(a, b []string) (string, bool) {
	switch {
	case len(a) == 0 && len(b) == 0:
		return "all types", true
	case len(a) == 0:
		return b[0], true
	case len(b) == 0:
		return a[0], true
	}
	i := slices.IndexFunc(a, func(t string) bool { return slices.Contains(b, t) })
	if i < 0 {
		return "", false
	}
	return a[i], true
}

// checkSchedule refuses a schedule that never fires, such as the 30th of
// February, and warns of one so rare that events expire between two runs.
func (l *loader) checkSchedule(path string, s Schedule) {
	if l.bad[path] || s.Schedule == nil {
		return
	}
	next := s.Next(l.now.UTC())
	for range 3 {
		if next.IsZero() {
			l.problem(path, `never fires; write one that does, such as "*/15 * * * *"`)
			return
		}
		after := s.Next(next)
		if gap := after.Sub(next); gap > time.Duration(horizon/2) {
			l.warn(path, "leaves %d days between two runs; SEEK keeps an event for 90 days", gap/time.Duration(day))
			return
		}
		next = after
	}
}

// checkStart lets an old time pass with a warning: it was right when the stream
// began, and a daemon must not refuse to restart because months went by.
func (l *loader) checkStart(path string, s Start) {
	switch {
	case l.bad[path]:
	case s.Kind == "":
		l.problem(path, "is missing; write earliest (all that SEEK still has, up to 90 days), now, or a time such as 2026-01-31T09:00:00Z")
	case s.Kind == StartAt && s.At.After(l.now):
		l.problem(path, "is in the future; write now, or a time that has passed")
	case s.Kind == StartAt && l.now.Sub(s.At) > time.Duration(horizon):
		l.warn(path, "is more than 90 days ago, and SEEK keeps an event for 90 days; a new stream begins with the oldest that is left")
	}
}
