package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
)

// history is a database with two streams, two destinations, and something of every state.
func history(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.destinations("ats", "spool")
	a, b := w.live("applications"), w.live("positions")
	w.fetch(a.ID, "a1", true, events(1, 4, "ats", "spool")...)
	posted := event(5, "spool")
	posted.Type = "PositionProfilePosted"
	w.fetch(b.ID, "b1", false, posted)
	q := w.take(a.ID)
	w.must(w.s.Fail(context.Background(), q, store.Failure{Kind: "throttled", Message: "slow down", Status: 429, RetryAfter: 2 * time.Minute}, w.clock.now()))
	claimed := w.claim("ats", 3)
	dead := w.result(claimed[1], store.Dead)
	dead.Status, dead.Detail, dead.Refused, dead.RequestID, dead.Batch = 400, "no such job", true, "r1", 1
	w.settle("ats", w.result(claimed[0], store.Delivered), dead, w.result(claimed[2], store.Retry))
	w.must(w.s.Park(context.Background(), "spool", "full", w.clock.wall))
	return w
}

func TestDeliveriesByState(t *testing.T) {
	w := history(t)
	for _, c := range []struct {
		filter store.DeliveryFilter
		want   []int64
	}{
		{store.DeliveryFilter{}, []int64{5, 4, 4, 3, 3, 2, 2, 1, 1}},
		{store.DeliveryFilter{State: "delivered"}, []int64{1}},
		{store.DeliveryFilter{State: "dead"}, []int64{2}},
		{store.DeliveryFilter{State: "retrying"}, []int64{3}},
		{store.DeliveryFilter{State: "pending"}, []int64{4}},
		{store.DeliveryFilter{State: "parked"}, []int64{5, 4, 3, 2, 1}},
		{store.DeliveryFilter{Destination: "ats", Limit: 2}, []int64{4, 3}},
		{store.DeliveryFilter{EventID: event(2).ID}, []int64{2, 2}},
		{store.DeliveryFilter{EventID: "none"}, nil},
		{store.DeliveryFilter{Before: store.DeliveryMark{Seq: 4, Destination: "spool"}, Limit: 2}, []int64{4, 3}},
	} {
		rows, _, err := w.s.Deliveries(context.Background(), c.filter)
		w.must(err)
		var got []int64
		for _, row := range rows {
			got = append(got, row.Seq)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.filter, diff)
		}
	}
	if _, _, err := w.s.Deliveries(context.Background(), store.DeliveryFilter{State: "lost"}); err == nil || err.Error() != `read deliveries: "lost" is no state of a delivery` {
		t.Errorf("unknown state: %v", err)
	}
	attempts, err := w.s.Attempts(context.Background(), event(2).ID, "")
	w.must(err)
	want := []store.Attempt{{Seq: 2, Destination: "ats", Number: 1, StartedAt: w.clock.wall, EndedAt: w.clock.wall.Add(120 * time.Millisecond), Latency: 120 * time.Millisecond,
		Outcome: "dead", Status: 400, Detail: "no such job", RequestID: "r1", Batch: 1}}
	if diff := cmp.Diff(want, attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
}

func TestLedgerReads(t *testing.T) {
	w := history(t)
	got, err := w.s.Queries(context.Background(), store.QueryFilter{Stream: "applications"})
	w.must(err)
	if len(got) != 2 || got[0].ID != 3 || got[1].ID != 1 {
		t.Fatalf("queries %+v", got)
	}
	want := store.Query{
		ID: 3, Cursor: store.Cursor{ID: 1, Stream: "applications", Kind: "live"}, RequestID: "request-3", Selection: "ids", First: 100,
		Interval: interval, Timeout: timeout, SentAt: w.clock.now(), RetryAfter: 2 * time.Minute, EndedAt: w.clock.wall,
		Outcome: "throttled", Error: "slow down", Status: 429, CursorBefore: "a1",
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
	if q := got[1]; q.Outcome != store.Answered || q.CursorBefore != "" || q.CursorAfter != "a1" || !q.More || q.Events != 4 || q.Fresh != 4 || q.Known != 0 || q.Status != 200 {
		t.Errorf("answer %+v", q)
	}
	got, err = w.s.Queries(context.Background(), store.QueryFilter{BeforeID: 3, Limit: 1})
	w.must(err)
	if len(got) != 1 || got[0].ID != 2 {
		t.Errorf("page of queries %+v", got)
	}
	cursors, err := w.s.Cursors(context.Background())
	w.must(err)
	if len(cursors) != 2 {
		t.Errorf("cursors %+v", cursors)
	}
}

func TestEventReads(t *testing.T) {
	w := history(t)
	at := func(n int) time.Time { return event(n).StreamedAt }
	for _, c := range []struct {
		filter store.EventFilter
		want   []int64
	}{
		{store.EventFilter{}, []int64{5, 4, 3, 2, 1}},
		{store.EventFilter{Stream: "positions"}, []int64{5}},
		{store.EventFilter{Type: "PositionProfilePosted"}, []int64{5}},
		{store.EventFilter{Since: at(2), Until: at(4)}, []int64{3, 2}},
		{store.EventFilter{Before: event(3).Mark(), Limit: 1}, []int64{2}},
	} {
		rows, err := w.s.Events(context.Background(), c.filter)
		w.must(err)
		var got []int64
		for _, row := range rows {
			got = append(got, row.Seq)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", c.filter, diff)
		}
	}
}

func TestSummary(t *testing.T) {
	w := history(t)
	got, err := w.s.Summary(context.Background())
	w.must(err)
	if got.DatabaseBytes == 0 || got.WALBytes == 0 {
		t.Errorf("sizes %d and %d", got.DatabaseBytes, got.WALBytes)
	}
	got.DatabaseBytes, got.WALBytes = 0, 0
	first, err := w.s.Event(context.Background(), event(1).ID)
	w.must(err)
	want := store.Summary{Events: 5, Destinations: []store.DestinationSummary{
		{Name: "ats", State: "active", Owed: 2, OldestOwedAt: first.ReceivedAt, Dead: 1},
		{Name: "spool", State: "parked", Owed: 5, OldestOwedAt: first.ReceivedAt},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

// Being told to stop ends a wait, and never tears what has begun.
func TestCancelledBeforeItBegins(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := w.s.TakeSlot(ctx, w.ask(c.ID), w.clock.now()); !errors.Is(err, context.Canceled) {
		t.Errorf("slot: %v", err)
	}
	if n := w.count("SELECT count(*) FROM queries"); n != 0 {
		t.Errorf("%d rows", n)
	}
}
