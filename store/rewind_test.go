package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"seekpoller/store"
)

var ctx = context.Background()

func (w *world) cursor(id int64) store.Cursor {
	w.t.Helper()
	c, err := w.s.Cursor(ctx, id)
	w.must(err)
	return c
}

func (w *world) rewind(was int64, to store.Place) store.Cursor {
	w.t.Helper()
	a, id, err := w.s.Rewind(ctx, w.deed("cursors rewind"), was, to)
	w.must(err)
	c := w.cursor(id)
	if old := w.cursor(was); c.MadeBy != a.ID || old.EndedBy != a.ID || old.State != store.Ended || a.Rows != 1 {
		w.t.Errorf("the action %+v: the old cursor %+v, the new one %+v", a, old, c)
	}
	return c
}

// TestRewindKeepsWhatIsKnown: the new cursor begins at the place, its ledger is a chain, the horizon stays, and the quiet time too, over a second
// move. Under other settings nothing is known of what came after the place.
func TestRewindKeepsWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "a", true, event(1))
	w.fetch(c.ID, "b", true, event(2))
	q := w.take(c.ID)
	w.save(q, store.Page{Events: events(3, 1), Position: "c", State: store.CaughtUp, Wait: 15 * time.Minute, Status: 200})
	was := w.cursor(c.ID)
	to, err := w.s.PlaceOfQuery(ctx, q.ID)
	w.must(err)
	if to.Position != "b" || !to.At.Equal(event(2).StreamedAt) || to.Kind != "live" || to.Stream != "applications" || to.Fingerprint != "f1" {
		t.Errorf("the place of query %d: %+v", q.ID, to)
	}
	w.clock.pass(time.Minute)
	is := w.rewind(w.rewind(c.ID, to).ID, to)
	if is.Position != "b" || is.State != store.Behind || !is.LastEventAt.Equal(was.LastEventAt) || !is.CaughtUpAt.Equal(was.CaughtUpAt) ||
		is.Wait != was.Wait || is.WaitFrom != was.WaitFrom || is.LastSelection != "ids" || is.Events+is.Seen+is.Pages != 0 {
		t.Errorf("was %+v, is %+v", was, is)
	}
	w.fetch(is.ID, "c", false, event(3))
	other := w.rewind(is.ID, store.Place{Stream: "applications", Since: event(2).StreamedAt, At: event(2).StreamedAt, Fingerprint: "f2"})
	if other.Position != "" || other.State != store.New || !other.CaughtUpAt.IsZero() || !other.LastEventAt.Equal(event(2).StreamedAt) || other.LastSelection != "" {
		t.Errorf("under other settings: %+v", other)
	}
	w.fetch(other.ID, "b", true, event(2))
	w.check()
}

// TestRewindEndsABackOff: an error's wait is not quiet time that SEEK is owed.
func TestRewindEndsABackOff(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "a", false, event(1))
	q := w.take(c.ID)
	w.must(w.s.Fail(ctx, q, store.Failure{Kind: "bad_cursor", Message: "no", Wait: 15 * time.Minute}, w.clock.now()))
	is := w.rewind(c.ID, store.Place{Stream: "applications", Since: event(1).StreamedAt, Fingerprint: "f1"})
	if is.Wait != 0 || is.LastError != "" || is.Failures != 0 {
		t.Errorf("it waits %v after %q", is.Wait, is.LastError)
	}
	w.check()
}

