// Package poller decides when SEEK is asked, and what becomes of the answer.
//
// It is one loop. Each turn is a step: one slot, one query, one transaction. SEEK allows one events query a minute over the whole
// integration, so concurrency would buy nothing, and one loop is easy to reason about: whatever happens, the database says what comes next.
// There is no retry inside a step. The next step is the retry.
//
// It is not for speaking GraphQL (package graphql), not for SQL (package store), and not for handing events on: it calls Saved when there
// is something to hand on.
package poller

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"
	"golang.org/x/time/rate"

	"seekpoller/graphql"
	"seekpoller/store"
)

// startOverlap is how far before the moment of the first start a stream with start "now" begins, so that an event which SEEK puts on the
// stream while the partner installs us is not lost.
const startOverlap = 5 * time.Minute

// Stream is one configured series of events.
type Stream struct {
	Name        string
	Scheme      string        // SEEK's scheme id: seekAnz, or seekAnzPublicTest in the Playground
	Types       []string      // SEEK's event type codes; empty: all
	Schedule    cron.Schedule // when a caught-up stream is asked again, UTC
	Since       time.Time     // where a new stream starts, by stream time; zero: the earliest event that SEEK has
	StartNow    bool          // start at the moment the stream is first seen, instead of Since
	Details     bool          // select candidate, profile and position details, personal data included
	Fingerprint string        // of what the cursor depends on; see store.NewCursor

	// Reconcile is when the stream's past is compared with what is stored, UTC, and ReconcileWindow how much of it; nil: never.
	Reconcile       cron.Schedule
	ReconcileWindow time.Duration
}

// Destination is what the poller needs to know of a destination: which events it takes.
type Destination struct {
	Name    string
	Streams []string // empty: all
	Types   []string // empty: all
	Hirers  []string // SEEK's hirer ids; empty: all. An event whose hirer SEEK does not tell is taken
	Again   bool     // takes an event each time SEEK sends it, and not only the first time
}

// Config is what a Poller works with. Every field is needed unless it says otherwise.
type Config struct {
	Store        *store.Store
	Client       *graphql.Client
	Tokens       *graphql.Tokens
	Streams      []Stream
	Destinations []Destination

	Interval time.Duration // SEEK's minute, counted from the end of the last exchange
	Quiet    time.Duration // SEEK's quarter of an hour after a last page
	Timeout  time.Duration // of one query, body included
	PageSize int           // events a page, at most graphql.MaxFirst
	Grace    time.Duration // how long a query in flight may go on after the end was asked for; 0: it is given up at once

	Now    func() store.Instant // the clocks; store.ReadClock in production
	Saved  func()               // called after a page is durable; may be nil
	Alive  func(time.Duration)  // called at each turn of the loop, and in it before each wait, with how soon at the latest it is called again; nil: nobody watches
	Asked  func(Exchange)       // called after the end of each query is recorded; it must not block; nil: nobody counts
	Jitter func() float64       // in [0,1), spreads back-off; nil: random
	Log    *zap.Logger
}

// Poller asks SEEK. One per process; Run must be called at most once.
type Poller struct {
	Config
	streams map[string]Stream
	started store.Instant
	gate    *rate.Limiter // owned by Run; see closeGate
	pulse   pulse
	wake    chan struct{}
}

// New makes a Poller. It reads the clock: time that passed before a reboot or on another machine counts from here.
func New(c Config) *Poller {
	p := &Poller{Config: c, streams: map[string]Stream{}, wake: make(chan struct{}, 1)}
	for _, s := range c.Streams {
		p.streams[s.Name] = s
	}
	if p.Jitter == nil {
		p.Jitter = rand.Float64
	}
	p.started = c.Now()
	p.pulse.due = map[int64]store.Instant{}
	return p
}

