package store_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-sqlite3"
)

// TestTallyReadsOnlyThePage: what a page costs does not grow with the table.
func TestTallyReadsOnlyThePage(t *testing.T) {
	w := newWorld(t)
	var id, parent, unused int
	var detail string
	writer, _ := w.s.Pools()
	w.must(writer.QueryRow("EXPLAIN QUERY PLAN "+store.TallyFresh, 0).Scan(&id, &parent, &unused, &detail))
	if detail != "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)" {
		t.Errorf("the events are read so: %s", detail)
	}
}

func TestPageIsAppliedWhole(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	got := w.fetch(c.ID, "after-3", true, event(1, "ats"), event(2, "ats", "spool"), event(3))
	if diff := cmp.Diff(store.Saved{Fresh: 3, Deliveries: 3, FirstSeq: 1, LastSeq: 3}, got); diff != "" {
		t.Errorf("saved (-want +got):\n%s", diff)
	}
	cursors, err := w.s.OpenCursors(context.Background())
	w.must(err)
	want := store.Cursor{
		ID: c.ID, Stream: "applications", Kind: "live", State: store.Behind, Position: "after-3", Fingerprint: "f1",
		LastEventAt: event(3).StreamedAt, CreatedAt: c.CreatedAt, LastQueryAt: c.CreatedAt,
		LastAnswerAt: w.clock.wall, Events: 3, Seen: 3, Pages: 1, LastQueryID: 1, LastSelection: "ids", WaitFrom: w.clock.now(),
	}
	if diff := cmp.Diff([]store.Cursor{want}, cursors); diff != "" {
		t.Errorf("cursor (-want +got):\n%s", diff)
	}
	w.check()
}

func TestEventComesBackAsItWas(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	odd := event(1)
	odd.Node = []byte("{\"a\" : \"\xff\xfe \x00 \u2028 Müller 東京 🙂\"}")
	odd.Refused = []byte(`[{"path":"candidate","code":"FORBIDDEN","message":"no"}]`)
	odd.Unreadable = "candidate: no such type"
	bare := store.Event{ID: "edge:1", CreatedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -3600))}
	w.fetch(c.ID, "p", false, odd, bare)
	got, err := w.s.Event(context.Background(), odd.ID)
	w.must(err)
	want := odd
	want.Seq, want.Stream, want.Source, want.ReceivedAt, want.QueryID = 1, "applications", "live", w.clock.wall, 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	got, err = w.s.Event(context.Background(), "edge:1")
	w.must(err)
	want = store.Event{Seq: 2, ID: "edge:1", Stream: "applications", Source: "live", ReceivedAt: w.clock.wall, QueryID: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bare event (-want +got):\n%s", diff)
	}
	if _, err := w.s.Event(context.Background(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such event: %v", err)
	}
}

// A page that fails at any statement has not happened; the same page then succeeds.
func TestPageIsAtomic(t *testing.T) {
	faults := map[string]string{
		"events":       "BEFORE INSERT ON events WHEN new.id = 'seekAnz:event:000004'",
		"known events": "BEFORE UPDATE ON events",
		"deliveries":   "BEFORE INSERT ON outbox WHEN new.seq > 3",
		"cursor":       "BEFORE UPDATE OF position ON cursors",
		"ledger":       "BEFORE UPDATE OF outcome ON queries",
	}
	for name, when := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.destinations("ats")
			c := w.live("applications")
			w.fetch(c.ID, "p1", true, events(1, 2, "ats")...)
			q := w.take(c.ID)
			page := store.Page{Events: events(2, 3, "ats"), Position: "p2", State: store.CaughtUp}
			before := w.dump()
			w.exec("CREATE TRIGGER fault " + when + " BEGIN SELECT RAISE(ABORT, 'planted'); END")
			_, err := w.s.SavePage(context.Background(), q, page, w.clock.now())
			if err == nil || !strings.Contains(err.Error(), "planted") {
				t.Fatalf("the fault did not fire: %v", err)
			}
			w.exec("DROP TRIGGER fault")
			if diff := cmp.Diff(before, w.dump()); diff != "" {
				t.Fatalf("a failed page left something (-before +after):\n%s", diff)
			}
			saved := w.save(q, page)
			if diff := cmp.Diff(store.Saved{Fresh: 2, Known: 1, Deliveries: 2, FirstSeq: saved.FirstSeq, LastSeq: saved.FirstSeq + 1}, saved); diff != "" {
				t.Errorf("saved (-want +got):\n%s", diff)
			}
			w.check()
		})
	}
}

