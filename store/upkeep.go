package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"time"
)

// Retention is how long what is settled is kept. 0: for ever.
type Retention struct {
	Payloads time.Duration // events as SEEK sent them
	Records  time.Duration // all else: events, deliveries, attempts, the ledger
}

// Cleared counts what an Upkeep removed.
type Cleared struct {
	Purged, Payloads                      int64 // events emptied, or of which the payload was removed
	Events, Deliveries, Attempts, Queries int64
	Cursors                               int64
}

// Any says whether something was removed.
func (c Cleared) Any() bool { return c != (Cleared{}) }

// Upkeep is one round through what is too old, and through what was purged and is settled by now. It goes in small steps, so that whoever
// makes them can leave the writer to others in between. A crash leaves the steps that were done; the next round goes on from there.
// It is for one goroutine.
type Upkeep struct {
	Cleared Cleared // so far

	s         *Store
	retention Retention
	now       time.Time
	clock     func() time.Time
	chores    []chore // still to be done
	after     int64   // seq or id up to which the first of them has looked
	rows      int     // that a step changes
	look      int     // that it looks at to find them
	wiping    *wiping // nil: not begun
}

// chore is one kind of upkeep. It does one step and says whether it has more, and how long it kept others from writing.
type chore func(u *Upkeep, ctx context.Context) (more bool, held time.Duration, err error)

// NewUpkeep begins a round. What is old is told by now. clock measures how long a step takes, which decides how much the next one does, and
// nothing else.
func (s *Store) NewUpkeep(r Retention, now time.Time, clock func() time.Time) *Upkeep {
	u := &Upkeep{s: s, retention: r, now: now, clock: clock, rows: firstRows, look: firstRows}
	u.chores = append(u.chores, u.emptyPurged().step)
	if r.Payloads > 0 {
		u.chores = append(u.chores, u.removePayloads().step)
	}
	if r.Records > 0 {
		u.chores = append(u.chores,
			u.removeRecords().step,
			step("shorten the ledger", (*Store).write, (*Upkeep).removeQueries),
			step("remove old cursors", (*Store).write, (*Upkeep).removeCursors))
	}
	u.chores = append(u.chores, (*Upkeep).wipe)
	return u
}

// Step does one step. more says that there is another one. held is how long nobody else could write: the caller does well to wait about as
// long before the next step. ErrLogInUse says that the step must be tried again in a while; any other error ends the round.
func (u *Upkeep) Step(ctx context.Context) (more bool, held time.Duration, err error) {
	if len(u.chores) == 0 {
		return false, 0, nil
	}
	more, held, err = u.chores[0](u, ctx)
	if err != nil || more {
		return true, held, err
	}
	u.chores, u.after = u.chores[1:], 0
	return len(u.chores) > 0, held, nil
}

type transaction func(s *Store, ctx context.Context, kind, what string, do func(*sql.Tx) error) error

// step makes a chore of a function that does one part of it in a transaction. A part that failed has not been counted.
func step(what string, write transaction, part func(*Upkeep, *sql.Tx) (more bool, err error)) chore {
	return func(u *Upkeep, ctx context.Context) (more bool, held time.Duration, err error) {
		before := *u
		begun := u.clock()
		err = write(u.s, ctx, "upkeep", what, func(tx *sql.Tx) (err error) {
			begun = u.clock()
			more, err = part(u, tx)
			return err
		})
		if err != nil {
			*u = before
			return false, 0, err
		}
		held = u.clock().Sub(begun)
		u.rows = adapt(u.rows, held)
		if u.Cleared != before.Cleared {
			u.s.moveLog(ctx)
		}
		return more, held, nil
	}
}

// A step begins with so many rows, and is made smaller or larger so that it takes between the two times.
const (
	firstRows = 30
	leastRows = 16
	mostRows  = 2000
	tooShort  = 8 * time.Millisecond
	tooLong   = 16 * time.Millisecond
)

func adapt(rows int, held time.Duration) int {
	switch {
	case held > tooLong:
		return max(leastRows, rows/2)
	case held < tooShort:
		return min(mostRows, rows+rows/2)
	}
	return rows
}

// writeUnbound is write without SQLite's own look at what refers to deleted rows: nothing leads from an event to its deliveries by index, so it
// would read all deliveries for each. The transaction must itself delete what refers to what it deletes.
func (s *Store) writeUnbound(ctx context.Context, kind, what string, do func(*sql.Tx) error) error {
	if s.writer == nil {
		return fmt.Errorf("%s: %w", what, ErrReadOnly)
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer conn.Close()
	defer s.timed(kind)()
	ctx = context.WithoutCancel(ctx)
	if _, err = conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err == nil {
		err = transact(ctx, conn, do)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "PRAGMA foreign_keys = ON")
	}
	if err != nil {
		drop(conn)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// drop closes a connection instead of giving it back to its pool, which makes another one.
func drop(conn *sql.Conn) {
	_ = conn.Raw(func(any) error { return driver.ErrBadConn })
}
