package main

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"seekpoller/internal/simulator"
)

// run lives through that long, life after life, and then lets everything come to rest.
func (s *swarm) run(long time.Duration) {
	s.noteShape()
	s.add(s.rng.IntN(200))
	if s.plan.share == 0 {
		s.add(150 * min(s.plan.page, 10)) // an hour of backlog without a fault, and more
	}
	for s.elapsed() < long {
		s.up()
		s.liveOn(time.Duration((0.2 + s.rng.ExpFloat64()) * float64(4*time.Hour)))
		s.down()
		s.check(false)
		for range s.rng.IntN(3) {
			s.operate(whileDown)
		}
		s.sleepFor(time.Duration(s.rng.IntN(90)) * time.Second)
	}
	s.rest()
	s.finish()
}

func (s *swarm) noteShape() {
	switch {
	case len(s.cfg.Destinations) == 0:
		s.reach("no destination")
	case len(s.cfg.Destinations) == 5:
		s.reach("5 destinations")
	}
	if len(s.plan.streams) == 8 {
		s.reach("8 streams")
	}
	if s.plan.rate > 58*float64(s.plan.page) {
		s.reach("more events than slots")
	}
}

// up starts the daemon.
func (s *swarm) up() {
	s.deaf, s.closed = sync.Once{}, make(chan struct{})
	s.live = s.start()
	s.arrivals.begin(s)
	l := s.live
	l.mu.Lock()
	l.onDial = func(address string) {
		s.dial(l, address)
	}
	l.mu.Unlock()
	s.reload()
	s.note("start")
}

// liveOn lets events come in, and things happen.
func (s *swarm) liveOn(d time.Duration) {
	for end := s.elapsed() + d; s.elapsed() < end; {
		step := time.Duration(1+s.rng.IntN(25)) * time.Minute
		s.sleepFor(step)
		s.add(poisson(s.rng, s.plan.rate*step.Hours()))
		if s.rng.IntN(4) == 0 {
			s.operate(whileUp)
		}
	}
}

func (s *swarm) sleepFor(d time.Duration) { time.Sleep(d) }

func poisson(rng *rand.Rand, mean float64) (n int) {
	for at := rng.ExpFloat64(); at < mean; at += rng.ExpFloat64() {
		n++
	}
	return n
}

// add puts events on SEEK's streams, a few of them odd.
func (s *swarm) add(n int) {
	for _, id := range s.seek.Add(n) {
		s.visible[id] = s.seekNow()
	}
	if !s.plan.odd || n == 0 || s.muted.Load() {
		return
	}
	types := simulator.Types()
	odd := simulator.Spec{Type: types[s.rng.IntN(len(types))]}
	switch s.rng.IntN(40) {
	case 0:
		odd.Unresolvable = "details"
	case 1:
		odd.Unresolvable = "always"
	case 2:
		odd.StreamedAt = s.seekNow().Add(-time.Duration(s.rng.IntN(3600)) * time.Second)
	case 3, 4, 5:
		ids := s.seek.Events()
		odd = simulator.Spec{ID: ids[s.rng.IntN(len(ids))], Changed: true}
		s.changed[odd.ID] = true
	default:
		return
	}
	s.seek.AddEvents(odd)
}

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

// points are where a process may die, with how often it may pass them before.
var points = []struct {
	name string
	most int
}{{"dial seek", 3}, {"dial seek", 3}, {"query", 2}, {"clock", 60}, {"receive", 4}, {"dial receiver", 4}, {"page saved", 2}, {"any", 1}}

// down ends the life: as systemd does, or in the middle of something.
func (s *swarm) down() {
	s.note("end")
	switch s.rng.IntN(3) {
	case 0:
		s.end()
	case 1:
		s.awaitQuery()
		s.sleepFor(time.Duration(s.rng.IntN(1500)) * time.Millisecond)
		s.reach("stop in the middle of a query")
		s.end()
	default:
		s.crashSomewhere()
	}
	s.live = nil
	s.note("down")
	s.arrivals.end(s)
}

// end is a SIGTERM.
func (s *swarm) end() {
	began := time.Now()
	s.live.cancel()
	err := <-s.live.done
	s.holds("L7 end", time.Since(began) <= 10*time.Second && err == nil, "the end took %v: %v", time.Since(began), err)
	if err := s.live.daemon.close(); err != nil {
		s.t.Errorf("close: %v", err)
	}
}

func (s *swarm) crashSomewhere() {
	p := points[s.rng.IntN(len(points))]
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
		case <-time.After(40 * time.Minute):
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

// rest: no more faults; a person resumes what stands still; then there is time for the longest back-off.
func (s *swarm) rest() {
	s.muted.Store(true)
	s.mutedAt = s.seekNow().Add(time.Hour) // what is in a back-off is out of it by then
	s.up()
	s.resumeAll()
	for i := 0; i < 40 && !s.settled(i > 30); i++ {
		s.sleepFor(2 * time.Hour)
		s.resumeAll()
	}
	s.note("end")
	s.end()
	s.live = nil
	s.arrivals.end(s)
	s.check(true)
	s.settled(true)
}
