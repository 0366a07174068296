package poller_test

import (
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
)

// TestHirerFilter: a destination for some hirers gets their events and those whose hirer SEEK does not tell, and no others.
func TestHirerFilter(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.destinations = []poller.Destination{{Name: "all"}}
		w.seek.Add(90)
		w.live(10 * time.Minute)
		db := w.shell()
		var hirer string
		w.must(db.QueryRow("SELECT hirer_id FROM events WHERE hirer_id IS NOT NULL GROUP BY hirer_id ORDER BY count(*) DESC LIMIT 1").Scan(&hirer))
		db.Close()

		w.destinations = []poller.Destination{{Name: "all"}, {Name: "one", Hirers: []string{hirer}}}
		w.seek.Add(90)
		w.live(30 * time.Minute)
		const one = "SELECT count(*) FROM events e JOIN outbox o ON o.seq = e.seq AND o.destination = 'one' WHERE "
		if n := w.count(one + "e.hirer_id <> '" + hirer + "'"); n != 0 {
			t.Errorf("%d events of other hirers", n)
		}
		if n := w.count(one + "e.hirer_id = '" + hirer + "'"); n == 0 {
			t.Error("no event of its hirer")
		}
		if n := w.count("SELECT count(*) FROM events e WHERE e.hirer_id IS NULL AND seq > 90 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = e.seq AND o.destination = 'one')"); n != 0 {
			t.Errorf("%d events whose hirer is unknown were kept from it", n)
		}
		if n := w.count("SELECT count(*) FROM events WHERE hirer_id IS NULL AND seq > 90"); n == 0 {
			t.Error("no event without a hirer came: this run proved little")
		}
	})
}

// TestDuplicates: an event that SEEK sends again is owed again to the destination that wants it, and counted for all.
func TestDuplicates(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.destinations = []poller.Destination{{Name: "once"}, {Name: "each time", Again: true}}
		ids := w.seek.Add(10)
		w.live(5 * time.Minute)
		w.exec("UPDATE outbox SET due_at = NULL, attempts = 1, first_attempt_at = created_at, delivered_at = created_at")
		w.seek.AddEvents(simulator.Spec{ID: ids[3]}, simulator.Spec{ID: ids[7]})
		w.live(30 * time.Minute)
		if n := w.count("SELECT count(*) FROM outbox WHERE destination = 'once' AND due_at IS NOT NULL"); n != 0 {
			t.Errorf("%d owed again to the one that wants events once", n)
		}
		if n := w.count("SELECT count(*) FROM outbox WHERE destination = 'each time' AND due_at IS NOT NULL"); n != 2 {
			t.Errorf("%d owed again to the one that wants duplicates, want 2", n)
		}
		if n := w.count("SELECT count(*) FROM events WHERE seen_again = 1"); n != 2 {
			t.Errorf("%d events are noted as seen again, want 2", n)
		}
	})
}
