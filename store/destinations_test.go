package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

func TestHealth(t *testing.T) {
	w := stocked(t, 6)
	claimed := w.claim("ats", 6)
	fail := func(i int, request string) store.Settlement {
		s := w.result(claimed[i], store.Retry)
		s.RequestID, s.Status, s.Detail = request, 503, strings.Repeat("ü", 600)
		return s
	}
	w.settle("ats", fail(0, "r1"), fail(1, "r1"), fail(2, "r2"))
	d := w.destination("ats")
	if d.Failures != 2 || d.LastError != strings.Repeat("ü", 500) || d.LastFailureAt.IsZero() || !d.LastSuccessAt.IsZero() {
		t.Errorf("after two requests failed: %+v", d)
	}
	w.settle("ats", w.result(claimed[3], store.Delivered), fail(4, "r3"))
	if d = w.destination("ats"); d.Failures != 1 || d.LastSuccessAt.IsZero() {
		t.Errorf("after a success and a failure: %+v", d)
	}
	w.settle("ats", w.result(claimed[5], store.Delivered))
	if d = w.destination("ats"); d.Failures != 0 || d.Delivered != 2 {
		t.Errorf("after a success: %+v", d)
	}
	until := w.clock.wall.Add(time.Hour + time.Nanosecond)
	w.must(w.s.HoldDestination(context.Background(), "ats", until))
	w.restart()
	if d = w.destination("ats"); !d.NotBefore.Equal(w.clock.wall.Add(time.Hour + time.Millisecond)) {
		t.Errorf("held until %v", d.NotBefore)
	}
	w.must(w.s.HoldDestination(context.Background(), "ats", time.Time{}))
	if d = w.destination("ats"); !d.NotBefore.IsZero() {
		t.Errorf("held until %v", d.NotBefore)
	}
}

func TestParkedAndRemovedDestinations(t *testing.T) {
	ctx := context.Background()
	w := stocked(t, 3)
	expect := func(state string, owed, claims int) {
		t.Helper()
		if d := w.destination("ats"); d.State != state {
			t.Errorf("state %s, want %s", d.State, state)
		}
		word := "pending"
		if state != store.Active {
			word = "parked"
		}
		rows, _, err := w.s.Deliveries(ctx, store.DeliveryFilter{State: word})
		w.must(err)
		if len(rows) != owed {
			t.Errorf("%s: %d deliveries are %s, want %d", state, len(rows), word, owed)
		}
		if _, ok, err := w.s.NextDue(ctx, "ats", w.clock.wall); err != nil || ok != (claims > 0) {
			t.Errorf("%s: next due %v %v", state, ok, err)
		}
		if got := w.claim("ats", 10); len(got) != claims {
			t.Errorf("%s: claimed %d", state, len(got))
		}
	}
	d := w.claim("ats", 1)[0]
	s := w.result(d, store.Parked)
	s.DueAt, s.Detail = time.Time{}, "410 Gone"
	w.settle("ats", s)
	expect(store.Parked, 3, 0)
	if d := w.destination("ats"); d.Reason != "410 Gone" {
		t.Errorf("reason %q", d.Reason)
	}
	w.destinations("spool")
	expect(store.Removed, 3, 0)
	if _, err := w.s.Resume(ctx, w.deed("destinations resume"), "ats"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a removed destination was resumed: %v", err)
	}
	w.destinations("spool", "ats")
	w.must(w.s.Park(ctx, "ats", "refuses everything", w.clock.wall))
	w.destinations("spool", "ats")
	expect(store.Parked, 3, 0)
	_, err := w.s.Resume(ctx, w.deed("destinations resume"), "ats")
	w.must(err)
	expect(store.Active, 2, 3)
	if err := w.s.Park(ctx, "nowhere", "", w.clock.wall); err == nil {
		t.Error("parked what is not there")
	}
	w.check()
}
