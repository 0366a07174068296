package outbox_test

import (
	"io"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

// TestReceiverSaysElsewhere: no redirect is followed, whatever its kind, and it is a failure.
func TestReceiverSaysElsewhere(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		synctest.Test(t, func(t *testing.T) {
			var calls []call
			s := newWebhook(serve(t, recording(&calls, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", status) })))
			if got := send(t, s, time.Minute, oneEvent...); got.Verdict != outbox.Retry || got.Status != status || len(calls) != 1 {
				t.Errorf("%d: got %+v after %d requests, want a retry after one", status, got, len(calls))
			}
		})
	}
}

// TestReceiverHangsUpAfterItsYes: the status counts, whether the body's end comes or not.
func TestReceiverHangsUpAfterItsYes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		s := newWebhook(serve(t, recording(&calls, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "stored")
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})))
		if got := send(t, s, time.Minute, oneEvent...); got.Verdict != outbox.Accepted || len(calls) != 1 {
			t.Errorf("got %+v after %d requests, want accepted after one", got, len(calls))
		}
	})
}

// TestReceiverThatNeverAnswersKeepsNoWorker: every place was taken by a send without an answer, and each is free again after its time-out.
func TestReceiverThatNeverAnswersKeepsNoWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, deaf := &receiver{}, atomic.Bool{}
		deaf.Store(true)
		d := r.webhook(t, "ats")
		d.Sender = newWebhook(serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if deaf.Load() {
				io.Copy(io.Discard, req.Body) // or the server does not notice that the client has gone
				<-req.Context().Done()
				return
			}
			r.ServeHTTP(w, req)
		})))
		w := newWorld(t, d)
		w.save(100)
		w.start()
		time.Sleep(10 * time.Minute)
		deaf.Store(false)
		time.Sleep(7 * time.Hour)
		w.stop()
		r.acceptedOnce(t, w.events)
		if r.most > 4 {
			t.Errorf("requests at a time: got %d, want at most 4", r.most)
		}
	})
}

// TestReceiverAsksToBeLeftAlone: 503 with a date holds the destination just as 429 with seconds does, for all of its events.
func TestReceiverAsksToBeLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		r.answer = func([]string) (int, string) {
			if len(r.requests) == 0 {
				return 503, time.Now().Add(2 * time.Hour).Format(http.TimeFormat)
			}
			return 200, ""
		}
		w := newWorld(t, r.webhook(t, "ats"))
		w.start()
		for range 5 {
			w.save(3)
			time.Sleep(20 * time.Minute)
		}
		if got := len(r.seen()); got != 1 {
			t.Errorf("requests in the first 100 minutes: got %d, want the 1 that was told so", got)
		}
		time.Sleep(time.Hour)
		r.acceptedOnce(t, w.events)
	})
}

// TestReceiverBackAfter80HoursIsCaughtUpOldestFirst: at no more than its concurrency, and what was never tried in order of arrival.
func TestReceiverBackAfter80HoursIsCaughtUpOldestFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, well := &receiver{took: time.Second, answer: always(503)}, &receiver{}
		w := newWorld(t, r.webhook(t, "ats"), well.webhook(t, "well"))
		w.start()
		tried := map[string]bool{}
		for range 80 {
			w.save(10)
			time.Sleep(time.Hour)
			well.acceptedOnce(t, w.events)
		}
		for _, q := range r.seen() {
			for _, id := range q.ids {
				tried[id] = true
			}
		}
		r.change(func() { r.answer, r.requests, r.most = nil, nil, 0 })
		time.Sleep(7 * time.Hour)
		w.stop()
		r.acceptedOnce(t, w.events)
		if r.most > 4 {
			t.Errorf("requests at a time: got %d, want at most 4", r.most)
		}
		untried := slices.DeleteFunc(slices.Clone(w.events), func(id string) bool { return tried[id] })
		place := 0
		for _, q := range r.seen() {
			for _, id := range q.ids {
				if tried[id] {
					continue
				}
				if late := place - slices.Index(untried, id); late > 40 || late < -40 { // four requests of ten may overtake each other
					t.Errorf("event %s came %d places from its own", id, late)
				}
				place++
			}
		}
	})
}

// TestARetryMayBeOvertaken: order is not promised, so one event that is tried again does not hold up those behind it.
func TestARetryMayBeOvertaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		r.answer = func([]string) (int, string) {
			if len(r.requests) == 0 {
				return 500, ""
			}
			return 200, ""
		}
		w := newWorld(t, r.webhook(t, "ats"))
		w.start()
		w.save(1)
		time.Sleep(time.Second)
		w.save(20)
		time.Sleep(time.Second)
		r.acceptedOnce(t, w.events[1:])
		time.Sleep(time.Minute)
		r.acceptedOnce(t, w.events)
	})
}

// TestACrashBeforeSendingCostsALease: what a process had claimed and not sent is sent once, when the lease is over.
func TestACrashBeforeSendingCostsALease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(3)
		w.claim("ats", 3)
		w.crash()
		w.start()
		time.Sleep(2 * time.Second)
		r.acceptedOnce(t, w.events)
		if got := w.deliveries("ats")[w.events[0]]; got.Attempts != 2 {
			t.Errorf("got %+v, want the claim counted as an attempt", got)
		}
	})
}

// TestTheWallClockJumpsAheadWhileALeaseIsOut: by a year, so that a second process takes the delivery while the first still sends it. What
// the late one brings back is recorded and changes nothing.
func TestTheWallClockJumpsAheadWhileALeaseIsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 10 * time.Second}
		d := r.webhook(t, "ats")
		w := newWorld(t, d)
		var years atomic.Int64
		w.now = func() time.Time { return time.Now().AddDate(int(years.Load()), 0, 0) }
		w.save(1)
		w.start()
		time.Sleep(time.Second) // it is out
		years.Store(1)
		later, err := w.store.Claim(t.Context(), "ats", 1, time.Minute, w.now())
		w.must(err)
		time.Sleep(20 * time.Second)
		if got := w.deliveries("ats")[w.events[0]]; len(later) != 1 || got.State == "delivered" || got.Attempts != 2 {
			t.Errorf("got %+v, want what the second attempt makes of it, which is nothing yet", got)
		}
		time.Sleep(2 * time.Minute)
		if got := w.deliveries("ats")[w.events[0]]; got.State != "delivered" || got.Attempts != 3 {
			t.Errorf("got %+v, want it delivered once its lease was over", got)
		}
	})
}
