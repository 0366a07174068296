package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"seekpoller/store"
)

// TestReadsEndTheirTransaction: while a read transaction is open the log cannot be emptied, and grows. None outlives the read that began it.
func TestReadsEndTheirTransaction(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	ctx := context.Background()
	for i, read := range []struct {
		name string
		do   func() error
	}{
		{"Event", func() error { _, err := w.s.Event(ctx, event(1).ID); return err }},
		{"Events", func() error { _, err := w.s.Events(ctx, store.EventFilter{}); return err }},
		{"Feed", func() error { _, err := w.s.Feed(ctx, store.FeedFilter{}, 0, 2); return err }},
		{"Deliveries", func() error { _, _, err := w.s.Deliveries(ctx, store.DeliveryFilter{}); return err }},
		{"Queries", func() error { _, err := w.s.Queries(ctx, store.QueryFilter{}); return err }},
		{"Cursor", func() error { _, err := w.s.Cursor(ctx, c.ID); return err }},
		{"SeenPosition", func() error { _, err := w.s.SeenPosition(ctx, c.ID, "p0"); return err }},
		{"NextDue", func() error { _, _, err := w.s.NextDue(ctx, "ats", w.clock.wall); return err }},
		{"SlotWait", func() error { _, err := w.s.SlotWait(ctx, time.Minute, w.clock.now()); return err }},
		{"Summary", func() error { _, err := w.s.Summary(ctx); return err }},
	} {
		w.fetch(c.ID, fmt.Sprint("p", i), true, event(2*i+1, "ats"), event(2*i+2, "ats"))
		w.must(read.do())
		writer, _ := w.s.Pools()
		var busy, frames, moved int
		w.must(writer.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved))
		if busy != 0 {
			t.Fatalf("the log cannot be emptied after %s: its read transaction is open", read.name)
		}
	}
}
