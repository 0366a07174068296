package outbox_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestOneBadEventOfTen: the nine are delivered, the tenth is dead with the receiver's message after three refusals of its own.
func TestOneBadEventOfTen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad string
		r := &receiver{answer: func(ids []string) (int, string) {
			if slices.Contains(ids, bad) {
				return 400, ""
			}
			return 200, ""
		}}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(10)
		bad = w.events[4]
		w.start()
		time.Sleep(5 * time.Minute)
		good := slices.DeleteFunc(slices.Clone(w.events), func(id string) bool { return id == bad })
		r.acceptedOnce(t, good)
		if got := w.states("ats"); got["delivered"] != 9 || got["dead"] != 1 {
			t.Errorf("got %v, want 9 delivered and 1 dead", got)
		}
		row, attempts := w.deliveries("ats")[bad], w.attempts(bad, "ats")
		if row.Refusals != 3 || len(attempts) != 4 || row.LastDetail != canary {
			t.Errorf("got %+v after %d attempts, want 3 refusals after 4, with the receiver's message", row, len(attempts))
		}
	})
}

// TestAReceiverThatRefusesEverythingIsParked: nothing dies, it is not asked much, and everything is there when it is resumed.
func TestAReceiverThatRefusesEverythingIsParked(t *testing.T) {
	for _, n := range []int{1, 3, 500} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: always(422)}
			w := newWorld(t, r.webhook(t, "ats"))
			w.save(n)
			w.start()
			time.Sleep(time.Hour)
			if got := w.destination("ats").State; got != store.Parked {
				t.Errorf("%d events: state: got %v, want parked", n, got)
			}
			if got := w.states("ats"); got["parked"] != n {
				t.Errorf("%d events: got %v, want all parked", n, got)
			}
			refused := 0
			for _, d := range w.deliveries("ats") {
				refused = max(refused, d.Refusals)
			}
			if n <= 3 && refused != 3 {
				t.Errorf("%d events: parked after %d refusals of one, want 3", n, refused)
			}
			if got := len(r.seen()); got > 12 {
				t.Errorf("%d events: requests: got %d, want few", n, got)
			}
			r.change(func() { r.answer = nil })
			w.resume("ats")
			w.relay.Wake()
			time.Sleep(7 * time.Hour)
			r.acceptedOnce(t, w.events)
		})
	}
}

// TestAReceiverDownFor80Hours: nothing dies, few requests are made, and afterwards everything is delivered, in order, at no more than
// its concurrency, though every third request fails then. Another destination was never late.
func TestAReceiverDownFor80Hours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := true
		r, well := &receiver{took: time.Second}, &receiver{}
		r.answer = func([]string) (int, string) {
			if down || len(r.requests)%3 == 1 {
				return 503, ""
			}
			return 200, ""
		}
		w := newWorld(t, r.webhook(t, "ats"), well.webhook(t, "well"))
		w.start()
		for range 80 {
			w.save(10)
			time.Sleep(time.Hour)
			well.acceptedOnce(t, w.events)
		}
		if got := len(r.seen()); got > 30 {
			t.Errorf("requests while down: got %d, want at most 30", got)
		}
		if got := w.states("ats"); got["dead"] != 0 || got["pending"] < 700 {
			t.Errorf("while down: got %v, want none dead and most unattempted", got)
		}
		r.change(func() { down, r.requests, r.most = false, nil, 0 })
		time.Sleep(24 * time.Hour)
		w.stop()
		r.acceptedOnce(t, w.events)
		if r.most > 4 {
			t.Errorf("requests at a time after it came back: got %d, want at most 4", r.most)
		}
	})
}

// TestABurstOfFailuresIsOneOutage: eight sends that were in hand when the receiver went down do not put the probes off for long.
func TestABurstOfFailuresIsOneOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: time.Second, answer: always(500)}
		d := r.webhook(t, "ats")
		d.Batch, d.Concurrency = 1, 8
		w := newWorld(t, d)
		w.save(8)
		w.start()
		time.Sleep(8 * time.Second) // the first probe fails too
		r.change(func() { r.answer = nil })
		time.Sleep(30 * time.Second)
		r.acceptedOnce(t, w.events)
	})
}

