package store_test

import (
	"testing"

	"seekpoller/store"
)

// wantedAgain is an event that a destination takes each time SEEK sends it.
func wantedAgain(n int) store.Event {
	e := event(n)
	e.Destinations, e.Again = []string{"ats"}, []string{"ats"}
	return e
}

// An event that SEEK sends again is owed anew to those who want that, with all its tries before it; one that is still owed, and one whose
// destination does not want it, stay as they are.
func TestKnownEventIsOwedAgain(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, events(1, 3, "ats", "spool")...)
	claimed := w.claim("ats", 2)
	w.settle("ats", w.result(claimed[0], store.Delivered), w.result(claimed[1], store.Dead))
	spooled := w.claim("spool", 3)
	w.settle("spool", w.result(spooled[0], store.Delivered), w.result(spooled[1], store.Delivered), w.result(spooled[2], store.Delivered))

	saved := w.fetch(c.ID, "p2", true, wantedAgain(1), wantedAgain(2), wantedAgain(3), wantedAgain(4))
	if saved.Fresh != 1 || saved.Known != 3 || saved.Again != 2 || saved.Deliveries != 1 {
		t.Errorf("saved %+v, want 1 fresh, 3 known of which 2 owed again", saved)
	}
	if got := w.claim("spool", 10); len(got) != 0 {
		t.Errorf("owed again to a destination that does not want it: %v", seqs(got))
	}
	again := w.claim("ats", 10)
	if len(again) != 4 {
		t.Fatalf("claimed %v, want all four", seqs(again))
	}
	for i, want := range []struct{ attempt, try int }{{2, 1}, {2, 1}, {1, 1}, {1, 1}} {
		if d := again[i]; d.Attempt != want.attempt || d.Try != want.try || d.Refusals != 0 || !d.FirstAttemptAt.Equal(w.clock.wall) {
			t.Errorf("event %d: attempt %d, try %d, refusals %d, first tried %v; want attempt %d, try %d, now", i+1, d.Attempt, d.Try, d.Refusals, d.FirstAttemptAt, want.attempt, want.try)
		}
	}
	for _, d := range again {
		w.settle("ats", w.result(d, store.Delivered))
	}
	if n := w.count("SELECT count(*) FROM attempts WHERE destination = 'ats'"); n != 6 {
		t.Errorf("%d attempts recorded, want 6: none is overwritten", n)
	}
}

// The result of an attempt of before settles nothing of the delivery that is owed anew.
func TestLateResultOfBeforeSettlesNothingAnew(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, events(1, 1, "ats")...)
	first := w.claim("ats", 1)[0]
	w.settle("ats", w.result(first, store.Delivered))
	w.fetch(c.ID, "p2", true, wantedAgain(1))
	if got := w.settle("ats", w.result(first, store.Delivered)); got.Applied != 0 {
		t.Errorf("settled %+v, want nothing applied", got)
	}
	if n := w.count("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL"); n != 1 {
		t.Errorf("%d deliveries owed, want 1", n)
	}
}
