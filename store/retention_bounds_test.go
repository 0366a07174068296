package store_test

import (
	"testing"
	"time"

	"seekpoller/store"
)

// TestRetentionOfNothingIsForEver: who says nothing of how long something is kept keeps it, whatever the other one says.
func TestRetentionOfNothingIsForEver(t *testing.T) {
	for name, c := range map[string]struct {
		keep store.Retention
		want store.Cleared
	}{
		"neither":  {store.Retention{}, store.Cleared{}},
		"payloads": {store.Retention{Payloads: day}, store.Cleared{Payloads: 3 * 5}}, // the last is a day old, and no more
		"records":  {store.Retention{Records: 1000 * day}, store.Cleared{}},
	} {
		w := aged(t, 6)
		if got := w.steps(w.s.NewUpkeep(c.keep, w.clock.wall, time.Now)); got != c.want {
			t.Errorf("%s: cleared %+v, want %+v", name, got, c.want)
		}
	}
}

// TestRetentionPassesWhatIsKept: more events than a step looks at are owed still. What is old behind them goes, and the round ends. By its clock each step is slow,
// so that none looks at many.
func TestRetentionPassesWhatIsKept(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, at(1, 200, w.clock.wall)...)
	w.deliver("ats", 200)
	w.fetch(c.ID, "p2", true, events(201, 200)...)
	w.clock.pass(91 * day)
	tick := w.clock.wall
	u := w.s.NewUpkeep(kept, w.clock.wall, func() time.Time { tick = tick.Add(20 * time.Millisecond); return tick })
	for steps, more := 0, true; more; steps++ {
		if steps > 100 {
			t.Fatal("the round does not end")
		}
		var err error
		more, _, err = u.Step(t.Context())
		w.must(err)
	}
	if u.Cleared.Payloads != 200 {
		t.Errorf("%d payloads removed, want the 200 that nobody is owed", u.Cleared.Payloads)
	}
}
