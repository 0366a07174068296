package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"seekpoller/store"
)

// Explanation is what became of the event, or the events, that an id stands for.
type Explanation struct {
	ID        string     `json:"id"`
	By        string     `json:"by"`        // what the id is of: event, candidate, profile, position or hirer
	Timelines []Timeline `json:"timelines"` // newest event first, at most 10
	More      int        `json:"more"`      // further events with this id; at least so many if there are hundreds
	List      Text       `json:"list"`      // the command that lists them all; null for one event
}

const (
	mostExplained = 10
	mostCounted   = 500
)

// namings are the ways in which an event names what it is about.
var namings = [...]struct {
	name   string
	filter func(id string) store.EventFilter
}{
	{"candidate", func(id string) store.EventFilter { return store.EventFilter{Candidate: id} }},
	{"profile", func(id string) store.EventFilter { return store.EventFilter{Profile: id} }},
	{"position", func(id string) store.EventFilter { return store.EventFilter{Position: id} }},
	{"hirer", func(id string) store.EventFilter { return store.EventFilter{Hirer: id} }},
}

// explainEvents takes one id: of an event, or named as what it is. An id that is no event's is looked up as each of the others.
func (s *Server) explainEvents(r *http.Request) (any, error) {
	p := readParams(r)
	by, id := "", p.text("id")
	for _, n := range namings {
		if named := p.text(n.name); named != "" {
			if id != "" {
				p.wrong("explain takes one id; leave out %s, or the other", n.name)
			}
			by, id = n.name, named
		}
	}
	if id == "" {
		p.wrong("explain needs an id: of an event, a candidate, a profile, a position or a hirer")
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	return s.explain(r.Context(), id, by)
}

func (s *Server) explain(ctx context.Context, id, by string) (Explanation, error) {
	db := s.config.Load().Store
	if by == "" {
		e, err := db.Event(ctx, id)
		if err == nil {
			t, err := s.timeline(ctx, e)
			return Explanation{ID: id, By: "event", Timelines: []Timeline{t}}, err
		}
		if !errors.Is(err, store.ErrNotFound) {
			return Explanation{}, err
		}
	}
	for _, n := range namings {
		if by != "" && by != n.name {
			continue
		}
		f := n.filter(id)
		f.Limit = mostExplained
		found, err := db.Events(ctx, f)
		if err != nil {
			return Explanation{}, err
		}
		if len(found) == 0 {
			continue
		}
		all, err := db.CountEvents(ctx, f, mostCounted)
		if err != nil {
			return Explanation{}, err
		}
		return s.explainAll(ctx, id, n.name, found, all)
	}
	if by != "" {
		return Explanation{}, s.unknown(ctx, fmt.Sprintf("no event of the %s %s is stored", by, id))
	}
	return Explanation{}, s.unknown(ctx, "no event "+id+" is stored, and none that names it as its candidate, profile, position or hirer")
}

func (s *Server) explainAll(ctx context.Context, id, by string, found []store.Event, all int) (Explanation, error) {
	x := Explanation{ID: id, By: by, Timelines: []Timeline{}, More: max(all-len(found), 0), List: Text("seek-poller events list --" + by + " " + quoted(id))}
	for _, e := range found {
		t, err := s.timeline(ctx, e)
		if err != nil {
			return x, err
		}
		x.Timelines = append(x.Timelines, t)
	}
	return x, nil
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._/-") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// timeline reads all that is known of an event, in the order of time.
func (s *Server) timeline(ctx context.Context, e store.Event) (Timeline, error) {
	c := s.config.Load()
	h := history{event: e, now: c.Now().Wall, deeds: map[int64]store.Action{}}
	var err error
	if h.origin, err = c.Store.Origin(ctx, e); err != nil {
		return Timeline{}, err
	}
	if h.deliveries, _, err = c.Store.Deliveries(ctx, store.DeliveryFilter{EventID: e.ID}); err != nil {
		return Timeline{}, err
	}
	if h.attempts, err = c.Store.Attempts(ctx, e.ID, ""); err != nil {
		return Timeline{}, err
	}
	if h.destinations, err = c.Store.Destinations(ctx); err != nil {
		return Timeline{}, err
	}
	for _, d := range h.deliveries {
		if d.Action == 0 {
			continue
		}
		if h.deeds[d.Action], err = c.Store.Action(ctx, d.Action); err != nil && !errors.Is(err, store.ErrNotFound) {
			return Timeline{}, err
		}
	}
	h.tell()
	slices.SortStableFunc(h.steps, func(a, b Step) int {
		return a.At.Compare(b.At.Time)
	})
	return Timeline{Event: newEvent(e), Summary: h.summary(), Steps: h.steps}, nil
}
