package outbox

import (
	"context"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

const (
	leaseMargin = 30 * time.Second // a lease outlives its send's time-out by this much
	shortestNap = 10 * time.Millisecond
	longestNap  = 15 * time.Minute      // while something is owed: timers do not count the time that the machine was suspended
	lastWords   = time.Second           // for senders that were cut off to come back
	gathering   = 20 * time.Millisecond // at most, for results to be settled together
)

// lane is one destination and the goroutine that works for it. Everything but wake and done is that goroutine's own.
type lane struct {
	Destination
	store *store.Store
	now   func() time.Time
	log   *zap.Logger
	alive func(destination string, within time.Duration) // nil: nobody watches
	tried func(Try)                                      // nil: nobody counts

	jitter func() float64 // in [0,1)

	wake chan struct{} // capacity 1
	done chan result   // a send never waits to be heard

	sending   context.Context    // of the sends; outlives the claiming
	busy      int                // sends in hand
	line      line               // claimed, to be sent next
	claimed   int                // deliveries in line after the last claim
	width     int                // deliveries claimed for each free place; at most Batch
	quick     int                // deliveries taken in under a second each, since the last claim
	cutoffs   []time.Time        // by when each send in hand has ended, whatever its receiver does; oldest first
	unsettled []store.Settlement // what came of sends, not yet durable
	health
	trouble int // store errors in a row
}

func newLane(c Config, d Destination) *lane {
	d.Batch, d.Concurrency = max(d.Batch, 1), max(d.Concurrency, 1)
	if d.Timeout <= 0 {
		d.Timeout = 30 * time.Second
	}
	return &lane{
		Destination: d,
		store:       c.Store,
		now:         func() time.Time { return c.Now().UTC() },
		alive:       c.Alive,
		tried:       c.Tried,
		jitter:      c.Jitter,
		log:         c.Log.With(zap.String("destination", d.Name), zap.String("kind", d.Kind)),
		wake:        make(chan struct{}, 1),
		done:        make(chan result, d.Concurrency*(d.Batch+1)+longestLine),
		width:       d.Batch,
	}
}

// run turns until ctx ends. There is nothing to recover at the start: what a dead process had claimed falls due when its lease ends.
func (l *lane) run(ctx, sending context.Context) {
	l.sending = sending
	for ctx.Err() == nil {
		l.seen(0)
		nap, err := l.turn(ctx)
		if err != nil {
			nap = l.troubled(ctx, err)
		} else {
			l.trouble = 0
		}
		l.sleep(ctx, l.seen(nap))
	}
	l.finish()
}

// turn makes durable what came back, sends what may be sent, and says how long nothing is to be done; negative: until called.
// The order matters: what has come back is durable before more is claimed.
func (l *lane) turn(ctx context.Context) (time.Duration, error) {
	l.hear()
	if err := l.settle(ctx); err != nil {
		return 0, err
	}
	if err := l.refresh(ctx); err != nil {
		return 0, err
	}
	if err := l.putBack(ctx); err != nil {
		return 0, err
	}
	more, err := l.fill(ctx)
	if err != nil || len(l.unsettled) > 0 {
		return 0, err
	}
	if more {
		return -1, nil // a send that ends makes the next turn
	}
	return l.nap(ctx)
}

// nap is the time until something falls due that may be sent; negative: only a call will change anything.
func (l *lane) nap(ctx context.Context) (time.Duration, error) {
	now := l.now()
	at, owed, err := l.store.NextDue(ctx, l.Name, now)
	if err != nil {
		return 0, err
	}
	if !owed || l.places() <= l.busy {
		return -1, nil
	}
	if l.heldUntil.After(at) {
		at = l.heldUntil
	}
	return min(max(at.Sub(now), shortestNap), longestNap), nil
}

// sleep ends with the time, a call, a result or ctx, whichever comes first.
func (l *lane) sleep(ctx context.Context, nap time.Duration) {
	var alarm <-chan time.Time
	if nap >= 0 {
		timer := time.NewTimer(nap)
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-alarm:
	case <-l.wake:
	case r := <-l.done:
		l.returned(r)
		l.gather(ctx)
	}
}

// gather takes more results, to be settled together, for as long as nothing waits for the lane: every sender is busy, and there is half of the
// line left for them to go on with.
func (l *lane) gather(ctx context.Context) {
	enough := time.NewTimer(gathering)
	defer enough.Stop()
	for l.busy == l.places() && l.ahead() > l.claimed/2 {
		select {
		case r := <-l.done:
			l.returned(r)
		case <-enough.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// hear takes the results that are there.
func (l *lane) hear() {
	for {
		select {
		case r := <-l.done:
			l.returned(r)
		default:
			return
		}
	}
}

// finish waits for the sends in hand and records them. They end by their own time-out or when the relay's grace does. What was
// claimed and not sent is given back; what never came back falls due again when its lease ends.
func (l *lane) finish() {
	unsent := l.line.clear()
	cut := l.sending.Done()
	var late <-chan time.Time
	for l.busy > 0 {
		select {
		case r := <-l.done:
			l.returned(r)
		case <-cut:
			cut, late = nil, time.After(lastWords)
		case <-late:
			l.log.Error("a send did not end when told to", zap.Int("sends", l.busy))
			l.busy = 0
		}
	}
	ctx := context.WithoutCancel(l.sending)
	if err := l.settle(ctx); err != nil {
		l.log.Error("what was sent is not recorded and will be sent again", zap.Int("deliveries", len(l.unsettled)), zap.Error(err))
	}
	if err := l.store.Release(ctx, l.Name, unsent); err != nil {
		l.log.Warn("what was claimed and not sent waits for its lease to end", zap.Int("deliveries", len(unsent)), zap.Error(err))
	}
}

// troubled logs what the store said and waits: 1 s, 2 s, … a minute. Results stay in memory and are settled before anything else.
func (l *lane) troubled(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	l.trouble++
	l.line.let(false)
	wait := min(time.Second<<min(l.trouble-1, 6), time.Minute)
	l.log.Error("the store did not do its part", zap.Error(err), zap.Duration("wait", wait))
	return wait
}
