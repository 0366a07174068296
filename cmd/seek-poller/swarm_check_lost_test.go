package main

import (
	"database/sql"
	"slices"

	"seekpoller/internal/simulator"
)

// compare sets what SEEK owed against what is stored. An event that SEEK could not give even alone, with no more than every event has, is not lost if the
// database says so at its place.
func (s *swarm) compare(db *sql.DB) simulator.Comparison {
	c := simulator.Compare(s.seek, s.stored(db))
	if len(c.Lost) == 0 {
		return c
	}
	refused := map[string]string{} // by event, its place
	for _, q := range s.seek.Queries() {
		if q.Fault == "null-node" && q.First == 1 && q.Selection == "interface" && len(q.Served) == 1 {
			refused[q.Served[0]] = q.EndCursor
		}
	}
	c.Lost = slices.DeleteFunc(c.Lost, func(id string) bool {
		place := refused[id]
		return place != "" && s.number(db, "SELECT count(*) FROM events WHERE type = 'missing' AND id = ?", "cursor:"+place) == 1
	})
	return c
}