// The commit was done and its answer lost: the second try changes nothing and says so.
func TestPageTwice(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	q := w.take(c.ID)
	page := store.Page{Events: events(1, 3, "ats"), Position: "p1", State: store.CaughtUp}
	w.save(q, page)
	before := w.dump()
	_, err := w.s.SavePage(context.Background(), q, page, w.clock.now())
	if !errors.Is(err, store.ErrAnswered) {
		t.Errorf("second page: %v", err)
	}
	if err := w.s.Fail(context.Background(), q, store.Failure{Kind: "transient", Message: "late"}, w.clock.now()); !errors.Is(err, store.ErrAnswered) {
		t.Errorf("failure after the page: %v", err)
	}
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("something changed (-before +after):\n%s", diff)
	}
	w.check()
}

// A page is applied at the place that it was asked for and nowhere else.
func TestPageOfAnotherPlace(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, event(1))
	for _, moved := range []string{
		"UPDATE cursors SET position = 'elsewhere'",
		"UPDATE cursors SET state = 'ended', ended_at = created_at",
	} {
		q := w.take(c.ID)
		w.exec(moved)
		before := w.dump()
		_, err := w.s.SavePage(context.Background(), q, store.Page{Events: events(2, 2), Position: "p2", State: store.CaughtUp}, w.clock.now())
		if !errors.Is(err, store.ErrCursorMoved) {
			t.Errorf("%s: %v", moved, err)
		}
		if diff := cmp.Diff(before, w.dump()); diff != "" {
			t.Errorf("%s: something changed (-before +after):\n%s", moved, diff)
		}
		w.exec("UPDATE cursors SET position = 'p1'")
		w.must(w.s.Fail(context.Background(), q, store.Failure{Kind: "transient", Message: "moved"}, w.clock.now()))
	}
	w.clock.pass(time.Hour)
	if _, err := w.s.TakeSlot(context.Background(), w.ask(c.ID), w.clock.now()); !errors.Is(err, store.ErrCursorMoved) {
		t.Errorf("slot for an ended cursor: %v", err)
	}
	if _, err := w.s.TakeSlot(context.Background(), w.ask(99), w.clock.now()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("slot for no cursor: %v", err)
	}
}

func TestKnownEventsAreCountedAndNotDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, events(1, 3, "ats")...)
	w.deliver("ats", 3)
	before := w.count("SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL")
	changed := event(2, "ats")
	changed.Node = []byte(`{"other":true}`)
	got := w.fetch(c.ID, "p2", false, event(1, "ats"), changed, event(4, "ats"), event(4, "ats"), event(3, "ats", "spool"))
	if got.Fresh != 1 || got.Known != 4 || got.Deliveries != 1 {
		t.Errorf("saved %+v", got)
	}
	if after := w.count("SELECT count(*) FROM outbox WHERE delivered_at IS NOT NULL"); before != 3 || after != 3 {
		t.Errorf("delivered before %d, after %d", before, after)
	}
	if n := w.count("SELECT conflicts FROM queries ORDER BY id DESC LIMIT 1"); n != 1 {
		t.Errorf("conflicts: %d", n)
	}
	e, err := w.s.Event(context.Background(), changed.ID)
	w.must(err)
	if !bytes.Equal(e.Node, event(2).Node) || e.SeenAgain != 1 || !e.LastSeenAt.Equal(w.clock.wall) {
		t.Errorf("known event: %+v", e)
	}
	if e, err = w.s.Event(context.Background(), event(4).ID); err != nil || e.SeenAgain != 0 {
		t.Errorf("twice in one page is not seen again: %+v, %v", e, err)
	}
	w.check()
}

// An answer without a cursor leaves the place as it is: nothing would mean "from the beginning".
func TestPositionStaysWithoutCursor(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, event(1))
	w.fetch(c.ID, "", false)
	cursors, err := w.s.OpenCursors(context.Background())
	w.must(err)
	got := cursors[0]
	if got.Position != "p1" || got.State != store.CaughtUp || !got.CaughtUpAt.Equal(w.clock.wall) || !got.LastEventAt.Equal(event(1).StreamedAt) {
		t.Errorf("cursor %+v", got)
	}
	w.check()
}

func TestPageForAnUnknownDestinationIsRefused(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	q := w.take(c.ID)
	_, err := w.s.SavePage(context.Background(), q, store.Page{Events: events(1, 1, "nowhere"), Position: "p", State: store.CaughtUp}, w.clock.now())
	var e sqlite3.Error
	if !errors.As(err, &e) || e.ExtendedCode != sqlite3.ErrConstraintForeignKey {
		t.Errorf("unknown destination: %v", err)
	}
	if n := w.count("SELECT count(*) FROM events"); n != 0 {
		t.Errorf("%d events stored", n)
	}
}
