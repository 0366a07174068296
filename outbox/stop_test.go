package outbox_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestAStopLetsSendsFinish: nothing more is claimed, what was sent is recorded, and a receiver that never answers does not keep us.
func TestAStopLetsSendsFinish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow, deaf := &receiver{took: 5 * time.Second}, &receiver{took: time.Hour}
		w := newWorld(t, slow.webhook(t, "slow"), deaf.webhook(t, "deaf"))
		w.save(100)
		w.start()
		time.Sleep(time.Second)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("stop took %v, want the grace of 10s", took)
		}
		slow.acceptedOnce(t, w.events[:40])
		if got := w.states("slow"); got["delivered"] != 40 || got["pending"] != 60 {
			t.Errorf("slow: got %v, want what 4 sends held and no more", got)
		}
		if got := w.states("deaf"); got["retrying"] != 40 || got["pending"] != 60 {
			t.Errorf("deaf: got %v, want what 4 sends held to be tried again", got)
		}
	})
}

// TestASenderThatIgnoresItsContextDoesNotKeepUs either.
func TestASenderThatIgnoresItsContextDoesNotKeepUs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		defer close(release)
		stuck := senderFunc(func(context.Context, []store.Delivery) outbox.Reply {
			<-release
			return outbox.Reply{Verdict: outbox.Accepted}
		})
		w := newWorld(t, outbox.Destination{Name: "stuck", Sender: stuck})
		w.save(1)
		w.start()
		time.Sleep(time.Second)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took != 11*time.Second {
			t.Errorf("stop took %v, want grace and a second", took)
		}
	})
}

// TestRestartWithALeaseOut: a process died after the receiver had accepted and before the commit. When the lease is over, and not
// before, the event is sent again under the same id; that is the one duplicate.
func TestRestartWithALeaseOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		d := r.webhook(t, "ats")
		w := newWorld(t, d)
		w.save(1)
		lost, err := w.store.Claim(t.Context(), "ats", 1, d.Timeout+outbox.LeaseMargin, time.Now())
		w.must(err)
		d.Sender.Send(t.Context(), lost)
		w.crash()
		w.start()
		time.Sleep(59 * time.Second)
		if got := r.times(w.events[0]); got != 1 {
			t.Errorf("accepted before the lease ended: got %d, want 1", got)
		}
		time.Sleep(2 * time.Second)
		if got := r.times(w.events[0]); got != 2 {
			t.Errorf("accepted after the lease ended: got %d, want 2", got)
		}
		if got := w.deliveries("ats")[w.events[0]]; got.State != "delivered" || got.Attempts != 2 {
			t.Errorf("got %+v, want delivered at attempt 2", got)
		}
	})
}

// TestAnEventThatKillsTheProcessIsGivenUp: it was claimed again and again by processes that did not live to settle it. If something
// else was accepted meanwhile it dies, unsent; if not, the destination is parked.
func TestAnEventThatKillsTheProcessIsGivenUp(t *testing.T) {
	for others, want := range map[int]string{0: "parked", 1: "dead"} {
		synctest.Test(t, func(t *testing.T) {
			var sent []string
			w := newWorld(t, outbox.Destination{Name: "odd", Sender: senderFunc(func(_ context.Context, b []store.Delivery) outbox.Reply {
				sent = append(sent, b[0].Event.ID)
				return outbox.Reply{Verdict: outbox.Accepted}
			})})
			w.save(1)
			for range outbox.TooManyTries {
				w.claim("odd", 1)
				time.Sleep(2 * time.Second)
			}
			w.save(others)
			for _, d := range w.claim("odd", 1+others)[1:] {
				_, err := w.store.Settle(t.Context(), "odd", []store.Settlement{{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: store.Delivered,
					StartedAt: time.Now(), EndedAt: time.Now()}}, time.Now())
				w.must(err)
			}
			time.Sleep(time.Minute)
			w.start()
			time.Sleep(time.Minute)
			const why = "not sent: most earlier attempts were never settled, so the program ended during them"
			if got := w.deliveries("odd")[w.events[0]]; got.State != want || len(sent) > 0 || !strings.HasSuffix(got.LastDetail, why) {
				t.Errorf("%d others: got %+v after %d sends, want it %s and unsent", others, got, len(sent), want)
			}
		})
	}
}

// TestHowOftenAnEventMayEndTheProgram: there is a number of attempts that no schedule makes in 75 hours. Up to it an event is sent, and again once it is so old.
func TestHowOftenAnEventMayEndTheProgram(t *testing.T) {
	for _, c := range []struct {
		died int
		age  time.Duration
		want string
	}{
		{outbox.TooManyTries - 1, time.Hour, "delivered"},
		{outbox.TooManyTries, outbox.OldAge - time.Millisecond, "parked"},
		{outbox.TooManyTries, outbox.OldAge, "delivered"},
	} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			w := newWorld(t, outbox.Destination{Name: "odd", Sender: senderFunc(func(context.Context, []store.Delivery) outbox.Reply {
				return outbox.Reply{Verdict: outbox.Accepted}
			})})
			w.save(1)
			for range c.died {
				w.claim("odd", 1)
				time.Sleep(2 * time.Second)
			}
			time.Sleep(time.Until(began.Add(c.age)))
			w.start()
			synctest.Wait()
			w.stop()
			if got := w.deliveries("odd")[w.events[0]]; got.State != c.want || got.Attempts != c.died+1 {
				t.Errorf("claimed by %d that died, first %v ago: got %+v, want it %s", c.died, c.age, got, c.want)
			}
		})
	}
}