// TestScheduleOfOneDelivery: an event that alone is never taken is tried by the schedule, not before, and is dead after three days.
func TestScheduleOfOneDelivery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bad string
		r := &receiver{answer: func(ids []string) (int, string) {
			if slices.Contains(ids, bad) {
				return 500, ""
			}
			return 200, ""
		}}
		w := newWorld(t, r.webhook(t, "ats"))
		bad = "seekAnz:event:events:1"
		w.start()
		began := time.Now()
		w.save(1)
		for w.states("ats")["dead"] == 0 && time.Since(began) < 200*time.Hour {
			time.Sleep(time.Hour)
			w.save(1)
		}
		if took := time.Since(began); took < outbox.OldAge || took > outbox.OldAge+8*time.Hour {
			t.Errorf("dead after %v, want 75 h and a little", took)
		}
		time.Sleep(time.Second)
		checkSpacing(t, w.attempts(bad, "ats"))
		r.acceptedOnce(t, w.events[1:])
	})
}

// checkSpacing: no attempt before the schedule's minimum after the one before it.
func checkSpacing(t *testing.T, attempts []store.Attempt) {
	t.Helper()
	slices.SortFunc(attempts, func(a, b store.Attempt) int { return a.Number - b.Number })
	if len(attempts) < 10 {
		t.Fatalf("attempts: got %d, want at least 10", len(attempts))
	}
	base := 5 * time.Second
	for i := 1; i < len(attempts); i++ {
		if gap := attempts[i].StartedAt.Sub(attempts[i-1].EndedAt); gap < base*9/10 {
			t.Errorf("attempt %d came %v after the one before it, want at least %v", i+1, gap, base*9/10)
		}
		base = min(base*3, outbox.LongestGap)
	}
}

// TestRetryAfterHoldsTheDestination: all of it, over a restart too, and not a moment longer.
func TestRetryAfterHoldsTheDestination(t *testing.T) {
	for _, c := range []struct {
		header string
		want   time.Duration // from the first request to the next
	}{
		{"3600", time.Hour}, {"10000000000", 24 * time.Hour}, {"garbage", 5 * time.Second}, {"-5", 5 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			r.answer = func([]string) (int, string) {
				if len(r.requests) == 0 {
					return 429, c.header
				}
				return 200, ""
			}
			w := newWorld(t, r.webhook(t, "ats"))
			w.save(1)
			w.start()
			time.Sleep(time.Second)
			w.crash()
			w.start()
			w.save(1)
			time.Sleep(25 * time.Hour)
			r.acceptedOnce(t, w.events)
			requests := r.seen()
			next := requests[1].at
			if c.want < time.Minute {
				next = requests[len(requests)-1].at // the new event need not wait for the old one's schedule
			}
			if gap := next.Sub(requests[0].at); gap < c.want*9/10 || gap > c.want*12/10+time.Second {
				t.Errorf("Retry-After %q: next request after %v, want about %v", c.header, gap, c.want)
			}
		})
	}
}

// TestGoneParksAtOnce: what was claimed with the one that was told so is not sent either.
func TestGoneParksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: always(410)}
		d := r.webhook(t, "ats")
		d.Concurrency = 1
		w := newWorld(t, d)
		w.save(100, "A", "B", "C", "D")
		w.start()
		time.Sleep(100 * time.Hour)
		if got := w.destination("ats"); got.State != store.Parked || len(r.seen()) != 1 {
			t.Errorf("got %+v after %d requests, want it parked after one", got, len(r.seen()))
		}
		r.change(func() { r.answer = nil })
		w.resume("ats")
		w.relay.Wake()
		time.Sleep(2 * time.Minute)
		r.acceptedOnce(t, w.events)
	})
}

// TestDeniedIsTriedAgain: wrong credentials or path kill nothing, however long they last.
func TestDeniedIsTriedAgain(t *testing.T) {
	for status, n := range map[int]int{401: 1, 403: 25, 404: 3} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{answer: always(status)}
			w := newWorld(t, r.webhook(t, "ats"))
			w.save(n)
			w.start()
			time.Sleep(100 * time.Hour)
			if got := w.states("ats"); got["dead"]+got["parked"] > 0 {
				t.Errorf("%d: got %v, want all still owed", status, got)
			}
			r.change(func() { r.answer = nil })
			time.Sleep(7 * time.Hour)
			r.acceptedOnce(t, w.events)
		})
	}
}
