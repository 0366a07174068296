package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// removal goes through events, oldest first, and removes something of those that are old. They are found by a read, beside whoever writes, and sorted again in
// the transaction that changes them. So what is kept, however much it is, keeps nobody from writing.
type removal struct {
	what    string
	write   transaction
	from    string   // FROM and WHERE of the events e to look at
	sorts   string   // sorts them: old, kept or young; ?1 is the time before which they are old, ?2 the time now
	before  any      // ?1
	entries []string // of what will be removed, read ahead of the transaction
	do      func(u *Upkeep, tx *sql.Tx, seqs []int64) error
}

// step is a chore.
func (r removal) step(u *Upkeep, ctx context.Context) (more bool, held time.Duration, err error) {
	old, next, more, err := r.choose(u, ctx, u.s.reader)
	if err != nil {
		return false, 0, fmt.Errorf("%s: %w", r.what, err)
	}
	if len(old) == 0 {
		u.after, u.look = next, min(mostRows, 2*u.look)
		return more, 0, nil
	}
	if err := u.s.readEntries(ctx, r.entries, old, ""); err != nil {
		return false, 0, err
	}
	more, held, err = step(r.what, r.write, func(u *Upkeep, tx *sql.Tx) (bool, error) {
		old, next, more, err := r.choose(u, context.WithoutCancel(ctx), tx)
		if err == nil {
			err = r.do(u, tx, old)
		}
		u.after = next
		return more, err
	})(u, ctx)
	u.look = max(u.rows, firstRows)
	return more, held, err
}

// choose finds the next events that are old, at most as many as a step may change, up to the first that is young. next is up to where it has looked.
func (r removal) choose(u *Upkeep, ctx context.Context, db asker) (old []int64, next int64, more bool, err error) {
	rows, err := db.QueryContext(ctx, `
		SELECT e.seq, `+r.sorts+`
		FROM `+r.from+`
		  AND e.seq > ?3
		ORDER BY e.seq
		LIMIT ?4`, r.before, stamp(u.now), u.after, u.look)
	if err != nil {
		return nil, 0, false, fmt.Errorf("choose events: %w", err)
	}
	part, err := collect(rows, scanSorted)
	if err != nil {
		return nil, 0, false, fmt.Errorf("choose events: %w", err)
	}
	next = u.after
	for _, e := range part {
		switch {
		case e.sort == isYoung:
			return old, next, false, nil
		case e.sort == tooOld && len(old) == u.rows:
			return old, next, true, nil
		case e.sort == tooOld:
			old = append(old, e.seq)
		}
		next = e.seq
	}
	return old, next, len(part) == u.look, nil
}
