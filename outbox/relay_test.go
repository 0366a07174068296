package outbox_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestEachEventReachesEachDestinationOnce is the law of a run without a fault, with several kinds of destination side by side.
func TestEachEventReachesEachDestinationOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batched, single, spool := &receiver{took: 50 * time.Millisecond}, &receiver{}, t.TempDir()
		one := single.webhook(t, "single")
		one.Batch, one.Concurrency = 1, 8
		w := newWorld(t, batched.webhook(t, "batched"), one,
			outbox.Destination{Name: "spool", Kind: "directory", Sender: newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: spool})})
		w.save(130, "A", "B", "C")
		w.start()
		time.Sleep(time.Second)
		w.save(120, "B", "D")
		time.Sleep(time.Minute)
		w.stop()
		batched.acceptedOnce(t, w.events)
		single.acceptedOnce(t, w.events)
		if got := len(files(t, spool)); got != len(w.events) {
			t.Errorf("files: got %d, want %d", got, len(w.events))
		}
		for _, name := range []string{"batched", "single", "spool"} {
			if got := w.states(name); got["delivered"] != len(w.events) {
				t.Errorf("%s: got %v, want %d delivered", name, got, len(w.events))
			}
		}
		for _, r := range batched.seen() {
			if len(r.ids) > 10 || len(r.types) > 1 {
				t.Errorf("a request with %d events of %d types, want at most 10 of one", len(r.ids), len(r.types))
			}
		}
		if len(batched.seen()) > 60 || batched.most > 4 || single.most > 8 {
			t.Errorf("%d requests, %d and %d at a time, want batches and at most 4 and 8", len(batched.seen()), batched.most, single.most)
		}
	})
}

// TestAnIdleRelayDoesNothingAndIsAwakeAtOnce: it reads no clock in a day without work, and hands on what a page brought in the same
// instant.
func TestAnIdleRelayDoesNothingAndIsAwakeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		w := newWorld(t, r.webhook(t, "ats"))
		var looks atomic.Int64
		w.now = func() time.Time { looks.Add(1); return time.Now() }
		w.start()
		synctest.Wait()
		before := looks.Load()
		time.Sleep(24 * time.Hour)
		if got := looks.Load(); got != before {
			t.Errorf("looks at the clock in an idle day: got %d, want 0", got-before)
		}
		w.save(1)
		saved := time.Now()
		time.Sleep(time.Second)
		r.acceptedOnce(t, w.events)
		if late := r.seen()[0].at.Sub(saved); late > 0 {
			t.Errorf("first attempt %v after the page", late)
		}
	})
}

// TestASlowDestinationDelaysNoOther: one never answers, one is gone; the third has everything in the same second.
func TestASlowDestinationDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		deaf, gone, well := &receiver{took: time.Hour}, &receiver{answer: always(410)}, &receiver{}
		w := newWorld(t, deaf.webhook(t, "deaf"), gone.webhook(t, "gone"), well.webhook(t, "well"))
		w.start()
		for range 10 {
			w.save(20)
			time.Sleep(time.Second)
			well.acceptedOnce(t, w.events)
		}
	})
}

func always(status int) func([]string) (int, string) {
	return func([]string) (int, string) { return status, "" }
}

// TestTwoRelaysOnOneDatabase: two processes claim side by side and nothing is sent twice.
func TestTwoRelaysOnOneDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 20 * time.Millisecond}
		d := r.webhook(t, "ats")
		w := newWorld(t, d)
		w.save(300, "A", "B")
		stopOther := w.startOther()
		w.start()
		time.Sleep(time.Minute)
		stopOther()
		w.stop()
		r.acceptedOnce(t, w.events)
		if r.most <= 4 {
			t.Errorf("at most %d requests at a time: the two never worked side by side", r.most)
		}
	})
}

// TestOldestFirst: what was never tried goes out in order of arrival.
func TestOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: time.Second}
		d := r.webhook(t, "ats")
		d.Concurrency = 1
		w := newWorld(t, d)
		w.save(50)
		w.start()
		time.Sleep(time.Minute)
		var got []string
		for _, q := range r.seen() {
			got = append(got, q.ids...)
		}
		if !slices.Equal(got, w.events) {
			t.Errorf("got %q, want the order of arrival", got)
		}
	})
}

