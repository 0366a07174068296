package poller

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

// latest is how long before the moment of completeness a reconciliation ends: SEEK may put an event on its stream a little after its time.
const latest = 5 * time.Minute

// reconcile begins the scheduled reconciliations that are due. Whether one is follows from the rows alone, so a restart neither forgets nor
// repeats it: its schedule has ticked since the newest one was made. It waits until the live cursor is caught up, since it compares what SEEK
// has with what should be here, and while the one before it goes on.
func (p *Poller) reconcile(ctx context.Context, now store.Instant) error {
	for _, s := range p.Streams {
		if s.Reconcile == nil {
			continue
		}
		made, open, err := p.Store.LastReconcile(ctx, s.Name)
		if err != nil {
			return err
		}
		next := s.Reconcile.Next(made.UTC())
		setBack := made.After(now.Wall) // the clock was, so that nobody knows which ticks there were
		if open || !setBack && (next.IsZero() || next.After(now.Wall)) {
			continue
		}
		if err := p.beginReconcile(ctx, s, made, now); err != nil {
			return err
		}
	}
	return nil
}

func (p *Poller) beginReconcile(ctx context.Context, s Stream, made time.Time, now store.Instant) error {
	live, err := p.Store.LiveCursor(ctx, s.Name)
	if err != nil || live.State != store.CaughtUp {
		return err
	}
	begins, err := p.Store.StreamBegins(ctx, s.Name, s.Fingerprint)
	if err != nil {
		return err
	}
	until := live.CaughtUpAt.Add(-latest)
	since := until.Add(-s.ReconcileWindow)
	if since.Before(begins) {
		since = begins
	}
	if !since.Before(until) {
		return nil // the stream is too young
	}
	id, err := p.Store.BeginReconcile(ctx, store.NewStretch{Stream: s.Name, Kind: "reconcile", Fingerprint: s.Fingerprint, Since: since, Until: until}, made, now.Wall)
	if store.Temporary(err) {
		p.Log.Error("reconciliation not begun yet", zap.String("stream", s.Name), zap.Error(err))
		return nil
	}
	if err == nil && id != 0 {
		p.Log.Info("reconciliation begins", zap.String("stream", s.Name), zap.Int64("cursor", id), zap.Time("from", since), zap.Time("to", until))
	}
	return err
}

// tellEnd says what came of a stretch with its last page.
func (p *Poller) tellEnd(ctx context.Context, q store.Query, page store.Page) error {
	if page.State != store.Ended {
		return nil
	}
	c, err := p.Store.Cursor(ctx, q.Cursor.ID)
	if err != nil {
		return fmt.Errorf("read the stretch that ended: %w", err)
	}
	fields := append(queryFields(q), zap.Int64("cursor", c.ID), zap.Time("from", c.Since), zap.Time("to", c.Until),
		zap.Int64("events", c.Seen), zap.Int64("new", c.Events))
	switch {
	case c.Kind == "reconcile" && c.Events > 0:
		p.Log.Warn("reconciliation complete: events were missing, and are stored and owed to their destinations now", fields...)
	case c.Kind == "reconcile":
		p.Log.Info("reconciliation complete: nothing was missing", fields...)
	default:
		p.Log.Info("backfill complete", fields...)
	}
	return nil
}
