package main

import (
	"slices"
	"sync"
	"time"

	"seekpoller/outbox"
)

// firstSign is how soon a loop must be heard of after it was started.
const firstSign = time.Minute

// loops is by when each loop of the daemon must be heard of again. Its times do not count while the machine is suspended.
type loops struct {
	mu    sync.Mutex // guards what follows
	until map[string]time.Time
	heard map[string]bool
	begun chan struct{} // closed once all were heard of
}

func newLoops() *loops { return &loops{begun: make(chan struct{})} }

// expect says which loops there are from now on.
func (l *loops) expect(names ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until, l.heard = map[string]time.Time{}, map[string]bool{}
	for _, loop := range names {
		l.until[loop] = time.Now().Add(firstSign)
	}
}

// alive is a loop's promise to be heard of again within d. A loop that is not expected any more is ignored.
func (l *loops) alive(loop string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, expected := l.until[loop]; !expected {
		return
	}
	l.until[loop], l.heard[loop] = time.Now().Add(d), true
	if len(l.heard) < len(l.until) {
		return
	}
	select {
	case <-l.begun:
	default:
		close(l.begun)
	}
}

// still names the loops that broke their promise.
func (l *loops) still() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	for loop, until := range l.until {
		if time.Now().After(until) {
			names = append(names, loop)
		}
	}
	slices.Sort(names)
	return names
}

// pollerLoop is the poller among the loops; the others have the names of their destinations behind "destination ".
const pollerLoop = "poller"

func (d *daemon) expectLoops(destinations []outbox.Destination) {
	if d.world.loops == nil {
		return
	}
	names := []string{pollerLoop}
	for _, destination := range destinations {
		names = append(names, laneLoop(destination.Name))
	}
	d.world.loops.expect(names...)
}

func laneLoop(destination string) string { return "destination " + destination }

func (d *daemon) pollerAlive() func(time.Duration) {
	if d.world.loops == nil {
		return nil
	}
	return func(within time.Duration) { d.world.loops.alive(pollerLoop, within) }
}

func (d *daemon) laneAlive() func(string, time.Duration) {
	if d.world.loops == nil {
		return nil
	}
	return func(destination string, within time.Duration) {
		d.world.loops.alive(laneLoop(destination), within)
	}
}
