package poller_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// stretch begins one over the last two days, but for the last hour.
func (l *life) stretch(change func(*store.NewStretch)) int64 {
	l.w.t.Helper()
	n := store.NewStretch{Stream: "all", Kind: "backfill", Fingerprint: "as configured", Since: l.w.begin.Add(-49 * time.Hour), Until: l.w.begin.Add(-time.Hour)}
	if change != nil {
		change(&n)
	}
	_, id, err := l.store.BeginStretch(context.Background(), store.Deed{Actor: "tester", Verb: "backfill start", Reason: "a test", At: l.w.now().Wall}, n, func(int64) string { return "" })
	l.w.must(err)
	l.poller.Wake()
	return id
}

func (l *life) cursor(id int64) store.Cursor {
	l.w.t.Helper()
	c, err := l.store.Cursor(context.Background(), id)
	l.w.must(err)
	return c
}

// TestStretchAsksForItsTypesAndTellsItsTakers: a stretch has types and takers of its own, the dates on every page, and ends by itself. Known
// events are told to nobody, not even to those who want duplicates: SEEK has not sent them twice.
func TestStretchAsksForItsTypesAndTellsItsTakers(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.destinations = []poller.Destination{{Name: "one"}, {Name: "two"}, {Name: "again", Again: true}}
		w.streams[0].StartNow = true
		w.seek.AddHistory(350, 48*time.Hour)
		l := w.start()
		time.Sleep(time.Second)
		first := l.stretch(func(n *store.NewStretch) {
			n.Types, n.Deliver = []string{"CandidateApplicationCreated"}, []string{"again", "two"}
		})
		time.Sleep(5 * time.Minute)
		second := l.stretch(func(n *store.NewStretch) { n.Deliver = []string{} })
		time.Sleep(10 * time.Minute)
		l.stop()
		for _, q := range w.seek.Queries()[1:] {
			if q.Since == "" || q.Until == "" {
				continue
			}
			if want := "1999-12-29T23:00:00.000Z"; q.Since != want || q.Until != "1999-12-31T23:00:00.000Z" {
				t.Errorf("query %+v, want from %s", q, want)
			}
		}
		for what, query := range map[string]string{
			"of another type":    "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 2 AND e.type <> 'CandidateApplicationCreated'",
			"to another taker":   "SELECT count(*) FROM outbox WHERE destination = 'one'",
			"without its takers": "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 2 AND (SELECT count(*) FROM outbox o WHERE o.seq = e.seq) <> 2",
			"of apply only told": "SELECT count(*) FROM outbox o JOIN events e USING (seq) JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 3",
			"told again":         "SELECT count(*) FROM outbox WHERE spent > 0 OR attempts > 0",
			"not from backfill":  "SELECT count(*) FROM events WHERE source <> 'backfill'",
		} {
			if n := w.count(query); n != 0 {
				t.Errorf("events %s: %d, want 0", what, n)
			}
		}
		w.reading(func(s *store.Store) {
			for _, id := range []int64{first, second} {
				if c, err := s.Cursor(context.Background(), id); err != nil || c.State != store.Ended || c.EndedBy != 0 || c.Events == 0 || !c.NextQueryAt.IsZero() {
					t.Errorf("stretch %d: %+v %v", id, c, err)
				}
			}
		})
	})
}

// TestStretchOfOtherSettingsWaits: a stretch whose stream is gone, or has other settings, is not asked for and does no harm.
func TestStretchOfOtherSettingsWaits(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(5)
		l := w.start()
		time.Sleep(time.Second)
		gone := l.stretch(func(n *store.NewStretch) { n.Stream = "gone" })
		other := l.stretch(func(n *store.NewStretch) { n.Fingerprint = "as it was" })
		time.Sleep(14 * time.Minute)
		for _, id := range []int64{gone, other} {
			if c := l.cursor(id); c.State != store.New || c.LastQueryID != 0 {
				t.Errorf("it was asked for: %+v", c)
			}
		}
		l.stop()
		w.asked("0s")
	})
}

// TestStretchTakesItsPageApart: an event that spoils its page is passed in a stretch as in a live stream, and failures back off alike.
func TestStretchTakesItsPageApart(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].StartNow = true
		w.seek.AddHistory(60, 48*time.Hour)
		w.seek.AddEvents(simulator.Spec{StreamedAt: w.begin.Add(-24 * time.Hour), Unresolvable: "always"})
		l := w.start()
		time.Sleep(time.Second)
		id := l.stretch(nil)
		time.Sleep(3 * time.Hour)
		if c := l.cursor(id); c.State != store.Ended || c.Seen < 58 {
			t.Errorf("the stretch: %+v", c)
		}
		l.stop()
		if n := w.count("SELECT count(*) FROM events WHERE type = 'missing' AND source = 'backfill'"); n != 1 {
			t.Errorf("%d events are missing, want 1", n)
		}
	})
}

