package simulator

import (
	"encoding/base64"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"
)

// entry is one place in the stream. Two entries may carry the same event id.
type entry struct {
	serial            int
	scheme, id        string
	typeCode          string
	created, streamed time.Time
	content           uint64 // what the made-up details follow from
	refused, null     []string
	unresolvable      string
	redacted          bool
}

// stream holds the entries in the order in which they are served: by stream time, then by arrival.
type stream struct {
	o        Options
	entries  []*entry
	bySerial []*entry
	first    map[string]*entry // by id: the first entry that carried it
	profiles map[string]*entry // by the id of the candidate profile that the entry tells of
}

func newStream(o Options) stream {
	return stream{o: o, first: map[string]*entry{}, profiles: map[string]*entry{}}
}

// less is the order of the stream.
func (e *entry) less(f *entry) bool {
	if !e.streamed.Equal(f.streamed) {
		return e.streamed.Before(f.streamed)
	}
	return e.serial < f.serial
}

func (s *stream) insert(e *entry) {
	e.serial = len(s.bySerial)
	s.bySerial = append(s.bySerial, e)
	if s.first[e.id] == nil {
		s.first[e.id] = e
	}
	if kind, _, _ := profileOf(e.typeCode); kind != "" {
		s.profiles[maker{e: e}.id(kind)] = e
	}
	s.entries = slices.Insert(s.entries, s.after(e), e)
}

// after is the index of the first entry that comes later than e.
func (s *stream) after(e *entry) int {
	return sort.Search(len(s.entries), func(i int) bool { return e.less(s.entries[i]) })
}

// cursor is opaque to clients.
func (e *entry) cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s|%08x", e.scheme, e.serial*7+3))
}

// find is the entry of a cursor, nil if there is none.
func (s *stream) find(cursor string) *entry {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	_, number, ok := strings.Cut(string(b), "|")
	var n int
	if err != nil || !ok {
		return nil
	}
	if _, err := fmt.Sscanf(number, "%x", &n); err != nil || n%7 != 3 || n/7 >= len(s.bySerial) {
		return nil
	}
	if e := s.bySerial[n/7]; e.cursor() == cursor {
		return e
	}
	return nil
}

// selection is what one events field asks for.
type selection struct {
	scheme       string
	types        []string
	after        string
	since, until time.Time
	first        int
}

type page struct {
	entries []*entry
	hasNext bool
}

func (q selection) matches(e *entry) bool {
	return e.scheme == q.scheme &&
		(len(q.types) == 0 || slices.Contains(q.types, e.typeCode)) &&
		(q.since.IsZero() || e.streamed.After(q.since)) &&
		(q.until.IsZero() || e.streamed.Before(q.until))
}

// page answers a selection as of now. The error is for the client: its cursor or its argument is wrong.
func (s *stream) page(q selection, now time.Time) (page, error) {
	low, high, err := s.bounds(q, now)
	if err != nil {
		return page{}, err
	}
	var p page
	for i := low; i < high; i++ {
		if !q.matches(s.entries[i]) {
			continue
		}
		if len(p.entries) == q.first {
			p.hasNext = true
			break
		}
		p.entries = append(p.entries, s.entries[i])
	}
	return p, nil
}

// bounds turns cursors, age and the present into a range of indexes. What lies in the future is not there yet.
func (s *stream) bounds(q selection, now time.Time) (low, high int, err error) {
	high = sort.Search(len(s.entries), func(i int) bool { return s.entries[i].streamed.After(now) })
	if s.o.Retention > 0 {
		low = s.startOf(now.Add(-s.o.Retention))
	}
	if !q.since.IsZero() {
		low = max(low, s.startOf(q.since))
	}
	if q.after != "" {
		e := s.find(q.after)
		if e == nil || s.gone(e, now) {
			return 0, 0, fmt.Errorf("the cursor in argument 'after' is not valid")
		}
		low = max(low, s.after(e))
	}
	return low, high, nil
}

func (s *stream) startOf(t time.Time) int {
	return sort.Search(len(s.entries), func(i int) bool { return !s.entries[i].streamed.Before(t) })
}

func (s *stream) gone(e *entry, now time.Time) bool {
	return s.o.Retention > 0 && e.streamed.Before(now.Add(-s.o.Retention))
}
