package poller_test

import (
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// promise is what the loop last said of when it is heard of again.
type promise struct{ until atomic.Pointer[time.Time] }

func (p *promise) alive(within time.Duration) {
	until := time.Now().Add(within)
	p.until.Store(&until)
}

func (p *promise) broken() bool { return time.Now().After(*p.until.Load()) }

// TestAlivePromisesAreKept: whatever SEEK does, a loop that turns is always heard of again in time, and never promises so much that a loop which
// stopped turning would go unnoticed for long. It does not ask more often for being watched.
func TestAlivePromisesAreKept(t *testing.T) {
	for _, name := range []string{"", "429", "500", "hang", "reset"} {
		t.Run("fault "+name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				var p promise
				w.alive = func(within time.Duration) {
					p.alive(within)
					if within > 150*time.Second {
						t.Errorf("a sign of life is promised within %v, which is as good as none", within)
					}
				}
				w.seek.Add(250)
				w.seek.Fault(func(r simulator.Request) simulator.Fault {
					if name == "" || r.Kind != "events" || r.N%3 == 0 {
						return simulator.Fault{}
					}
					if name == "429" {
						return simulator.StatusFault(429, "1200")
					}
					return w.fault(name)
				})
				l := w.start()
				for range 5 * 60 * 6 {
					time.Sleep(10 * time.Second)
					if p.broken() {
						t.Fatalf("%v after the start the loop was to be heard of by %v", time.Since(w.begin), *p.until.Load())
					}
				}
				l.stop()
			})
		})
	}
}

// TestAliveStopsWithTheLoop: who is watched and hangs is missed soon.
func TestAliveStopsWithTheLoop(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		var p promise
		w.alive = p.alive
		var hang atomic.Bool
		release := make(chan struct{})
		w.onClock = func() {
			if hang.Load() {
				<-release
			}
		}
		w.seek.Add(150)
		l := w.start()
		time.Sleep(time.Hour)
		if p.broken() {
			t.Error("a healthy loop is missed")
		}
		hang.Store(true)
		time.Sleep(2*time.Minute + 30*time.Second)
		if !p.broken() {
			t.Errorf("a loop that hangs is not missed before %v", *p.until.Load())
		}
		hang.Store(false)
		close(release)
		l.stop()
		w.says("all", store.CaughtUp, "", "")
	})
}
