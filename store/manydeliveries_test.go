package store_test

import (
	"testing"

	"seekpoller/store"
)

// TestDeedOnManyDeliveries: a deed goes on behind the deliveries that one read of it takes, and ends.
func TestDeedOnManyDeliveries(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	const many = 1203 // more than two reads
	for from := 1; from <= many; from += 401 {
		w.fetch(c.ID, "p", true, events(from, 401, "ats", "spool")...)
		c = w.cursor(c.ID)
	}
	all := store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Owed, store.Dead}}
	last := all
	last.Events.Candidate = "c1200"
	a, err := w.s.Discard(t.Context(), w.deed("deliveries discard"), last) // behind two reads of which it takes none
	w.must(err)
	if a.Rows != 1 {
		t.Errorf("%d deliveries of one event discarded", a.Rows)
	}
	a, err = w.s.Discard(t.Context(), w.deed("deliveries discard"), all)
	w.must(err)
	if a.Rows != many-1 || w.count("SELECT count(*) FROM outbox WHERE discarded_at IS NOT NULL AND destination = 'ats'") != many {
		t.Errorf("%d deliveries discarded, want %d", a.Rows, many)
	}
	w.checkCounts()
}
