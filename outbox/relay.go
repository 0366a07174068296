package outbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Relay hands on what the store owes to the destinations.
type Relay struct {
	grace time.Duration
	lanes []*lane
}

// New makes a relay; nothing happens before Run.
func New(c Config) *Relay {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Jitter == nil {
		c.Jitter = rand.Float64
	}
	if c.Grace == 0 {
		c.Grace = 10 * time.Second
	}
	r := &Relay{grace: c.Grace}
	for _, d := range c.Destinations {
		r.lanes = append(r.lanes, newLane(c, d))
	}
	return r
}

// Run works until ctx ends: one goroutine a destination, so that a slow one delays no other. When ctx ends nothing more is claimed;
// the sends in hand go on for the grace and are recorded. A store that cannot be written is waited for and logged, so the error is
// always nil. Run is called once.
func (r *Relay) Run(ctx context.Context) error {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var all sync.WaitGroup
	for _, l := range r.lanes {
		all.Go(func() { l.run(ctx, sending) })
	}
	<-ctx.Done()
	defer time.AfterFunc(r.grace, cut).Stop()
	all.Wait()
	return nil
}

// Wake says that something may be owed: a page was saved, a person resumed a destination or asked for a retry. It never blocks.
func (r *Relay) Wake() {
	for _, l := range r.lanes {
		select {
		case l.wake <- struct{}{}:
		default: // it is awake, or about to be
		}
	}
}