// Run asks until ctx ends, and then returns nil. It returns an error that only a person can cure: a cursor that belongs to another
// configuration (*store.FingerprintError), or a database that can no longer be trusted. A crash at any point is safe: the slot was made
// durable before its query was sent, and a page is either applied whole or not at all.
func (p *Poller) Run(ctx context.Context) error {
	if err := p.ensureCursors(ctx); err != nil {
		return ignoreEnd(ctx, err)
	}
	if rest := p.rest(p.Now()); rest > 0 {
		p.Log.Warn("this database was restored from a backup or came from another machine, so queries may have been made that it does not know of: none is made for the whole quiet period",
			zap.Duration("wait", rest))
		if err := p.Store.Foresee(ctx, p.Now().Wall.Add(rest)); err != nil && !store.Temporary(err) {
			return ignoreEnd(ctx, fmt.Errorf("say when the next query is: %w", err))
		}
	}
	ticks := p.startTicks()
	defer ticks.Stop()
	wait, err := p.Store.SlotWait(ctx, p.interval(), p.Now())
	if err != nil {
		return ignoreEnd(ctx, fmt.Errorf("read the last queries: %w", err))
	}
	p.closeGate(wait)
	for ctx.Err() == nil {
		p.alive(0)
		wait, err := p.Step(ctx)
		if err != nil {
			return ignoreEnd(ctx, err)
		}
		p.sleep(ctx, wait)
	}
	return nil
}

// ensureCursors makes the cursor of each stream that has none yet.
func (p *Poller) ensureCursors(ctx context.Context) error {
	for _, s := range p.Streams {
		now := p.Now()
		since := s.Since
		if s.StartNow {
			since = now.Wall.Add(-startOverlap)
		}
		c, created, err := p.Store.EnsureLive(ctx, store.NewCursor{Stream: s.Name, Kind: "live", Fingerprint: s.Fingerprint, Since: since}, now)
		if err != nil {
			return fmt.Errorf("prepare stream %s: %w", s.Name, err)
		}
		if created {
			from := "earliest"
			if !c.Since.IsZero() {
				from = c.Since.UTC().Format(time.RFC3339)
			}
			p.Log.Info("stream starts", zap.String("stream", s.Name), zap.String("from", from))
		}
	}
	return nil
}

// startTicks lets cron wake the loop. It does no more than that: whether a stream is due is worked out from the database, so a tick that
// comes too early or not at all loses nothing.
func (p *Poller) startTicks() *cron.Cron {
	c := cron.New(cron.WithLocation(time.UTC))
	for _, s := range p.Streams {
		c.Schedule(s.Schedule, cron.FuncJob(p.Wake))
		if s.Reconcile != nil {
			c.Schedule(s.Reconcile, cron.FuncJob(p.Wake))
		}
	}
	c.Start()
	return c
}

// Wake makes the loop look again: a person moved a cursor or began a backfill. It never blocks.
func (p *Poller) Wake() {
	select {
	case p.wake <- struct{}{}:
	default: // it is awake already
	}
}

// sleep ends after wait, at a tick, or with ctx. It never lasts longer than the quiet period: the clock may be set while it lasts, and then a tick comes
// earlier or later than was thought, and cron's timers with it. Who is watched wakes more often, to be seen turning.
func (p *Poller) sleep(ctx context.Context, wait time.Duration) {
	if wait <= 0 {
		return
	}
	wait = min(wait, p.Quiet)
	if p.Alive != nil {
		wait = min(wait, longestUnseen)
	}
	p.alive(wait)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.wake:
	case <-ctx.Done():
	}
}

const (
	longestUnseen = 30 * time.Second // that a watched loop sleeps
	aliveMargin   = time.Minute      // what lies between two waits takes less, on a disk that works
)

// alive promises another sign of life after a wait that takes at most d.
func (p *Poller) alive(d time.Duration) {
	if p.Alive != nil {
		p.Alive(d + aliveMargin)
	}
}

// closeGate shuts the gate for wait. The ledger is the authority on slots, because it outlives the process and is shared; the gate is a
// second lock inside the process, with a clock of its own, which holds even if the file under the ledger is replaced.
func (p *Poller) closeGate(wait time.Duration) {
	interval := p.interval()
	p.gate = rate.NewLimiter(rate.Every(interval), 1)
	p.gate.ReserveN(time.Now().Add(min(wait, interval)-interval), 1)
}

// interval is SEEK's minute with a third of a per cent added, because its clock and ours do not run alike.
func (p *Poller) interval() time.Duration { return p.Interval + p.Interval/300 }

// quiet is SEEK's quarter of an hour with the same margin.
func (p *Poller) quiet() time.Duration { return p.Quiet + p.Quiet/300 }

// ignoreEnd: being told to end is not a failure.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}