// TestRewindUnderAQuery: the page of the old cursor is refused, and the new one owes SEEK the quiet time if it was the last one.
func TestRewindUnderAQuery(t *testing.T) {
	for _, wait := range []time.Duration{0, 15 * time.Minute} {
		w := newWorld(t)
		c := w.live("applications")
		w.fetch(c.ID, "a", true, event(1))
		q := w.take(c.ID)
		is := w.rewind(c.ID, store.Place{Stream: "applications", Fingerprint: "f1"})
		if _, err := w.s.SavePage(ctx, q, store.Page{Events: events(2, 1), Position: "b", State: store.CaughtUp}, w.clock.now()); !errors.Is(err, store.ErrCursorMoved) {
			t.Errorf("the page was saved: %v", err)
		}
		if _, err := w.s.TakeSlot(ctx, w.ask(c.ID), store.Instant{Wall: w.clock.wall.Add(time.Hour), Boot: w.clock.boot + time.Hour, BootID: w.clock.id}); !errors.Is(err, store.ErrCursorMoved) {
			t.Errorf("the old cursor got a slot: %v", err)
		}
		w.must(w.s.Drop(ctx, q, store.Failure{Kind: "transient", Message: "moved", Wait: wait}, w.clock.now()))
		if err := w.s.Drop(ctx, q, store.Failure{Kind: "transient", Message: "moved", Wait: time.Hour}, w.clock.now()); !errors.Is(err, store.ErrAnswered) {
			t.Errorf("dropped twice: %v", err)
		}
		if got := w.cursor(is.ID); got.Wait != wait || got.LastError != "" {
			t.Errorf("the new cursor waits %v with %q, want %v", got.Wait, got.LastError, wait)
		}
		if _, _, err := w.s.Rewind(ctx, w.deed("cursors rewind"), c.ID, store.Place{}); !errors.Is(err, store.ErrCursorMoved) {
			t.Errorf("an ended cursor was moved: %v", err)
		}
		w.check()
	}
}

// TestRewoundWithoutADaemon: moved to a time, a cursor takes the settings of the next start, once; and only before it has a position.
func TestRewoundWithoutADaemon(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "a", true, event(1))
	is := w.rewind(c.ID, store.Place{Stream: "applications", Since: event(1).StreamedAt, At: event(1).StreamedAt})
	for i, fingerprint := range []string{"f2", "f2", "f3"} {
		got, created, err := w.s.EnsureLive(ctx, store.NewCursor{Stream: "applications", Fingerprint: fingerprint}, w.clock.now())
		var other *store.FingerprintError
		if refused := errors.As(err, &other); refused != (i == 2) || !refused && (err != nil || created || got.ID != is.ID || got.Fingerprint != "f2") {
			t.Errorf("start %d under %s: %+v %v", i, fingerprint, got, err)
		}
	}
}

// TestPositionWithoutSettings: a position that nobody knows the settings of is not gone on from.
func TestPositionWithoutSettings(t *testing.T) {
	w := newWorld(t)
	w.rewind(w.live("applications").ID, store.Place{Stream: "applications", Position: "a"})
	_, _, err := w.s.EnsureLive(ctx, store.NewCursor{Stream: "applications", Fingerprint: "f1"}, w.clock.now())
	var other *store.FingerprintError
	if !errors.As(err, &other) {
		t.Errorf("it was gone on from: %v", err)
	}
}

// TestPlaceOfQueryAmongMany: the event before any query is found, also where queries brought nothing.
func TestPlaceOfQueryAmongMany(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	newest := map[int64]time.Time{}
	var last time.Time
	for i, n := range []int{0, 3, 0, 0, 7, 1, 0, 2} {
		q := w.take(c.ID)
		newest[q.ID] = last
		page := events(100*i, n)
		if n > 0 {
			last = page[n-1].StreamedAt
		}
		w.save(q, store.Page{Events: page, Position: string(rune('a' + i)), State: store.Behind, More: true, Status: 200})
	}
	for id, want := range newest {
		p, err := w.s.PlaceOfQuery(ctx, id)
		w.must(err)
		if !p.At.Equal(want) {
			t.Errorf("before query %d the newest event is of %v, want %v", id, p.At, want)
		}
	}
}

