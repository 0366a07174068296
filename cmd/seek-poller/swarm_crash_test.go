package main

import (
	"sync/atomic"
	"time"
)

// hook takes the disk away from the daemon when it comes to a point for the nth time.
type hook struct {
	point string
	left  atomic.Int64
	hit   chan struct{} // closed when it did
}

// at is called at every point where a process may die.
func (s *swarm) at(point string) {
	h := s.hook.Load()
	if h == nil || h.point != point || h.left.Add(-1) != 0 {
		return
	}
	s.takeDisk()
	close(h.hit)
}

// takeDisk: what the daemon has not committed is gone, and nothing that it does from here on is kept. It does not wait for a transaction that waits for us.
func (s *swarm) takeDisk() {
	l := s.live
	s.deaf.Do(func() {
		go func() {
			l.daemon.close()
			close(s.closed)
		}()
		select {
		case <-s.closed:
		case <-time.After(10 * time.Millisecond):
		}
	})
}

// dial is called as the daemon opens a connection, under its life's lock.
func (s *swarm) dial(l *life, address string) {
	s.mutex.Lock()
	s.dialed[address]++
	s.mutex.Unlock()
	point := "dial receiver"
	if address == "seek.test:80" {
		point = "dial seek"
	}
	if h := s.hook.Load(); h != nil && h.point == point && h.left.Load() == 1 {
		l.cut = true // of this connection nothing must come any more
	}
	s.at(point)
}

// points are where a process may die, with how often it may pass them before. Several goroutines come to those that are shared, in no order.
var points = []struct {
	name   string
	most   int
	shared bool
}{
	{name: "dial seek", most: 3}, {name: "dial seek", most: 5}, {name: "query", most: 2}, {name: "query", most: 5}, {name: "query", most: 5}, {name: "page saved", most: 2},
	{name: "any", most: 1}, {name: "clock", most: 60, shared: true}, {name: "receive", most: 4, shared: true}, {name: "dial receiver", most: 4, shared: true},
}

func (s *swarm) crashSomewhere() {
	p := points[s.rng.IntN(len(points))]
	for s.plan.exact && p.shared {
		p = points[s.rng.IntN(len(points))]
	}
	h := &hook{point: p.name, hit: make(chan struct{})}
	h.left.Store(int64(1 + s.rng.IntN(p.most)))
	s.hook.Store(h)
	if p.name == "any" {
		s.sleepFor(time.Duration(s.rng.IntN(120_000)) * time.Millisecond)
	} else {
		s.add(1 + s.rng.IntN(3))
		select {
		case <-h.hit:
			s.sleepFor(time.Duration(s.rng.IntN(2000)) * time.Millisecond)
		case <-time.After(s.plan.period + 25*time.Minute):
		}
	}
	s.hook.Store(nil)
	s.crash()
}

// crash takes disk and network away.
func (s *swarm) crash() {
	s.reach("crash")
	l := s.live
	l.mu.Lock()
	l.cut = true
	for _, c := range l.conns {
		if c != nil {
			c.Close()
		}
	}
	l.mu.Unlock()
	s.takeDisk()
	l.cancel()
	<-l.done
	<-s.closed
	s.note("crash")
	s.crashed = true
}
