package poller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"seekpoller/graphql"
	"seekpoller/store"
)

// SlowFactor caps every back-off, in intervals: at SEEK's minute, a quarter of an hour.
const SlowFactor = 15

// slow is how often a stream is asked that only a person can mend. It heals by itself once the cause is gone.
func (p *Poller) slow() time.Duration { return SlowFactor * p.Interval }

// backoff is the wait after the nth failure in a row: the interval, doubled each time, up to slow, spread by up to a fifth so that many
// installations do not come back together.
func (p *Poller) backoff(n int) time.Duration {
	wait := p.Interval << min(n-1, 10)
	wait += time.Duration(p.Jitter() * 0.2 * float64(wait))
	return min(wait, p.slow())
}

// fail closes the query's row with what went wrong and when to ask again. The next step is the retry.
func (p *Poller) fail(ctx context.Context, token string, q store.Query, asked error, ended store.Instant) error {
	if ctx.Err() != nil && errors.Is(asked, context.Canceled) {
		return ctx.Err() // given up at shutdown: the row stays open, reads as unknown, and its slot counts until its time-out
	}
	f := p.failure(token, q, asked, ended.Wall)
	if f.Suspect = narrower(q, asked); f.Suspect != q.Cursor.Suspect {
		f.Wait = 0 // the next slot: the page is being taken apart
	}
	f.NextQueryAt = ended.Wall.Add(max(f.Wait, f.RetryAfter, p.interval()))
	fields := append(queryFields(q), zap.String("kind", f.Kind), zap.Int("status", f.Status), zap.Int("failures", q.Cursor.Failures+1),
		zap.Time("next_query_at", f.NextQueryAt), zap.String("error", f.Message))
	if f.Kind == string(graphql.Transient) || f.Kind == string(graphql.Throttled) {
		p.Log.Warn("query failed", fields...)
	} else {
		p.Log.Error("query failed", fields...)
	}
	err := p.untilWritten(ctx, func(ctx context.Context) error { return p.Store.Fail(ctx, q, f, ended) })
	return p.closed(q, f.Kind, err)
}

// closed is the end of a query that brought no page, given what the store said when it was to record that.
func (p *Poller) closed(q store.Query, kind string, err error) error {
	if err != nil && !errors.Is(err, store.ErrAnswered) { // which is a commit that held although it said otherwise
		return err
	}
	p.asked(q, kind, nil, 0)
	return nil
}

// failure sorts an error by who acts next, and says how long this cursor waits (Wait) or everybody does (RetryAfter).
func (p *Poller) failure(token string, q store.Query, asked error, now time.Time) store.Failure {
	kind := graphql.KindOf(asked)
	f := store.Failure{Kind: string(kind), Message: asked.Error(), Wait: p.slow()}
	var e *graphql.Error
	if errors.As(asked, &e) {
		f.Status, f.RetryAfter = e.Status, e.RetryAfter
	}
	switch kind {
	case graphql.Transient:
		f.Wait = p.backoff(q.Cursor.Failures + 1)
	case graphql.Throttled:
		f.Wait = p.backoff(q.Cursor.Failures + 1)
		f.RetryAfter = max(f.RetryAfter, f.Wait)
		f.Message += "; we ask once a minute at most, and the limit is for all who use these credentials: does another installation or program ask for events with them?"
	case graphql.Unauthorized:
		if e != nil && e.Unauthenticated() {
			p.Tokens.Refused(token)
			f.Wait = 0 // the next slot, if there is a new token: Tokens gives one, once
		}
	case graphql.Rejected:
		if e != nil && e.Code == "BAD_USER_INPUT" && asBefore(q) {
			f.Kind = string(graphql.BadCursor)
			f.Message = badCursor(q.Cursor, f.Message, now)
		}
	}
	return f
}

// asBefore reports whether the query was the one that last succeeded, but for its cursor: then it is the cursor that SEEK refuses. The
// filter cannot have changed, because the cursor's fingerprint covers it.
func asBefore(q store.Query) bool {
	last := graphql.Selection(q.Cursor.LastSelection)
	return q.Cursor.Position != "" && last != "" && (q.Cursor.LastSelection == q.Selection || last == graphql.Interface || last == graphql.Places)
}

// kept is how long SEEK keeps events.
// https://developer.seek.com/events/polling
const kept = 90 * 24 * time.Hour

// badCursor says what it means that SEEK refuses the cursor: from when on events wait, and which ones SEEK has forgotten, if any; and what to do.
func badCursor(c store.Cursor, said string, now time.Time) string {
	if c.Kind != "live" {
		return fmt.Sprintf("SEEK refuses the stored cursor of this %s, which is at %s: cancel it, and start it anew from there. SEEK says: %s", c.Kind, rfc3339(c.LastEventAt), said)
	}
	complete := c.LastEventAt
	if c.State == store.CaughtUp {
		complete = c.CaughtUpAt
	}
	from := now.Add(-kept)
	means := fmt.Sprintf("Nothing is skipped: events since %s wait at SEEK, 90 days at most, until the cursor is moved", rfc3339(complete))
	switch {
	case complete.IsZero():
		means = "Nothing is skipped: all events wait at SEEK, 90 days at most, until the cursor is moved"
	case complete.Before(from):
		means = fmt.Sprintf("SEEK keeps events for 90 days, so those from %s to %s are lost; those since then wait at SEEK until the cursor is moved",
			rfc3339(complete), rfc3339(from))
	}
	return fmt.Sprintf("SEEK refuses the stored cursor. %s: seek-poller cursors rewind %s --to-time %s. SEEK says: %s", means, c.Stream, c.SafeTime().UTC().Format(time.RFC3339Nano), said)
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// noToken notes on every cursor that is due why it is not asked. No slot is taken and no query made.
func (p *Poller) noToken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := p.Now()
	cursors, readErr := p.Store.OpenCursors(ctx)
	if readErr != nil {
		return fmt.Errorf("read cursors: %w", readErr)
	}
	var held []int64
	for _, c := range cursors {
		if s, may := p.streamOf(c); may && s.dueIn(c, now, p.started) == 0 {
			held = append(held, c.ID)
		}
	}
	f := store.Failure{Kind: string(graphql.KindOf(err)), Message: "get a token: " + err.Error(), Wait: p.Interval}
	var e *graphql.Error
	if errors.As(err, &e) {
		f.Status = e.Status
		f.Wait = max(e.RetryAfter, time.Second)
	}
	f.NextQueryAt = now.Wall.Add(f.Wait)
	p.Log.Error("no token, so no query", zap.String("kind", f.Kind), zap.Int("status", f.Status), zap.Time("next_query_at", f.NextQueryAt), zap.Error(err))
	return p.untilWritten(ctx, func(ctx context.Context) error { return p.Store.Hold(ctx, held, f, now) })
}

// untilWritten repeats a write of the store until the disk takes it or ctx ends. It is tried once even if ctx has ended.
func (p *Poller) untilWritten(ctx context.Context, write func(context.Context) error) error {
	for {
		err := write(context.WithoutCancel(ctx))
		if err == nil || !store.Temporary(err) {
			return err
		}
		p.Log.Error("database cannot be written", zap.Error(err), zap.Duration("again_in", diskWait))
		if p.sleepFor(ctx, diskWait); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}
