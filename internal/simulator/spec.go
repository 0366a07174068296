package simulator

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Spec says what one event shall be; what is left zero is made up.
type Spec struct {
	// ID of the event; empty: a new one. An id that exists makes a duplicate: the same event again, at a later place,
	// with the same content unless Changed is set.
	ID      string
	Changed bool

	Type   string // type code; one that SEEK does not have makes an event of a type from the future
	Scheme string // empty: the first of Options.Schemes

	CreatedAt  time.Time // zero: a little before StreamedAt
	StreamedAt time.Time // zero: now. In the past: inserted behind what may have been served. In the future: appears then

	Refused []string // paths below node that answer null and FORBIDDEN, such as "candidate"
	Null    []string // paths below node that are plainly null

	// Unresolvable nulls the page that the event is on: "details" if more than the fields of the interface are
	// selected, "always" whatever is selected.
	Unresolvable string
	Redacted     bool // the candidate has deleted their data
}

// Types are the seven type codes that SEEK documents (https://developer.seek.com/events).
func Types() []string {
	return []string{"CandidateApplicationCreated", "CandidateProfilePurchased", "HirerRelationshipChanged", "PositionProfilePosted",
		"PositionProfileClosed", "PositionProfileUpdated", "PositionNotPosted"}
}

// objectField is the nullable object of each type, the one that SEEK withholds when a relationship is missing.
func objectField(typeCode string) string {
	switch typeCode {
	case "CandidateApplicationCreated":
		return "candidate"
	case "CandidateProfilePurchased":
		return "candidateProfile"
	case "HirerRelationshipChanged":
		return "hirer"
	case "PositionProfilePosted", "PositionProfileClosed", "PositionProfileUpdated":
		return "positionProfile"
	}
	return ""
}

// Add makes n new events, as of now, of all seven types. Unless Options.Plain is set a few are odd: refused or null
// objects, redacted people, old creation times, a type from the future; and a few older ones are repeated besides.
// It returns the new ids.
func (s *Server) Add(n int) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.add(n, func(int) time.Time { return s.o.Now() })
}

// AddHistory makes n new events like Add, spread evenly over the time from now-over to now.
func (s *Server) AddHistory(n int, over time.Duration) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	start := s.o.Now().Add(-over)
	return s.add(n, func(i int) time.Time { return start.Add(over / time.Duration(n) * time.Duration(i)) })
}

// AddEvents makes the events described, and returns their ids in that order.
func (s *Server) AddEvents(specs ...Spec) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for _, p := range specs {
		ids = append(ids, s.insert(p))
	}
	return ids
}

func (s *Server) add(n int, at func(i int) time.Time) []string {
	ids := make([]string, 0, n)
	for i := range n {
		ids = append(ids, s.insert(s.draw(at(i))))
		if !s.o.Plain && s.rng.IntN(100) == 0 {
			s.insert(Spec{ID: ids[s.rng.IntN(len(ids))], StreamedAt: at(i)})
		}
	}
	return ids
}

// draw makes up what kind of event comes next. Half of all events are applications.
func (s *Server) draw(at time.Time) Spec {
	types := Types()
	p := Spec{Type: types[0], StreamedAt: at}
	if s.rng.IntN(2) == 0 {
		p.Type = types[s.rng.IntN(len(types))]
	}
	if s.o.Plain {
		return p
	}
	switch s.rng.IntN(40) {
	case 0:
		p.Type = "CandidateMoodChanged"
	case 1, 2:
		p.Refused = some(objectField(p.Type))
	case 3, 4:
		p.Null = some(objectField(p.Type))
	case 5:
		p.Redacted = true
	case 6:
		p.CreatedAt = at.Add(-time.Duration(1+s.rng.IntN(30*24)) * time.Hour)
	}
	return p
}

func some(field string) []string {
	if field == "" {
		return nil
	}
	return []string{field}
}

// insert puts one event into the stream.
func (s *Server) insert(p Spec) string {
	e := s.newEntry(p)
	if old := s.stream.first[p.ID]; p.ID != "" && old != nil {
		streamed := e.streamed
		if content := e.content; !p.Changed {
			*e = *old
		} else {
			e.scheme, e.typeCode, e.created, e.content = old.scheme, old.typeCode, old.created, content
		}
		e.streamed = streamed
	}
	s.stream.insert(e)
	s.laws.inserted(e)
	return e.id
}

func (s *Server) newEntry(p Spec) *entry {
	e := &entry{scheme: p.Scheme, id: p.ID, typeCode: p.Type, created: p.CreatedAt, streamed: p.StreamedAt, content: s.rng.Uint64(),
		refused: p.Refused, null: p.Null, unresolvable: p.Unresolvable, redacted: p.Redacted}
	if e.scheme == "" {
		e.scheme = s.o.Schemes[0]
	}
	if e.typeCode == "" {
		e.typeCode = Types()[0]
	}
	if e.id == "" {
		e.id = objectID(s.rng, e.scheme, "event:events")
	}
	if e.streamed.IsZero() {
		e.streamed = s.o.Now()
	}
	if e.created.IsZero() {
		e.created = e.streamed.Add(-time.Duration(s.rng.IntN(5000)) * time.Millisecond)
	}
	// SEEK's times have milliseconds; ours must not differ from what the wire says.
	e.created, e.streamed = e.created.UTC().Truncate(time.Millisecond), e.streamed.UTC().Truncate(time.Millisecond)
	return e
}

// objectID makes an identifier that looks like SEEK's and, like SEEK's, is to be stored whole and never parsed.
func objectID(rng *rand.Rand, scheme, kind string) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	b := make([]byte, 22)
	for i := range b {
		b[i] = letters[rng.IntN(len(letters))]
	}
	return fmt.Sprintf("%s:%s:%s", scheme, kind, b)
}

// Events are the ids of all events that exist, each once, in the order of the stream.
func (s *Server) Events() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]bool{}
	var ids []string
	for _, e := range s.stream.entries {
		if !seen[e.id] {
			seen[e.id] = true
			ids = append(ids, e.id)
		}
	}
	return ids
}
