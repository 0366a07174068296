package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// switchboard is a dead man's switch. Its address has the canary.
type switchboard struct {
	mu    sync.Mutex // guards what follows
	calls []time.Time
	fails bool
}

func (b *switchboard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fails {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/ping/"+canary && strings.HasPrefix(r.UserAgent(), "seek-poller/") {
		b.calls = append(b.calls, time.Now())
	}
}

func (b *switchboard) took() []time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]time.Time{}, b.calls...)
}

func (b *switchboard) fail(yes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = yes
}

// TestHeartbeat: it is called when a stream made progress, news or not, at most once a minute, and never while SEEK gives no answers. What the
// address does changes nothing for the events, and is logged without the address when it changes.
func TestHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 31})
		s.cfg.Heartbeat = config.Heartbeat{URL: "http://heartbeat.test/ping/" + canary}
		board := new(switchboard)
		s.serve("heartbeat.test:80", board)
		s.seek.Add(250)
		life := s.start()
		time.Sleep(2 * time.Hour)
		calls := board.took()
		if len(calls) < 3+7 || len(calls) > 3+8 { // three pages, then one answer each quarter of an hour
			t.Errorf("%d calls in two hours: %v", len(calls), calls)
		}
		for i := 1; i < len(calls); i++ {
			if gap := calls[i].Sub(calls[i-1]); gap < time.Minute {
				t.Errorf("two calls are %v apart", gap)
			}
		}

		s.faults(func(simulator.Request) simulator.Fault { return simulator.StatusFault(500, "") })
		before := len(board.took())
		time.Sleep(2 * time.Hour)
		if n := len(board.took()) - before; n > 0 {
			t.Errorf("%d calls while SEEK answered nothing", n)
		}

		s.faults(func(simulator.Request) simulator.Fault { return simulator.Fault{} })
		board.fail(true)
		time.Sleep(3 * time.Hour)
		board.fail(false)
		time.Sleep(time.Hour)
		if n := strings.Count(s.log(), "the heartbeat address does not take calls: HTTP 502"); n != 1 {
			t.Errorf("that it fails was said %d times, want once", n)
		}
		if !strings.Contains(s.log(), "the heartbeat address takes calls again") {
			t.Error("that it works again was not said")
		}
		life.stop()
		s.check(true)
	})
}

// TestHeartbeatThatCannotBeReached: not even the error of the network names the address.
func TestHeartbeatThatCannotBeReached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 32})
		s.cfg.Heartbeat = config.Heartbeat{URL: "http://nowhere.test/ping/" + canary}
		life := s.start()
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)
		if !strings.Contains(s.log(), "the heartbeat address does not take calls: ") {
			t.Errorf("nothing was said:\n%s", tail(s.log()))
		}
	})
}