// TestAPausedDestinationIsLeftAlone until a person resumes it, and what it is owed waits.
func TestAPausedDestinationIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		w := newWorld(t, r.webhook(t, "ats"))
		w.must(w.store.Park(t.Context(), "ats", "a person said so", time.Now()))
		w.start()
		w.save(5)
		time.Sleep(100 * time.Hour)
		if len(r.seen()) != 0 || w.states("ats")["parked"] != 5 {
			t.Errorf("%d requests, %v, want none and 5 parked", len(r.seen()), w.states("ats"))
		}
		w.resume("ats")
		w.relay.Wake()
		time.Sleep(time.Second)
		r.acceptedOnce(t, w.events)
	})
}

// TestAPanicIsARetry: the sender's panic costs an attempt and nothing else, and what it panicked with is in no log and no row.
func TestAPanicIsARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls int
		w := newWorld(t, outbox.Destination{Name: "odd", Sender: senderFunc(func(_ context.Context, b []store.Delivery) outbox.Reply {
			if calls++; calls == 1 {
				panic(string(b[0].Event.Node))
			}
			return outbox.Reply{Verdict: outbox.Accepted}
		})})
		w.save(1)
		w.start()
		time.Sleep(time.Minute)
		w.stop()
		attempts := w.attempts(w.events[0], "odd")
		if len(attempts) != 2 || w.states("odd")["delivered"] != 1 {
			t.Fatalf("got %+v, want a failed attempt and a good one", attempts)
		}
		for _, a := range attempts {
			if strings.Contains(a.Detail, "Canary") {
				t.Errorf("personal data in the attempt: %q", a.Detail)
			}
		}
		if !strings.Contains(w.log.String(), "the sender panicked") {
			t.Error("the log does not say so")
		}
	})
}

// TestADestinationThatSaysNoMoreThanItsSender is sent one event at a time, with half a minute for each.
func TestADestinationThatSaysNoMoreThanItsSender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inHand, began := 0, time.Now()
		w := newWorld(t, outbox.Destination{Name: "ats", Sender: senderFunc(func(ctx context.Context, b []store.Delivery) outbox.Reply {
			inHand++
			end, _ := ctx.Deadline()
			if left := time.Until(end); len(b) != 1 || inHand != 1 || left != 30*time.Second {
				t.Errorf("%d events in one of %d sends with %v left, want one in one with 30s", len(b), inHand, left)
			}
			time.Sleep(time.Second)
			inHand--
			return outbox.Reply{Verdict: outbox.Accepted}
		})})
		w.save(20)
		w.start()
		time.Sleep(time.Until(began.Add(21 * time.Second)))
		w.stop()
		if got := w.states("ats"); got["delivered"] != 20 {
			t.Errorf("got %v, want 20 delivered", got)
		}
	})
}

// TestEachSendIsToldOnce for figures, as its receiver saw it.
func TestEachSendIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 2 * time.Second}
		r.answer = func(ids []string) (int, string) { return []int{503, 400, 401, 410, 200}[min(len(r.requests), 4)], "" }
		d := r.webhook(t, "ats")
		d.Concurrency = 1
		w := newWorld(t, d)
		var got, want []outbox.Try
		w.tried = func(x outbox.Try) { got = append(got, x) }
		w.save(12)
		w.start()
		time.Sleep(time.Hour)
		w.resume("ats") // 410 parked it
		w.relay.Wake()
		time.Sleep(time.Hour)
		w.stop()
		r.acceptedOnce(t, w.events)
		verdicts := map[int]outbox.Verdict{503: outbox.Retry, 400: outbox.Refused, 401: outbox.Denied, 410: outbox.Gone, 200: outbox.Accepted}
		for _, q := range r.seen() {
			want = append(want, outbox.Try{Destination: "ats", Verdict: string(verdicts[q.status]), Deliveries: len(q.ids), Took: r.took})
		}
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("got, want:\n%s", diff)
		}
	})
}
