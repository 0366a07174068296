package poller_test

import (
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// stopsAfter starts, ends the life after so long, and holds how long that took.
func (w *world) stopsAfter(d, want time.Duration) {
	w.t.Helper()
	l := w.start()
	time.Sleep(d)
	asked := time.Now()
	l.stop()
	if took := time.Since(asked); took != want {
		w.t.Errorf("the end took %v, want %v", took, want)
	}
}

// TestShutdownFinishesTheQueryInHand: a query costs a slot, so its answer is awaited and saved, if it comes within Grace.
func TestShutdownFinishesTheQueryInHand(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		w.delay("", 5*time.Second)
		w.stopsAfter(2*time.Second, 3*time.Second)
		w.outcomes("answered")
		w.stored(100)
		w.live(10 * time.Minute)
		w.asked("0s", "1m5.2s") // a minute after the answer, and from where that ended
		w.stored(150)
	})
}

// TestShutdownRecordsTheFailureInHand: the same for an answer that is none.
func TestShutdownRecordsTheFailureInHand(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.delay("500", 5*time.Second)
		w.stopsAfter(2*time.Second, 3*time.Second)
		w.outcomes("transient")
		w.says("all", store.New, "transient", "HTTP 500")
	})
}

// TestShutdownGivesUpAfterGrace: then the row stays open, and counts for the whole time-out.
func TestShutdownGivesUpAfterGrace(t *testing.T) {
	for name, grace := range map[string]time.Duration{"8s": 8 * time.Second, "none": 0} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.grace, w.open = grace, 1
				w.seek.Add(150)
				w.delay("", 20*time.Second)
				w.stopsAfter(2*time.Second, grace)
				w.outcomes("")
				w.says("all", store.New, "", "")
				w.live(5 * time.Minute)
				w.asked("0s", "1m30.2s", "2m30.4s")
				w.stored(150)
			})
		})
	}
}

// delay makes the first events query slow, and then fail in the way named.
func (w *world) delay(name string, d time.Duration) {
	fault := simulator.LateFault(d)
	if name != "" {
		fault = w.fault(name)
		fault.Delay = d
	}
	w.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" && r.N == 1 {
			return fault
		}
		return simulator.Fault{}
	})
}

// TestShutdownWhileWaiting: for the slot, for the schedule or for a token, the end comes at once and is no failure.
func TestShutdownWhileWaiting(t *testing.T) {
	t.Run("slot", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			w.seek.Add(150)
			w.stopsAfter(30*time.Second, 0)
			w.says("all", store.Behind, "", "")
		})
	})
	t.Run("schedule", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) { w.stopsAfter(5*time.Minute, 0) })
	})
	t.Run("token", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			w.seek.Fault(func(r simulator.Request) simulator.Fault { return w.fault("hang") })
			w.stopsAfter(5*time.Second, 0)
			w.says("all", store.New, "", "")
			w.asked()
		})
	})
	t.Run("before it began", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			l := w.prepare()
			l.cancel()
			l.run()
			l.stop()
			w.asked()
		})
	})
}
