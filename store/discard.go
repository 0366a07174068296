package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Discard settles deliveries that are owed or dead as discarded: nothing of them is sent any more. One that is being sent may arrive all the
// same; then its attempt is recorded, and it stays discarded. What was delivered stays so.
// The rows of the action are the deliveries changed; a crash leaves those of the parts that were done.
func (s *Store) Discard(ctx context.Context, d Deed, c DeliveryChoice) (Action, error) {
	w, err := s.newWalk(ctx, c, d.At)
	if err != nil {
		return Action{}, err
	}
	return s.actInParts(ctx, d, func(tx *sql.Tx, a *Action) (bool, error) {
		dest, part, more, err := w.next(ctx, tx)
		if err != nil {
			return false, err
		}
		n, err := discard(tx, dest, part, a)
		a.Rows += n
		return more, err
	})
}

// discard settles all of a part, which stand alike: they are owed, or they are dead.
func discard(tx *sql.Tx, dest string, part []sorted, a *Action) (int64, error) {
	// The plus keeps SQLite from looking through all deliveries that stand so, for those in the list.
	settle := func(standing string, seqs []int64) (int64, error) {
		n, err := change(tx, dest, seqs, `
			UPDATE outbox
			SET due_at = NULL, dead_at = NULL, discarded_at = ?, action = ?
			WHERE +`+standing+` IS NOT NULL
			  AND destination = ?
			  AND seq IN (SELECT value FROM json_each(?))`, stamp(a.At), a.ID)
		if err != nil {
			return 0, fmt.Errorf("discard deliveries: %w", err)
		}
		return n, nil
	}
	owed, err := settle("due_at", pick(part, sortWaiting, sortSending, sortRetrying))
	if err != nil {
		return 0, err
	}
	dead, err := settle("dead_at", pick(part, sortDead, sortPurged))
	if err != nil {
		return 0, err
	}
	return owed + dead, count(tx, dest, -int(owed), -int(dead))
}
