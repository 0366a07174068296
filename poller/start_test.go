package poller_test

import (
	"errors"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

const seekTime = "2006-01-02T15:04:05.000Z"

// ago makes an event that SEEK put on its stream so long ago.
func ago(d time.Duration) simulator.Spec { return simulator.Spec{StreamedAt: time.Now().Add(-d)} }

// TestStartEarliest: the first query has no bound at all; from then on only the cursor says where.
func TestStartEarliest(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.AddHistory(250, 60*24*time.Hour)
		w.live(20 * time.Minute)
		w.asked("0s", "1m0.2s", "2m0.4s", "17m3.4s")
		w.stored(250)
		for _, q := range w.seek.Queries() {
			if q.Since != "" || q.Until != "" || (q.N == 1) != (q.After == "") || q.First != 100 || q.Selection != "ids" || q.Scheme != "seekAnz" {
				t.Errorf("query %+v", q)
			}
		}
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestStartNow: five minutes of overlap, fixed when the row is made, over restarts; they bound the queries until the first endCursor
// and never stand beside it.
func TestStartNow(t *testing.T) {
	inBubble(t, simulator.Options{NullEndCursorOnEmpty: true}, func(w *world) {
		w.streams[0].StartNow = true
		w.seek.AddEvents(ago(time.Hour), ago(5*time.Minute+time.Second))
		since := w.begin.UTC().Add(-5 * time.Minute).Format(seekTime)
		w.live(16 * time.Minute) // two empty pages without a cursor
		w.live(16 * time.Minute)
		w.stored(0)
		w.seek.AddEvents(simulator.Spec{StreamedAt: w.begin.Add(-5*time.Minute + time.Second)}, simulator.Spec{})
		w.live(time.Hour)
		w.stored(2)
		queries := w.seek.Queries()
		first := 0
		for _, q := range queries {
			if q.After == "" {
				first++
				if q.Since != since {
					t.Errorf("query %d is bounded by %q, want %q", q.N, q.Since, since)
				}
			} else if q.Since != "" {
				t.Errorf("query %d has afterDateTime beside after", q.N)
			}
		}
		if first != 4 || len(queries) < 6 {
			t.Errorf("%d queries, %d of them before the first endCursor, want at least 6 and 4", len(queries), first)
		}
		if c := w.cursor("all"); !c.Since.Equal(w.begin.Add(-5 * time.Minute)) {
			t.Errorf("the row says since %v", c.Since)
		}
	})
}

// TestStartAtATime: a time bounds the first query and nothing else.
func TestStartAtATime(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Since = w.begin.Add(-48 * time.Hour)
		w.seek.AddEvents(ago(72 * time.Hour))
		w.seek.AddHistory(120, 24*time.Hour)
		w.live(10 * time.Minute)
		w.stored(120)
		w.asked("0s", "1m0.2s")
		for _, q := range w.seek.Queries() {
			want := ""
			if q.N == 1 {
				want = w.begin.UTC().Add(-48 * time.Hour).Format(seekTime)
			}
			if q.Since != want {
				t.Errorf("query %d is bounded by %q, want %q", q.N, q.Since, want)
			}
		}
	})
}

// TestTypesAndDetailsAreAsked: a stream's types are in every query; details are selected where they are wanted, and may be switched on
// without losing the place.
func TestTypesAndDetailsAreAsked(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true, Canary: "kanarienvogel"}, func(w *world) {
		w.streams = []poller.Stream{stream(t, "applications", "CandidateApplicationCreated")}
		w.seek.AddEvents(simulator.Spec{}, simulator.Spec{Type: "PositionNotPosted"})
		w.live(time.Minute)
		w.streams[0].Details = true
		w.seek.AddEvents(simulator.Spec{})
		w.live(20 * time.Minute)
		w.stored(2)
		w.asked("CandidateApplicationCreated 0s", "CandidateApplicationCreated 15m3s")
		if got := w.count("SELECT count(*) FROM events WHERE node LIKE '%kanarienvogel%'"); got != 1 {
			t.Errorf("%d events have details, want 1", got)
		}
	})
}

// TestForeignFingerprintEndsTheRun: a cursor of another configuration is not used.
func TestForeignFingerprintEndsTheRun(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.live(time.Second)
		w.streams[0].Fingerprint = "another"
		var foreign *store.FingerprintError
		if err := w.start().ends(); !errors.As(err, &foreign) {
			t.Errorf("run ended with %v", err)
		}
		w.asked("0s")
	})
}
