package poller

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"seekpoller/store"
)

// never is the wait for a tick that does not come.
const never = time.Duration(math.MaxInt64)

// dueIn says how long a cursor must still wait before it may be asked, apart from the slot. It is worked out from the row alone, so a
// restart forgets nothing. A caught-up live cursor waits for two things: the quiet period since its last page, and a tick of its schedule.
// A tick that falls into the quiet period is not lost: the cursor is due when the period ends. After an error it waits its back-off and no
// tick: the tick that made it due still counts.
func (s Stream) dueIn(c store.Cursor, now, started store.Instant) time.Duration {
	elapsed := c.WaitFrom.Elapsed(now, started)
	wait := max(0, c.Wait-elapsed)
	if c.State == store.CaughtUp && c.LastErrorKind == "" && c.Kind == "live" {
		wait = max(wait, s.untilTick(c, now, elapsed))
	}
	return wait
}

// untilTick is how long it is until the first tick of the schedule since the cursor was caught up; 0 or less: it was. The moment is put into today's wall
// clock by the time that provably passed since, so that a clock which was set right or wrong in between neither adds nor swallows a tick.
func (s Stream) untilTick(c store.Cursor, now store.Instant, elapsed time.Duration) time.Duration {
	since := now.Wall.Add(-elapsed)
	if c.WaitFrom.BootID != now.BootID && c.CaughtUpAt.Before(since) {
		since = c.CaughtUpAt // the machine was off, or another: ticks in that time count
	}
	next := s.Schedule.Next(since.UTC())
	if next.IsZero() {
		return never
	}
	return next.Sub(now.Wall)
}

// nextQuery estimates for people when a caught-up stream will be asked again.
func (s Stream) nextQuery(ended time.Time, quiet time.Duration) time.Time {
	quietEnds := ended.Add(quiet)
	if tick := s.Schedule.Next(ended.UTC()); tick.After(quietEnds) {
		return tick
	}
	return quietEnds
}

// choose picks the cursor to ask now: live cursors before backfills, and among them the one that was asked longest ago. With that order
// no stream starves: each that is due is served within as many slots as there are streams. It returns the shortest wait if none is due.
func (p *Poller) choose(cursors []store.Cursor, now store.Instant) (c store.Cursor, wait time.Duration) {
	var due []store.Cursor
	wait = never
	for _, c := range cursors {
		stream, may := p.streamOf(c)
		if !may {
			continue
		}
		in := stream.dueIn(c, now, p.started)
		wait = min(wait, in)
		p.pulse.noteDue(c.ID, in == 0, now)
		if in == 0 {
			due = append(due, c)
		}
	}
	if len(due) == 0 {
		return store.Cursor{}, wait
	}
	return slices.MinFunc(due, moreUrgent), 0
}

// streamOf is the stream that a cursor belongs to. A cursor whose stream is no longer configured, or a stretch whose stream has other settings
// now, so that its position means nothing, may not be asked: the row stays, and waits for a person.
func (p *Poller) streamOf(c store.Cursor) (s Stream, may bool) {
	s, may = p.streams[c.Stream]
	if c.Kind != "live" {
		may = may && c.Fingerprint == s.Fingerprint
		if c.Types != nil {
			s.Types = c.Types
		}
	}
	return s, may
}

func moreUrgent(a, b store.Cursor) int {
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.LastQueryID, b.LastQueryID), cmp.Compare(a.ID, b.ID))
}

func rank(c store.Cursor) int {
	if c.Kind == "live" {
		return 0
	}
	return 1
}

// rest is how long no query is made, whatever the cursors say, because the database does not know of the last ones. Who made them may have reached a
// last page, or have died in the middle of a query.
func (p *Poller) rest(now store.Instant) time.Duration {
	if !p.Store.SetBack() {
		return 0
	}
	return max(p.quiet(), p.interval()+p.Timeout) - p.started.Elapsed(now, p.started)
}

// untilWork says how long to wait until some cursor is due and the slot is free; 0: now.
func (p *Poller) untilWork(ctx context.Context, now store.Instant) (time.Duration, error) {
	cursors, err := p.Store.OpenCursors(ctx)
	if err != nil {
		return 0, fmt.Errorf("read cursors: %w", err)
	}
	if rest := p.rest(now); rest > 0 {
		return rest, nil
	}
	_, due := p.choose(cursors, now)
	if due == never {
		return never, nil
	}
	slot, err := p.Store.SlotWait(ctx, p.interval(), now)
	if err != nil {
		return 0, fmt.Errorf("read the last queries: %w", err)
	}
	return max(due, slot), nil
}
