package poller_test

import (
	"regexp"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// TestNullEndCursorKeepsTheOldCursor: "nothing new" never means "from the start".
func TestNullEndCursorKeepsTheOldCursor(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true, NullEndCursorOnEmpty: true}, func(w *world) {
		w.seek.Add(3)
		l := w.start()
		time.Sleep(20 * time.Minute)
		w.seek.Add(2)
		time.Sleep(20 * time.Minute)
		l.stop()
		w.asked("0s", "15m3s", "30m6s")
		w.stored(5)
		queries := w.seek.Queries()
		if queries[1].EndCursor != "" || queries[2].After != queries[0].EndCursor {
			t.Errorf("an empty page with endCursor %q, then asked after %q; want the cursor before it, %q", queries[1].EndCursor, queries[2].After, queries[0].EndCursor)
		}
	})
}

// TestStuckCursor: more events are promised, but the cursor stays. That is not followed; a person is told, SEEK is asked every quarter of
// an hour, and it heals by itself.
func TestStuckCursor(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Schedule = schedule(t, "0 3 * * *") // not what asks again
		w.seek.Add(150)
		w.faults("stuck-cursor", 2, 3)
		l := w.start()
		time.Sleep(2 * time.Minute)
		w.says("all", store.Stuck, "stuck", "does not lead on; asked again every 15m")
		stuck := w.cursor("all")
		if next := w.begin.Add(16*time.Minute + 200*time.Millisecond); !stuck.NextQueryAt.Equal(next) || stuck.Position != w.seek.Queries()[0].EndCursor {
			t.Errorf("next query at %v, want %v; the cursor stands at %s", stuck.NextQueryAt, next, stuck.Position)
		}
		w.stored(150) // what the page had is kept
		time.Sleep(time.Hour)
		l.stop()
		w.asked("0s", "1m0.2s", "16m0.2s", "31m0.2s")
		w.says("all", store.CaughtUp, "", "")
		w.stored(150)
		if got := w.count("SELECT count(*) FROM events WHERE seen_again = 2"); got != 50 {
			t.Errorf("%d events came three times, want 50", got)
		}
	})
}

// TestStuckAtTheStart: a first page that promises more and has no cursor at all.
func TestStuckAtTheStart(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		w.faults("stuck-cursor", 1)
		l := w.start()
		time.Sleep(time.Minute)
		w.says("all", store.Stuck, "stuck", "does not lead on")
		time.Sleep(16 * time.Minute)
		l.stop()
		w.asked("0s", "15m0s", "16m0.2s")
		w.stored(150)
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestMoreWithoutACursor: a page in the middle that promises more and has endCursor null is stuck too.
func TestMoreWithoutACursor(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(250)
		pages := 0
		w.rewrite = func(body []byte) []byte {
			if pages++; pages == 2 {
				body = regexp.MustCompile(`"endCursor":"[^"]*"`).ReplaceAll(body, []byte(`"endCursor":null`))
			}
			return body
		}
		l := w.start()
		time.Sleep(2 * time.Minute)
		w.says("all", store.Stuck, "stuck", "does not lead on")
		time.Sleep(16 * time.Minute)
		l.stop()
		w.asked("0s", "1m0.2s", "16m0.2s", "17m0.4s")
		w.stored(250)
	})
}