// TestTwinKeepsTheQuiet: the same stretch again, right after its last page, waits as a live stream would.
func TestTwinKeepsTheQuiet(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].StartNow = true
		w.seek.AddHistory(50, 48*time.Hour)
		l := w.start()
		time.Sleep(time.Second)
		l.stretch(nil)
		time.Sleep(2 * time.Minute)
		l.stretch(nil)
		time.Sleep(10 * time.Minute)
		l.stop()
		w.asked("0s", "1m0.2s")
		w.live(10 * time.Minute)
		w.asked("0s", "1m0.2s", "15m3s", "16m3.2s")
	})
}

// TestReconcileBegins: once per tick of its schedule, for a window that ends before the moment of completeness and begins no earlier than the
// stream; what is missing is in the log.
func TestReconcileBegins(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Since = w.begin.Add(-6 * time.Hour)
		w.streams[0].Reconcile, w.streams[0].ReconcileWindow = schedule(t, "0 2 * * *"), 36*time.Hour
		w.seek.AddHistory(50, 48*time.Hour)
		var lines []string
		w.onLog = func(line string) {
			if strings.Contains(line, "reconciliation") {
				lines = append(lines, line)
			}
		}
		l := w.start()
		time.Sleep(time.Hour)
		w.seek.AddEvents(simulator.Spec{StreamedAt: w.begin.Add(-5 * time.Hour)})
		time.Sleep(24 * time.Hour)
		l.stop()
		w.reading(func(s *store.Store) {
			found, err := s.Stretches(context.Background(), store.StretchFilter{Kind: "reconcile"})
			w.must(err)
			if len(found) != 1 {
				t.Fatalf("%d reconciliations, want 1", len(found))
			}
			c := found[0]
			if c.Events != 1 || c.MadeBy != 0 || c.State != store.Ended || !c.Since.Equal(w.begin.Add(-6*time.Hour)) || c.Until.After(w.begin.Add(104*time.Minute)) || c.Until.Before(w.begin.Add(100*time.Minute)) {
				t.Errorf("the reconciliation: %+v", c)
			}
		})
		if len(lines) != 2 || !strings.Contains(lines[1], "events were missing") {
			t.Errorf("the log says %q", lines)
		}
	})
}

// TestClockSetBackEndsNoReconciling: the newest reconciliation was made at a time that is yet to come, by the clock as it is now. The next one does not wait for it.
func TestClockSetBackEndsNoReconciling(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Reconcile, w.streams[0].ReconcileWindow = schedule(t, "0 2 * * *"), 36*time.Hour
		w.seek.AddHistory(50, 48*time.Hour)
		w.wallOff.Store(int64(365 * 24 * time.Hour))
		l := w.start()
		time.Sleep(25 * time.Hour)
		w.wallOff.Store(int64(-time.Minute))
		time.Sleep(48 * time.Hour)
		l.stop()
		if n := w.count("SELECT count(*) FROM cursors WHERE kind = 'reconcile' AND ended_at IS NOT NULL"); n != 4 {
			t.Errorf("%d reconciliations, want one before the clock was set, one because it was, and one a day since", n)
		}
	})
}

// TestRewoundStreamTellsNothingTwice: those who want duplicates get what SEEK sends twice, and not what we ask for twice.
func TestRewoundStreamTellsNothingTwice(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.destinations = []poller.Destination{{Name: "again", Again: true}}
		ids := w.seek.AddHistory(50, time.Hour)
		l := w.start()
		time.Sleep(time.Minute)
		w.exec("UPDATE outbox SET delivered_at = due_at, due_at = NULL, attempts = 1, first_attempt_at = due_at")
		to, err := l.store.PlaceOfEvent(context.Background(), ids[9])
		w.must(err)
		_, id, err := l.store.Rewind(context.Background(), store.Deed{Actor: "tester", Verb: "cursors rewind", Reason: "a test", At: w.now().Wall}, 1, to)
		w.must(err)
		w.seek.AddEvents(simulator.Spec{ID: ids[20]})
		time.Sleep(20 * time.Minute)
		if c := l.cursor(id); c.Seen != 41 || c.State != store.CaughtUp {
			t.Errorf("the rewound cursor: %+v", c)
		}
		l.stop()
		if n := w.count("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL"); n != 1 {
			t.Errorf("%d are owed again, want the one that SEEK sent twice", n)
		}
	})
}

// TestStretchWhoseCursorIsRefused says what to do, and waits like a live stream.
func TestStretchWhoseCursorIsRefused(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].StartNow = true
		w.seek.AddHistory(250, 48*time.Hour)
		w.faults("bad-cursor", 3)
		l := w.start()
		time.Sleep(time.Second)
		id := l.stretch(nil)
		time.Sleep(5 * time.Minute)
		if c := l.cursor(id); c.LastErrorKind != "bad_cursor" || !strings.Contains(c.LastError, "cancel it, and start it anew") {
			t.Errorf("the stretch: %+v", c)
		}
		time.Sleep(30 * time.Minute)
		if c := l.cursor(id); c.State != store.Ended {
			t.Errorf("it did not heal: %+v", c)
		}
		l.stop()
	})
}
