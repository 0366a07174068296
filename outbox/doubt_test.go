package outbox_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestHowLongAReceiverIsDoubted: one that has accepted others is asked about five events at once, and ever more slowly about more. The tenth that it refuses
// parks it, but not before ten minutes have gone by since the first; fewer than ten never do.
func TestHowLongAReceiverIsDoubted(t *testing.T) {
	for _, c := range []struct {
		events        int
		tenth, looked time.Duration // since the first refusal
		want          string
	}{
		{9, 0, 24 * time.Hour, store.Active},
		{10, 10*time.Minute - time.Millisecond, 11 * time.Minute, store.Active},
		{10, 10 * time.Minute, 11 * time.Minute, store.Parked},
	} {
		synctest.Test(t, func(t *testing.T) {
			var first time.Time
			var asked []time.Duration // about an event that was not asked about before
			about := map[int64]bool{}
			w := newWorld(t, outbox.Destination{Name: "ats", Timeout: 2 * time.Minute, Sender: senderFunc(func(_ context.Context, b []store.Delivery) outbox.Reply {
				switch seq := b[0].Event.Seq; {
				case seq == 1:
					return outbox.Reply{Verdict: outbox.Accepted}
				case len(about) == 0:
					first = time.Now()
					fallthrough
				case !about[seq]:
					about[seq] = true
					asked = append(asked, time.Since(first).Round(100*time.Millisecond))
				}
				if len(about) == 10 && len(asked) == 10 {
					time.Sleep(time.Until(first.Add(c.tenth)))
				}
				return outbox.Reply{Verdict: outbox.Refused}
			})})
			w.jitter = func() float64 { return 0 } // each wait is a tenth shorter
			w.save(1)
			w.start()
			time.Sleep(time.Second)
			w.save(c.events)
			time.Sleep(c.looked)
			w.stop()
			const s = time.Second / 10
			want := []time.Duration{0, 0, 0, 0, 0, 45 * s, 180 * s, 585 * s, 1800 * s, 5445 * s}[:c.events]
			if got := w.destination("ats").State; got != c.want || !slices.Equal(asked, want) {
				t.Errorf("%d events, the tenth refused after %v: %s, asked about a new one after %v, want %s and %v", c.events, c.tenth, got, asked, c.want, want)
			}
		})
	}
}

// TestAReceiverThatNeverAcceptedAnything is parked with the fifth event that it refuses, not with the fourth, and the log says so.
func TestAReceiverThatNeverAcceptedAnything(t *testing.T) {
	for events, want := range map[int]string{4: store.Active, 5: store.Parked} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: always(400)}
			d := r.webhook(t, "ats")
			d.Batch, d.Concurrency = 1, 1
			w := newWorld(t, d)
			w.save(events)
			w.start()
			time.Sleep(time.Second)
			w.stop()
			const why = "it refused everything as wrong data, several events in a row"
			got := w.destination("ats")
			if parked := want == store.Parked; got.State != want || (got.Reason == why) != parked || strings.Contains(w.log.String(), why) != parked {
				t.Errorf("%d events: %s, %q, want %s\n%s", events, got.State, got.Reason, want, w.log.String())
			}
		})
	}
}

// TestWhatIsAcceptedCountsBeforeItIsRecorded: an event was refused twice before a restart, by a receiver that has accepted none. When it accepts another a
// moment before the third refusal, it is the event that is wrong and not the receiver.
func TestWhatIsAcceptedCountsBeforeItIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, outbox.Destination{Name: "ats", Batch: 10, Concurrency: 2, Sender: senderFunc(func(_ context.Context, b []store.Delivery) outbox.Reply {
			time.Sleep(time.Second)
			if b[0].Event.Seq > 1 {
				return outbox.Reply{Verdict: outbox.Accepted}
			}
			time.Sleep(5 * time.Millisecond) // not so long that the acceptance is recorded, for which more results are waited for
			return outbox.Reply{Verdict: outbox.Refused}
		})})
		w.save(1)
		w.start()
		time.Sleep(10 * time.Second)
		w.stop()
		if got := w.deliveries("ats")[w.events[0]]; got.Refusals != 2 {
			t.Fatalf("got %+v, want it refused twice", got)
		}
		time.Sleep(time.Minute)
		w.save(20, "A", "B", "C", "D", "E", "F", "G", "H", "I", "J")
		w.start()
		time.Sleep(time.Minute)
		if got := w.states("ats"); got["dead"] != 1 || got["delivered"] != 20 || w.destination("ats").State != store.Active {
			t.Errorf("got %v, destination %s, want one dead, the rest delivered, and it active", got, w.destination("ats").State)
		}
	})
}
