package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Retry makes deliveries due. One that waits for its next try is due at once. One that was given up, by us or by a person, is owed anew with
// all attempts before it; these become due one after the other, at so many a second. What is due already, is being sent, or was not tried yet
// stays as it is, and so does what was purged. A hold of a destination that has anything to send of these is let go.
// The rows of the action are the deliveries changed and the holds let go; a crash leaves those of the parts that were done.
func (s *Store) Retry(ctx context.Context, d Deed, c DeliveryChoice, rate int) (Action, error) {
	w, err := s.newWalk(ctx, c, d.At)
	if err != nil {
		return Action{}, err
	}
	due := &pace{begin: d.At, rate: rate}
	return s.actInParts(ctx, d, func(tx *sql.Tx, a *Action) (bool, error) {
		dest, part, more, err := w.next(ctx, tx)
		if err != nil {
			return false, err
		}
		n, err := retry(tx, dest, part, due, a)
		a.Rows += n
		return more, err
	})
}

func retry(tx *sql.Tx, dest string, part []sorted, due *pace, a *Action) (int64, error) {
	soon, err := change(tx, dest, pick(part, sortRetrying), `
		UPDATE outbox
		SET due_at = ?
		WHERE destination = ?
		  AND seq IN (SELECT value FROM json_each(?))`, stamp(a.At))
	if err != nil {
		return 0, fmt.Errorf("make deliveries due: %w", err)
	}
	var settled []owing
	for _, seq := range pick(part, sortDead, sortDiscarded) {
		settled = append(settled, owing{seq, due.next()})
	}
	anew, err := oweAnew(tx, dest, settled, a.ID)
	if err != nil {
		return 0, fmt.Errorf("owe deliveries anew: %w", err)
	}
	free, err := letGo(tx, dest, part, a)
	return soon + int64(anew) + free, err
}

// letGo ends a hold, if a part has something to send: whoever wants it tried again knows that the receiver is back, or wants to know.
func letGo(tx *sql.Tx, dest string, part []sorted, a *Action) (int64, error) {
	if len(pick(part, sortWaiting, sortRetrying, sortDead, sortDiscarded)) == 0 {
		return 0, nil
	}
	done, err := tx.Exec("UPDATE destinations SET not_before = NULL WHERE name = ? AND not_before > ?", dest, stamp(a.At))
	if err != nil {
		return 0, fmt.Errorf("let the destination go: %w", err)
	}
	return done.RowsAffected()
}
