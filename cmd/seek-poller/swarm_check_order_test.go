package main

import (
	"database/sql"

	"seekpoller/internal/simulator"
)

// arrival is where an event stands in the order in which events came in.
type arrival struct {
	seq     int64
	kind    string
	request string // of the query that brought it
}

// noteArrivals learns of the events that came in since the last look.
func (s *swarm) noteArrivals(db *sql.DB) {
	rows := s.rows(db, "SELECT e.id, e.seq, e.type, q.request_id FROM events e JOIN queries q ON q.id = e.query_id WHERE e.seq > ?", s.seq)
	defer rows.Close()
	for rows.Next() {
		var id string
		var a arrival
		if err := rows.Scan(&id, &a.seq, &a.kind, &a.request); err != nil {
			s.t.Fatal(err)
		}
		s.order[id] = a
	}
}

// checkOrder: a receiver that is sent one thing at a time hears of events that were never tried in the order in which they came in; in SEEK's format,
// whose requests have one type each, of those of a type. Whatever happened since an event came in may have held it up: a crash leaves it to its lease, and a person may decide otherwise.
func (s *swarm) checkOrder(g *target, t *taken, id string, a simulator.Attempt) {
	came, known := s.order[id]
	brought, logged := s.byRequest[came.request]
	if !g.single || !known || !logged || s.restored {
		return
	}
	kind := ""
	if g.receiver != nil {
		kind = came.kind
	}
	if last := t.first[kind]; came.seq > last || !s.near(brought.Ended, a.At) {
		s.holds("I12 order", came.seq > last, "%s first heard of event %d, %s, after event %d", g.name, came.seq, id, last)
	}
	t.first[kind] = max(t.first[kind], came.seq)
}
