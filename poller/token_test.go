package poller_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// TestRefusedTokenIsRenewedOnce: a new token, and the next slot. That is all a machine can do, so if the new one is refused as well, SEEK
// is asked every quarter of an hour, with a new token each time, and no slot is taken in between.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for _, name := range []string{"expired-token", "401"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(5)
				w.faults(name, 1, 3, 4, 5)
				l := w.start()
				time.Sleep(20 * time.Minute)
				w.says("all", store.CaughtUp, "unauthorized", "refuses the tokens that it issues")
				if c := w.cursor("all"); c.Failures != 2 || !c.NextQueryAt.Equal(w.begin.Add(32*time.Minute+3400*time.Millisecond)) {
					t.Errorf("%d failures, next query at %v", c.Failures, c.NextQueryAt)
				}
				time.Sleep(45 * time.Minute)
				l.stop()
				w.asked("0s", "1m0.2s", "16m3.2s", "17m3.4s", "32m3.4s", "47m3.4s", "1h2m6.4s")
				w.outcomes("unauthorized", "answered", "unauthorized", "unauthorized", "unauthorized", "answered", "answered")
				w.says("all", store.CaughtUp, "", "")
				if got := w.seek.Report().Requests["token"]; got != 5 {
					t.Errorf("%d tokens were asked for, want 5", got)
				}
			})
		})
	}
}

// TestNoTokenNoSlot: while the token endpoint is down nothing is asked, the ledger stays empty, the rows say why, and it heals by itself.
func TestNoTokenNoSlot(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(5)
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if r.Kind == "token" && time.Since(w.begin) < 40*time.Minute {
				return simulator.StatusFault(503, "")
			}
			return simulator.Fault{}
		})
		l := w.start()
		time.Sleep(39 * time.Minute)
		w.says("all", store.New, "transient", "get a token: ")
		c := w.cursor("all")
		if c.Failures != 0 || !c.NextQueryAt.After(time.Now()) || c.NextQueryAt.After(time.Now().Add(15*time.Minute)) || len(w.ledger()) != 0 || len(w.seek.Queries()) != 0 {
			t.Errorf("cursor %+v, ledger %+v", c, w.ledger())
		}
		if n := w.seek.Report().Requests["token"]; n < 8 || n > 12 { // 5 s, doubled each time, to a quarter of an hour
			t.Errorf("%d tokens were asked for", n)
		}
		time.Sleep(20 * time.Minute)
		l.stop()
		w.stored(5)
		w.says("all", store.CaughtUp, "", "")
	})
}

// TestRefusedCredentialsAreNotRepeated: only a person can help, so the token endpoint has a quarter of an hour of peace.
func TestRefusedCredentialsAreNotRepeated(t *testing.T) {
	inBubble(t, simulator.Options{ClientSecret: "another"}, func(w *world) {
		w.live(time.Hour + time.Minute)
		w.asked()
		w.says("all", store.New, "unauthorized", "invalid_client")
		if n := w.seek.Report().Requests["token"]; n != 5 {
			t.Errorf("%d tokens were asked for in an hour, want 5", n)
		}
	})
}

// TestOnlyWhatIsDueIsHeld: a stream that waits for its schedule has nothing to complain of, and a row that nobody asks stays as it is.
func TestOnlyWhatIsDueIsHeld(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.twoStreams()
		w.streams[1].Schedule = schedule(t, "0 3 * * *")
		w.streams = append(w.streams, stream(t, "gone", "PositionProfilePosted"))
		w.live(3 * time.Minute)
		w.streams = w.streams[:2]
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if r.Kind == "token" && time.Since(w.begin) < 20*time.Minute {
				return simulator.StatusFault(503, "")
			}
			return simulator.Fault{}
		})
		l := w.start()
		time.Sleep(16 * time.Minute)
		w.says("a", store.CaughtUp, "transient", "get a token: ")
		w.says("b", store.CaughtUp, "", "")
		w.says("gone", store.CaughtUp, "", "")
		time.Sleep(8 * time.Minute)
		l.stop()
		w.says("a", store.CaughtUp, "", "") // no other tick was needed
		if got := len(w.seek.Queries()); got != 4 {
			t.Errorf("%d queries, want 4", got)
		}
	})
}

// TestStreamThatIsNoLongerConfigured: its row stays as it is, and nobody asks.
func TestStreamThatIsNoLongerConfigured(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.twoStreams()
		w.add(250, typeB)
		w.live(90 * time.Second)
		w.streams = []poller.Stream{w.streams[0]}
		before := w.cursor("b")
		w.live(40 * time.Minute)
		w.asked(typeA+" 0s", typeB+" 1m0.2s", typeA+" 15m3s", typeA+" 30m6s")
		if after := w.cursor("b"); !cmp.Equal(after, before) || before.State != store.Behind {
			t.Errorf("its row was %+v and is %+v", before, after)
		}
	})
}
