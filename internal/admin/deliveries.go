package admin

import (
	"net/http"

	"seekpoller/store"
)

// Deliveries is one page of a list, newest arrival first. It may have fewer rows than were asked for, even none, and still a next page.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       Text       `json:"next"` // the mark of the next page; null: this was the last
}

// Attempts are the tries at handing one event on, newest first.
type Attempts struct {
	Attempts []Attempt `json:"attempts"`
}

// Destinations are how each destination fares.
type Destinations struct {
	Destinations []Destination `json:"destinations"`
}

// Actions is one page of what people did, newest first.
type Actions struct {
	Actions []Action `json:"actions"`
	Next    Text     `json:"next"`
}

// deliveryRoutes are what is asked about deliveries, destinations and the record of deeds.
func (s *Server) deliveryRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /api/v1/deliveries", s.answer(s.listDeliveries))
	m.HandleFunc("GET /api/v1/attempts", s.answer(s.listAttempts))
	m.HandleFunc("GET /api/v1/destinations", s.answer(s.listDestinations))
	m.HandleFunc("GET /api/v1/actions", s.answer(s.listActions))
}

// DeliveryStates are the words for how a delivery stands.
var DeliveryStates = [...]string{"pending", "retrying", "parked", "delivered", "dead", "discarded"}

func (s *Server) listDeliveries(r *http.Request) (any, error) {
	p := readParams(r)
	f := store.DeliveryFilter{
		EventID: p.text("event"), Destination: p.text("destination"), State: p.oneOf("state", DeliveryStates[:]...), Stream: p.text("stream"), Type: p.text("type"),
		Since: p.time("since"), Until: p.time("until"), Before: parsed(p, "before", store.ParseDeliveryMark), Limit: p.limit(),
	}
	if err := p.end(); err != nil {
		return nil, err
	}
	if err := s.checkStream(r.Context(), f.Stream); err != nil {
		return nil, err
	}
	if err := s.checkDestination(r.Context(), f.Destination); err != nil {
		return nil, err
	}
	if f.EventID != "" {
		if _, err := s.event(r.Context(), f.EventID); err != nil {
			return nil, err
		}
	}
	found, next, err := s.config.Load().Store.Deliveries(r.Context(), f)
	return Deliveries{rowsOf(found, newDelivery), Text(next.String())}, err
}

func (s *Server) listAttempts(r *http.Request) (any, error) {
	p := readParams(r)
	event, destination := p.text("event"), p.text("destination")
	if err := p.end(); err != nil {
		return nil, err
	}
	if _, err := s.event(r.Context(), event); err != nil {
		return nil, err
	}
	if err := s.checkDestination(r.Context(), destination); err != nil {
		return nil, err
	}
	found, err := s.config.Load().Store.Attempts(r.Context(), event, destination)
	return Attempts{rowsOf(found, newAttempt)}, err
}

func (s *Server) listDestinations(r *http.Request) (any, error) {
	if err := readParams(r).end(); err != nil {
		return nil, err
	}
	report, err := s.Report(r.Context())
	return Destinations{report.Destinations}, err
}

func (s *Server) listActions(r *http.Request) (any, error) {
	p := readParams(r)
	before, limit := p.number("before", 0), p.limit()
	if err := p.end(); err != nil {
		return nil, err
	}
	found, err := s.config.Load().Store.Actions(r.Context(), before, limit)
	list := Actions{Actions: rowsOf(found, newAction)}
	if len(found) == limit {
		list.Next = nextID(found[limit-1].ID)
	}
	return list, err
}
