package outbox_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestAQuickReceiverIsClaimedAheadFor: when deliveries are taken quickly, more share a transaction than there are places for, to be claimed and to be settled,
// and nothing is claimed ahead when each takes a second.
func TestAQuickReceiverIsClaimedAheadFor(t *testing.T) {
	for took, most := range map[time.Duration]int64{0: 1000 / 32, time.Second: 1000} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{took: took}
			d := r.webhook(t, "ats")
			d.Batch, d.Concurrency = 1, 8
			w := newWorld(t, d)
			var claims, settlements atomic.Int64
			w.store.Close()
			s, err := store.Open(t.Context(), w.path, store.Options{Started: store.Instant{Wall: time.Now(), BootID: "boot"}, Timed: func(kind string) func() {
				switch kind {
				case "claim":
					claims.Add(1)
				case "settle":
					settlements.Add(1)
				}
				return func() {}
			}})
			w.must(err)
			w.store = s
			w.save(1000)
			w.start()
			time.Sleep(time.Hour)
			w.stop()
			r.acceptedOnce(t, w.events)
			c, n := claims.Load(), settlements.Load()
			if c > most || n > most || took > 0 && min(c, n) < 100 {
				t.Errorf("a receiver that takes %v: %d claims and %d settlements for 1000 deliveries, want at most %d of each", took, c, n, most)
			}
			if r.most > 8 {
				t.Errorf("requests at a time: got %d, want at most 8", r.most)
			}
		})
	}
}

// TestWhatIsInLineAtAStopIsGivenBack: it waits for no lease, and no attempt is counted that was not made.
func TestWhatIsInLineAtAStopIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 100 * time.Millisecond}
		d := r.webhook(t, "ats")
		d.Batch, d.Concurrency = 1, 2
		w := newWorld(t, d)
		w.save(300)
		r.answer = func([]string) (int, string) {
			if len(r.requests) == 100 { // the line is long by now
				w.cancel()
			}
			return 200, ""
		}
		w.start()
		w.must(<-w.stopped)
		w.cancel = nil
		attempts := 0
		for _, row := range w.deliveries("ats") {
			attempts += row.Attempts
			if row.State != "delivered" && (row.State != "pending" || row.DueAt.After(time.Now())) {
				t.Errorf("after a stop: %+v", row)
			}
		}
		if n := len(r.seen()); attempts != n || n == len(w.events) {
			t.Errorf("%d attempts counted for %d requests of %d", attempts, n, len(w.events))
		}
		w.start()
		time.Sleep(59 * time.Second) // less than a lease
		w.stop()
		r.acceptedOnce(t, w.events)
	})
}

// TestTheLineStopsAtTheFirstFailure: however much is claimed ahead, what a receiver meets after its first failure is no more than was in hand.
func TestTheLineStopsAtTheFirstFailure(t *testing.T) {
	for status, within := range map[int]int{503: 8, 429: 8, 400: 8} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			d := r.webhook(t, "ats")
			d.Batch, d.Concurrency = 1, 4
			w := newWorld(t, d)
			w.save(300)
			r.answer = func([]string) (int, string) {
				if len(r.requests) >= 100 {
					return status, "60"
				}
				return 200, ""
			}
			w.start()
			time.Sleep(time.Second / 2)
			if n := len(r.seen()); n < 101 || n > 100+within {
				t.Errorf("%d: %d requests, want the 100 that were accepted and at most %d more", status, n, within)
			}
			attempts := 0
			for _, row := range w.deliveries("ats") {
				attempts += row.Attempts
			}
			if n := len(r.seen()); attempts != n {
				t.Errorf("%d: %d attempts counted for %d requests", status, attempts, n)
			}
			w.stop()
		})
	}
}

// TestTheLineStopsWhenNothingCanBeRecorded: a sender goes on by itself once, before the lane knows, and not again.
func TestTheLineStopsWhenNothingCanBeRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: time.Second}
		d := r.webhook(t, "ats")
		d.Concurrency = 1
		w := newWorld(t, d)
		w.save(10, "A", "B", "C", "D", "E", "F", "G") // seven sends in one claim
		heal := w.breakTable("INSERT", "attempts")
		w.start()
		time.Sleep(25 * time.Second)
		if n := len(r.seen()); n != 2 {
			t.Errorf("requests while nothing can be recorded: got %d, want 2", n)
		}
		heal()
		time.Sleep(2 * time.Minute)
		w.stop()
		r.acceptedOnce(t, w.events)
	})
}

// TestACrashLeavesTheLineToItsLeases: what was claimed ahead by a process that died is sent when the leases end, each once.
func TestACrashLeavesTheLineToItsLeases(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		stuck := make(chan struct{})
		d := r.webhook(t, "ats")
		d.Batch, d.Concurrency = 1, 2
		quick := d.Sender
		d.Sender = senderFunc(func(ctx context.Context, b []store.Delivery) outbox.Reply {
			if b[0].Event.Seq > 100 {
				select {
				case <-stuck:
				case <-ctx.Done():
					return outbox.Reply{Verdict: outbox.Retry, Detail: "it never went out"}
				}
			}
			return quick.Send(ctx, b)
		})
		w := newWorld(t, d)
		w.save(300)
		w.start()
		time.Sleep(time.Second) // results that came back are recorded
		w.crash()
		close(stuck)
		w.start()
		time.Sleep(d.Timeout + outbox.LeaseMargin + time.Second)
		w.stop()
		r.acceptedOnce(t, w.events)
	})
}