// TestCirclingCursors: a cursor that leads back to where the stream has been is no way on.
func TestCirclingCursors(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(450)
		w.faults("circle", 3, 4)
		l := w.start()
		time.Sleep(5 * time.Minute)
		w.says("all", store.Stuck, "stuck", "does not lead on")
		time.Sleep(50 * time.Minute)
		l.stop()
		w.asked("0s", "1m0.2s", "2m0.4s", "17m0.4s", "32m0.4s", "33m0.6s", "34m0.8s", "49m3.8s")
		w.stored(450)
		queries := w.seek.Queries()
		if queries[2].EndCursor != queries[0].EndCursor || !queries[2].HasNext {
			t.Errorf("no circle: %+v", queries[2])
		}
		for _, q := range queries[2:5] {
			if q.After != queries[1].EndCursor {
				t.Errorf("query %d was after %s, want %s", q.N, q.After, queries[1].EndCursor)
			}
		}
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestCircleBehindALastPage: a cursor that leads back behind the last page of before is no way on either. Were it followed, the way on from there would seem to be
// the circle, for as long as SEEK has more than a page.
func TestCircleBehindALastPage(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(300)
		w.faults("circle", 4)
		l := w.start()
		time.Sleep(10 * time.Minute)
		w.says("all", store.CaughtUp, "", "")
		w.seek.Add(300)
		time.Sleep(2 * time.Hour)
		l.stop()
		w.stored(600)
		if q := w.seek.Queries()[3]; q.EndCursor == "" || !q.HasNext || q.EndCursor == q.After {
			t.Errorf("no circle: %+v", q)
		}
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestBadCursor: SEEK refuses the cursor of a query that it took before. Nobody jumps: it is asked for again, slowly, until it heals.
func TestBadCursor(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Since = w.begin.Add(-time.Hour)
		w.seek.AddHistory(150, 30*time.Minute)
		w.faults("bad-cursor", 2, 3, 4)
		l := w.start()
		time.Sleep(2 * time.Minute)
		w.says("all", store.Behind, "bad_cursor", "since 1999-12-31T23:49:48Z wait at SEEK")
		time.Sleep(time.Hour)
		l.stop()
		w.asked("0s", "1m0.2s", "16m0.2s", "31m0.2s", "46m0.2s", "1h1m3.2s")
		w.outcomes("answered", "bad_cursor", "bad_cursor", "bad_cursor", "answered", "answered")
		w.stored(150)
		queries := w.seek.Queries()
		for _, q := range queries[1:5] {
			if q.After != queries[0].EndCursor || q.Since != "" {
				t.Errorf("query %d jumped: after %q since %q", q.N, q.After, q.Since)
			}
		}
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestRejected: where more than the cursor is new, its refusal says nothing about the cursor.
func TestRejected(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(350)
		w.faults("bad-cursor", 1, 3, 5)
		l := w.start()
		time.Sleep(time.Minute)
		w.says("all", store.New, "rejected", "BAD_USER_INPUT") // nothing ever succeeded
		time.Sleep(14*time.Minute + 30*time.Second)
		l.stop()
		w.streams[0].Details = true
		l = w.start()
		time.Sleep(time.Minute)
		w.says("all", store.Behind, "rejected", "BAD_USER_INPUT") // another operation than the one that succeeded
		time.Sleep(16 * time.Minute)
		w.says("all", store.Behind, "bad_cursor", "BAD_USER_INPUT") // the same
		time.Sleep(time.Hour)
		l.stop()
		w.outcomes("rejected", "answered", "rejected", "answered", "bad_cursor", "answered", "answered", "answered", "answered")
		w.stored(350)
	})
}

// TestRejectedWithoutACursor: a query that sent no cursor cannot be refused for it, even if the same one succeeded before.
func TestRejectedWithoutACursor(t *testing.T) {
	inBubble(t, simulator.Options{NullEndCursorOnEmpty: true}, func(w *world) {
		w.faults("bad-cursor", 2)
		w.live(16 * time.Minute)
		w.outcomes("answered", "rejected")
		w.says("all", store.CaughtUp, "rejected", "BAD_USER_INPUT")
	})
}

// TestLiveComesBeforeBackfill: however long the backfill has waited.
func TestLiveComesBeforeBackfill(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.AddHistory(350, 48*time.Hour)
		w.live(time.Second)
		w.exec(`INSERT INTO cursors (stream, kind, state, until, fingerprint, created_at)
			VALUES ('all', 'backfill', 'new', '1999-12-31T23:00:00.000Z', 'as configured', '2000-01-01T00:00:00.000Z')`)
		w.live(6 * time.Minute)
		for i, q := range w.seek.Queries() {
			if live := i < 4; live != (q.Until == "") {
				t.Errorf("query %d: live %v, want %v", q.N, q.Until == "", live)
			}
		}
		w.asked("0s", "1m0.2s", "2m0.4s", "3m0.6s", "4m0.8s", "5m1s")
	})
}

// TestBackfillIsBoundedAndEnds: a stretch keeps its dates beside the cursor, comes after the live stream, knows no schedule and ends.
func TestBackfillIsBoundedAndEnds(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].StartNow = true
		w.seek.AddHistory(250, 48*time.Hour)
		w.live(time.Second)
		w.exec(`INSERT INTO cursors (stream, kind, state, since, until, fingerprint, created_at)
			VALUES ('all', 'backfill', 'new', '1999-12-01T00:00:00.000Z', '1999-12-31T23:00:00.000Z', 'as configured', '2000-01-01T00:00:00.000Z')`)
		w.live(20 * time.Minute)
		w.asked("0s", "1m0.2s", "2m0.4s", "3m0.6s", "15m3s")
		for i, q := range w.seek.Queries()[1:4] {
			if q.Since != "1999-12-01T00:00:00.000Z" || q.Until != "1999-12-31T23:00:00.000Z" || (q.After == "") != (i == 0) {
				t.Errorf("query %+v", q)
			}
		}
		if got := w.count("SELECT count(*) FROM cursors WHERE kind = 'backfill' AND state = 'ended' AND ended_at = caught_up_at"); got != 1 {
			t.Error("the backfill has not ended")
		}
	})
}
