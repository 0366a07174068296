package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Failure is why a query brought no page, or was not sent.
type Failure struct {
	Kind, Message string        // the kind names who acts next; the message holds no secret and no personal data
	Status        int           // of HTTP; 0: none
	RetryAfter    time.Duration // everyone waits so long from the end of the exchange
	Wait          time.Duration // this cursor waits so long
	NextQueryAt   time.Time     // the same for people
	Suspect       int           // as Page.Suspect
}

// Fail closes the ledger row of a query that brought no page. Its cursor keeps its state and position, and gets the error, one more failure
// in a row and its wait. It returns ErrAnswered if the row is closed already.
func (s *Store) Fail(ctx context.Context, q Query, f Failure, ended Instant) error {
	return s.write(ctx, "failure", fmt.Sprintf("record the failure of query %d", q.ID), func(tx *sql.Tx) error {
		if err := closeFailed(tx, q, f, ended); err != nil {
			return err
		}
		return postpone(tx, []int64{q.Cursor.ID}, f, 1, ended)
	})
}

func closeFailed(tx *sql.Tx, q Query, f Failure, ended Instant) error {
	return one(tx, ErrAnswered, `
		UPDATE queries
		SET ended_at = ?, outcome = ?, error = ?, status = ?, retry_after_ms = ?, ended_boot_ms = ?
		WHERE id = ?
		  AND ended_at IS NULL`,
		stamp(ended.Wall), f.Kind, cut(f.Message), orNone(f.Status), ceilMS(max(0, f.RetryAfter)), endMS(q, ended), q.ID)
}

// Hold makes cursors wait although no query was made, for want of a token for instance: they get the error and the wait,
// the ledger nothing, and their failures in a row stay as they are.
func (s *Store) Hold(ctx context.Context, cursorIDs []int64, f Failure, now Instant) error {
	return s.write(ctx, "failure", "hold cursors", func(tx *sql.Tx) error {
		return postpone(tx, cursorIDs, f, 0, now)
	})
}

// postpone puts the error and the wait on cursors that have not ended.
func postpone(tx *sql.Tx, cursorIDs []int64, f Failure, failures int, from Instant) error {
	ids, err := json.Marshal(cursorIDs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE cursors
		SET failures = failures + ?, suspect = CASE ? WHEN 0 THEN suspect ELSE ? END, last_error_kind = ?, last_error = ?, last_error_at = ?, next_query_at = ?,
		    wait_ms = ?, wait_from = ?, wait_boot_ms = ?, wait_boot_id = ?
		WHERE id IN (SELECT value FROM json_each(?))
		  AND ended_at IS NULL`,
		failures, failures, f.Suspect, f.Kind, cut(f.Message), stamp(from.Wall), stampUp(f.NextQueryAt),
		ceilMS(max(0, f.Wait)), stamp(from.Wall), ceilMS(from.Boot), from.BootID, string(ids))
	return err
}

// endMS is the end of an exchange on the boot clock. It is NULL, which counts as the whole time-out, where the clock proves nothing.
func endMS(q Query, ended Instant) any {
	if ended.BootID != q.SentAt.BootID || ended.Boot < q.SentAt.Boot {
		return nil
	}
	return ceilMS(ended.Boot)
}

// longest is the most that is kept of a message; what was meant for people fits.
const longest = 500

// cut shortens a message to that many characters.
func cut(s string) string {
	n := 0
	for i := range s {
		if n == longest {
			return s[:i]
		}
		n++
	}
	return s
}

// orNone keeps a number that is not there, a status or an action, as NULL.
func orNone[N int | int64](n N) any {
	if n == 0 {
		return nil
	}
	return n
}
