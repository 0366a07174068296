package admin

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

// eventList is what the search shows.
type eventList struct {
	chooser
	Now     time.Time
	Unknown string // the id that nothing is stored under; "": a list was asked for
	Rows    []foundEvent
	Older   string // the address of the next page; ""
	Later   bool   // this is not the first page
}

// foundEvent is an event in a list.
type foundEvent struct {
	store.Event
	Ids []identifier
}

// searchPage finds events: by any id in the one box, or by what the form offers.
func (s *Server) searchPage(r *http.Request, sh *sheet) error {
	p := readParams(r)
	l := eventList{chooser: p.chooser(), Now: sh.At}
	l.Candidate, l.Profile, l.Position, l.Hirer = p.text("candidate"), p.text("profile"), p.text("position"), p.text("hirer")
	q, mark := strings.TrimSpace(p.text("q")), p.text("before")
	if err := p.end(); err != nil {
		return err
	}
	before, err := store.ParseMark(mark)
	if err != nil {
		return badRequest("before "+err.Error(), "")
	}
	l.Later = mark != ""
	c := s.config.Load()
	if err := l.offer(r.Context(), c.Store); err != nil {
		return err
	}
	sh.Title, sh.Query = "Events", q
	if q != "" {
		l.Unknown = q
		sh.Body = l
		return l.resolve(r.Context(), c.Store, q)
	}
	if l.State != "" && !l.byID() {
		return elsewhere{l.address("/deliveries")} // few deliveries of many may be in a state: they know it themselves
	}
	if err := l.read(r.Context(), c.Store, before); err != nil {
		return err
	}
	sh.Body = l
	return nil
}

// First is the address of the first page.
func (l eventList) First() string { return l.address("/search") }

func (l *eventList) byID() bool { return l.Candidate+l.Profile+l.Position+l.Hirer != "" }

// resolve finds out what an id is an id of, and says where that is shown. nil: nothing is stored under it.
func (l *eventList) resolve(ctx context.Context, s *store.Store, id string) error {
	_, err := s.Event(ctx, id)
	if err == nil {
		return elsewhere{address("/event", "id", id)}
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, n := range namings {
		f := n.filter(id)
		f.Limit = 1
		found, err := s.Events(ctx, f)
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return elsewhere{address("/search", n.name, id)}
		}
	}
	switch {
	case slices.Contains(l.Types, id):
		return elsewhere{address("/search", "type", id)}
	case slices.Contains(l.Streams, id):
		return elsewhere{address("/search", "stream", id)}
	}
	return nil
}

func (l *eventList) read(ctx context.Context, s *store.Store, before store.Mark) error {
	found, err := s.Events(ctx, store.EventFilter{
		Stream: l.Stream, Type: l.Type, Candidate: l.Candidate, Profile: l.Profile, Position: l.Position, Hirer: l.Hirer,
		Since: l.Since, Until: l.Until, Before: before, Limit: rowsShown,
	})
	if err != nil {
		return err
	}
	if len(found) == rowsShown {
		l.Older = l.address("/search", "before", found[len(found)-1].Mark().String())
	}
	for _, e := range found {
		if l.State != "" {
			some, _, err := s.Deliveries(ctx, store.DeliveryFilter{EventID: e.ID, State: l.State})
			if err != nil {
				return err
			}
			if len(some) == 0 {
				continue
			}
		}
		l.Rows = append(l.Rows, foundEvent{e, identifiersOf(e)})
	}
	return nil
}

// identifier is one of SEEK's ids on an event, and where the events are that share it.
type identifier struct {
	Name, Value string
	Link        string // "": it is not searched by
}

// searchedBy are the identifiers that events are found by. Where an event has several of one kind, it is found by the first.
var searchedBy = []struct {
	parameter string
	names     []string
}{
	{"candidate", []string{"candidateId"}},
	{"profile", []string{"candidateApplicationProfileId", "candidateProfileId"}},
	{"position", []string{"positionProfileId", "associatedPositionProfileId", "seekPartnerPositionId"}},
}

func identifiersOf(e store.Event) []identifier {
	var raw map[string]json.RawMessage
	_ = json.Unmarshal(e.Identifiers, &raw) // the store took only JSON; what is no object has no names
	values := map[string]string{}
	for name, text := range raw {
		var value string
		if json.Unmarshal(text, &value) != nil {
			value = string(text)
		}
		values[name] = value
	}
	links := map[string]string{}
	for _, by := range searchedBy {
		if i := slices.IndexFunc(by.names, func(name string) bool { return values[name] != "" }); i >= 0 {
			links[by.names[i]] = address("/search", by.parameter, values[by.names[i]])
		}
	}
	var all []identifier
	for _, name := range slices.Sorted(maps.Keys(values)) {
		all = append(all, identifier{name, values[name], links[name]})
	}
	return all
}