// TestKnownAfter counts as a count would.
func TestKnownAfter(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	other := w.live("rest")
	page := events(0, 90)
	begin := page[0].StreamedAt
	for i := range page {
		page[i].StreamedAt = begin.Add(time.Duration(i) * 7 * time.Minute)
		page[i].Type = []string{"A", "B"}[i%2]
	}
	w.fetch(c.ID, "a", true, page...)
	w.fetch(other.ID, "a", true, events(1000, 5)...)
	for i := range page {
		n, err := w.s.KnownAfter(ctx, "applications", page[i].StreamedAt)
		w.must(err)
		if n != int64(len(page)-1-i) {
			t.Errorf("after event %d: %d are known, want %d", i, n, len(page)-1-i)
		}
	}
	if n, err := w.s.KnownAfter(ctx, "applications", time.Time{}); err != nil || n != 90 {
		t.Errorf("%d are known, %v, want 90", n, err)
	}
}

// TestStretches: one of a kind is open at a time, a scheduled reconciliation begins once, and the live cursor is none of them.
func TestStretches(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	n := store.NewStretch{Stream: "applications", Kind: "reconcile", Fingerprint: "f1", Since: w.clock.wall.Add(-time.Hour), Until: w.clock.wall}
	made, open, err := w.s.LastReconcile(ctx, "applications")
	w.must(err)
	if open || !made.Equal(c.CreatedAt) {
		t.Errorf("before the first reconciliation: %v %v, want when the stream was made", made, open)
	}
	id, err := w.s.BeginReconcile(ctx, n, made, w.clock.wall.Add(time.Second))
	w.must(err)
	next := n
	next.Until = n.Until.Add(time.Minute)
	for _, after := range []time.Time{made, w.clock.wall.Add(time.Hour)} { // one was made since; it goes on
		if again, err := w.s.BeginReconcile(ctx, next, after, w.clock.wall.Add(2*time.Hour)); err != nil || again != 0 || id == 0 {
			t.Errorf("begun as %d and again as %d, %v", id, again, err)
		}
	}
	undo := func(id int64) string { return fmt.Sprint("cancel ", id) }
	if _, _, err := w.s.BeginStretch(ctx, w.deed("reconcile"), n, undo); !errors.Is(err, store.ErrOpenTwin) {
		t.Errorf("a twin: %v", err)
	}
	for _, change := range []func(*store.NewStretch){
		func(n *store.NewStretch) { n.Kind = "backfill" }, func(n *store.NewStretch) { n.Types = []string{"B", "A"} },
		func(n *store.NewStretch) { n.Deliver = []string{} }, func(n *store.NewStretch) { n.Deliver = []string{"ats"} },
	} {
		other := n
		change(&other)
		a, made, err := w.s.BeginStretch(ctx, w.deed("reconcile"), other, undo)
		w.must(err)
		if kept, err := w.s.Action(ctx, a.ID); err != nil || kept.Rows != 1 || kept.Undo != undo(made) {
			t.Errorf("the deed is kept as %+v, %v; want one row and how to undo it", kept, err)
		}
		got := w.cursor(made)
		if (got.Deliver == nil) != (other.Deliver == nil) || len(got.Deliver) != len(other.Deliver) || len(got.Types) != len(other.Types) || got.Kind != other.Kind {
			t.Errorf("asked for %+v, made %+v", other, got)
		}
	}
	_, err = w.s.CancelStretch(ctx, w.deed("backfill cancel"), id)
	w.must(err)
	if again, err := w.s.BeginReconcile(ctx, next, made, w.clock.wall.Add(2*time.Hour)); err != nil || again != 0 {
		t.Errorf("begun again for the same tick as %d, %v", again, err)
	}
	if _, err := w.s.CancelStretch(ctx, w.deed("backfill cancel"), id); !errors.Is(err, store.ErrCursorMoved) {
		t.Errorf("cancelled twice: %v", err)
	}
	if _, err := w.s.CancelStretch(ctx, w.deed("backfill cancel"), c.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the live cursor was cancelled: %v", err)
	}
	if got, err := w.s.Stretches(ctx, store.StretchFilter{Open: true, Stream: "applications"}); err != nil || len(got) != 4 {
		t.Errorf("%d are open, %v, want 4", len(got), err)
	}
	w.check()
}
