package main

import (
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/internal/simulator"
	"seekpoller/store"
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
		s.liveOn(time.Duration((0.2 + s.rng.ExpFloat64()) * float64(s.plan.pace.life)))
		s.down()
		s.check(false)
		for range s.rng.IntN(3) {
			s.operate(whileDown)
		}
		s.sleepFor(time.Duration(s.rng.IntN(90)) * time.Second)
	}
	s.rest()
	s.tally.trace = s.trace()
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
	s.awaitLock()
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

// awaitLock waits until nobody has the lock. A program that another seed, in this same process, is just starting has all of our files for a moment, between
// fork and exec, and a lock is only gone when all of its owners let go. That moment is real time, of which a bubble knows nothing.
func (s *swarm) awaitLock() {
	for range 1000 {
		if held, err := store.HolderOf(s.cfg.Database); err != nil || held == nil {
			return
		}
		ms := unix.NsecToTimespec(int64(time.Millisecond))
		if err := unix.Nanosleep(&ms, nil); err != nil && !errors.Is(err, unix.EINTR) {
			s.t.Fatal(err)
		}
	}
}

// liveOn lets events come in, and things happen.
func (s *swarm) liveOn(d time.Duration) {
	for end := s.elapsed() + d; s.elapsed() < end; {
		step := time.Minute + time.Duration(s.rng.Int64N(int64(s.plan.pace.step)))
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

// down ends the life: as systemd does, or in the middle of something.
func (s *swarm) down() {
	s.note("end")
	switch s.rng.IntN(4) {
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

// awaitRest gives everything time, and a person's hand. Each page of a backlog that is read buys the time that it may take.
func (s *swarm) awaitRest() {
	began, asked := s.elapsed(), len(s.seek.Queries())
	for {
		s.sleepFor(2 * time.Hour)
		s.resumeAll()
		if s.settled(false) {
			return
		}
		read := pagesRead(s.seek.Queries()[asked:])
		if s.elapsed()-began >= longRest+time.Duration(read)*s.pageTime() {
			s.settled(true)
			return
		}
	}
}

// rest: no more faults; a person resumes what stands still; then there is time for the longest back-off.
func (s *swarm) rest() {
	s.seen = s.sightings()
	s.muted.Store(true)
	s.mutedAt = s.seekNow().Add(time.Hour) // what is in a back-off is out of it by then
	s.up()
	s.resumeAll()
	for _, d := range s.cfg.Destinations {
		s.retryDead(d.Name)
	}
	s.awaitRest()
	if s.plan.page <= 5 { // an hour of backlog without a fault, whatever there was before
		s.add(75 * s.plan.page)
		s.sleepFor(s.plan.period + 2*time.Hour)
		s.awaitRest()
	}
	s.note("end")
	s.end()
	s.live = nil
	s.arrivals.end(s)
	s.check(true)
	s.settled(true)
}
