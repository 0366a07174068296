package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"seekpoller/store"
)

// Events is one page of a list, newest first by SEEK's time on the stream.
type Events struct {
	Events []Event `json:"events"`
	Next   Text    `json:"next"` // the mark of the next page; null: this was the last
}

// EventDetail is one event and its deliveries.
type EventDetail struct {
	Event
	Deliveries []Delivery `json:"deliveries"`
}

// eventRoutes are what is asked about events.
func (s *Server) eventRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /api/v1/events", s.answer(s.listEvents))
	m.HandleFunc("GET /api/v1/event", s.answer(s.showEvent))
	m.HandleFunc("GET /api/v1/explain", s.answer(s.explainEvents))
}

func (s *Server) listEvents(r *http.Request) (any, error) {
	p := readParams(r)
	f := store.EventFilter{
		Stream: p.text("stream"), Type: p.text("type"), Candidate: p.text("candidate"), Profile: p.text("profile"), Position: p.text("position"), Hirer: p.text("hirer"),
		Since: p.time("since"), Until: p.time("until"), Before: parsed(p, "before", store.ParseMark), Limit: p.limit(),
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	if err := s.checkStream(r.Context(), f.Stream); err != nil {
		return nil, err
	}
	found, err := s.config.Load().Store.Events(r.Context(), f)
	list := Events{Events: rowsOf(found, newEvent)}
	if len(found) == f.Limit {
		list.Next = Text(found[len(found)-1].Mark().String())
	}
	return list, err
}

// parsed reads a parameter that has a form of its own.
func parsed[T any](p *params, name string, parse func(string) (T, error)) T {
	v, err := parse(p.text(name))
	if err != nil {
		p.wrong("%s %s", name, err)
	}
	return v
}

func (s *Server) showEvent(r *http.Request) (any, error) {
	p := readParams(r)
	id := p.text("id")
	if err := p.end(); err != nil {
		return nil, err
	}
	e, err := s.event(r.Context(), id)
	if err != nil {
		return nil, err
	}
	deliveries, _, err := s.config.Load().Store.Deliveries(r.Context(), store.DeliveryFilter{EventID: e.ID})
	return EventDetail{newEvent(e), rowsOf(deliveries, newDelivery)}, err
}

// event reads one event; if there is none, the error says what that may mean.
func (s *Server) event(ctx context.Context, id string) (store.Event, error) {
	e, err := s.config.Load().Store.Event(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return e, s.unknown(ctx, "no event "+id+" is stored")
	}
	return e, err
}

// unknown is the answer when nothing is found: what, and what it may mean as things stand.
func (s *Server) unknown(ctx context.Context, what string) error {
	r, err := s.Report(ctx)
	if err != nil {
		return err
	}
	lines := []string{what, "SEEK may not have put it on its stream yet, or it is on a page that was not asked for yet:"}
	for _, stream := range r.Streams {
		lines = append(lines, "  "+stream.Name+s.polled(stream.Name)+": "+stream.State)
	}
	lines = append(lines, "or it is of a scheme or type that is not polled, or from before the stream's start, or SEEK has forgotten it, which it does after 90 days")
	return &Error{Status: http.StatusNotFound, What: strings.Join(lines, "\n"), Todo: "compare the id, and see seek-poller status"}
}

// polled is which scheme and types a stream has, where the config is known.
func (s *Server) polled(stream string) string {
	c, known := s.stream(stream)
	if !known {
		return ""
	}
	types := "all types"
	if len(c.Types) > 0 {
		types = strings.Join(c.Types, ", ")
	}
	return " (" + c.Scheme + ", " + types + ")"
}

// checkStream and checkDestination keep a mistyped name from looking like an empty list.
func (s *Server) checkStream(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	all, err := s.config.Load().Store.Cursors(ctx)
	if err != nil {
		return err
	}
	names := rowsOf(all, func(c store.Cursor) string { return c.Stream })
	slices.Sort(names)
	return among("stream", name, slices.Compact(names))
}

func (s *Server) checkDestination(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	all, err := s.config.Load().Store.Destinations(ctx)
	if err != nil {
		return err
	}
	return among("destination", name, rowsOf(all, func(d store.Destination) string { return d.Name }))
}

func among(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	there := "there is none"
	if len(names) > 0 {
		there = "there are: " + strings.Join(names, ", ")
	}
	return &Error{Status: http.StatusNotFound, What: "there is no " + what + " " + name, Todo: there}
}
