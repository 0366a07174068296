package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// TestWithin: a range is as narrow as the events of its times, of whatever stream and type they are, and none of them is left out.
func TestWithin(t *testing.T) {
	c := newDesk(t)
	for range 12 {
		c.more(10)
	}
	narrower := 0
	for range 300 {
		var f store.EventFilter
		word := func(words ...string) string { return words[c.rng.IntN(len(words))] }
		f.Stream, f.Type = word("", "", "applications", "none"), word("", "", "A")
		if c.rng.IntN(2) == 0 {
			f.Since = c.all[c.rng.IntN(len(c.all))].At()
		}
		if c.rng.IntN(2) == 0 {
			f.Until = c.all[c.rng.IntN(len(c.all))].At()
		}
		after, last := int64(c.rng.IntN(20)), int64(100+c.rng.IntN(21))
		begin, end, err := c.s.Within(f, after, last)
		c.must(err)
		if begin < after || end > last || begin > end {
			t.Fatalf("%+v: (%d, %d] of (%d, %d]", f, begin, end, after, last)
		}
		if end-begin < last-after {
			narrower++
		}
		for _, e := range c.all {
			if matches(f, e) && e.Seq > after && e.Seq <= last && (e.Seq <= begin || e.Seq > end) {
				t.Fatalf("%+v: event %d is not in (%d, %d]", f, e.Seq, begin, end)
			}
		}
	}
	if narrower < 100 {
		t.Errorf("only %d ranges became narrower", narrower)
	}
	_, reader := c.s.Pools()
	if plan := planOf(t, reader, store.ReachOf, "", "", "", true, ""); !strings.Contains(plan, "SEARCH events USING INDEX events_search (stream=? AND type=? AND at>? AND at<?)") {
		t.Errorf("it is read so:\n%s", plan)
	}
}

// TestReplayOfATime takes all of the time and nothing else, and says beforehand what it will do.
func TestReplayOfATime(t *testing.T) {
	c := newDesk(t)
	for range 6 {
		c.more(10)
	}
	f := store.EventFilter{Since: c.all[10].At(), Until: c.all[10].At().Add(time.Minute)}
	want := map[int64]bool{}
	for _, e := range c.all {
		if matches(f, e) {
			want[e.Seq] = true
		}
	}
	c.exec("UPDATE outbox SET due_at = NULL, attempts = 1, first_attempt_at = created_at, delivered_at = created_at, dead_at = NULL, discarded_at = NULL, spent = 0, refusals = 0, action = NULL WHERE destination = 'spool'")
	c.exec("UPDATE destinations SET owed_now = 0 WHERE name = 'spool'")
	r := store.Replay{Destination: "spool", Rate: 10, Events: f}
	p, err := c.s.PreviewReplay(context.Background(), r)
	c.must(err)
	a, err := c.s.Replay(context.Background(), c.deed("events replay"), r, time.Now)
	c.must(err)
	if a.Rows != int64(len(want)) || p.Rows() != a.Rows || a.Rows == 0 || a.EndedAt.IsZero() {
		t.Errorf("%d rows, %d foreseen, want %d", a.Rows, p.Rows(), len(want))
	}
	none, err := c.s.Replay(context.Background(), c.deed("events replay"), store.Replay{Destination: "spool", Rate: 10, Events: store.EventFilter{Until: c.all[0].At().AddDate(-1, 0, 0)}}, time.Now)
	if err != nil || none.Rows != 0 || none.EndedAt.IsZero() {
		t.Errorf("of a time without events: %+v, %v", none, err)
	}
	c.checkCounts()
}
