package store

import (
	"database/sql"
	"fmt"
)

// removeQueries shortens the ledger from its beginning, and only there, so that what is left of it stays a chain: up to the first query that
// is young, that brought an event which is still here, or that is among the last ones, by which the slot is known. Each cursor remembers where
// its first query that is left had to begin.
func (u *Upkeep) removeQueries(tx *sql.Tx) (more bool, err error) {
	rows, err := tx.Query(`
		SELECT id, iif(coalesce(ended_at, sent_at) < ?1, 'old', 'young')
		FROM queries
		WHERE id < (SELECT coalesce(min(query_id), 9e18) FROM events)
		  AND id < (SELECT min(id) FROM (SELECT id FROM queries ORDER BY id DESC LIMIT 8))
		ORDER BY id
		LIMIT ?2`, stamp(u.now.Add(-u.retention.Records)), u.rows)
	if err != nil {
		return false, fmt.Errorf("choose queries by age: %w", err)
	}
	part, err := collect(rows, scanSorted)
	if err != nil {
		return false, fmt.Errorf("choose queries by age: %w", err)
	}
	last, n := int64(0), 0
	for n < len(part) && part[n].sort == tooOld {
		last = part[n].seq
		n++
	}
	if n == 0 {
		return false, nil
	}
	u.Cleared.Queries += int64(n)
	return n == u.rows, cutLedger(tx, last)
}

// cutLedger removes the ledger up to a query.
func cutLedger(tx *sql.Tx, last int64) error {
	_, err := tx.Exec(`
		UPDATE cursors
		SET ledger_begins = l.cursor_after
		FROM (
		  SELECT cursor_id, cursor_after, max(id)
		  FROM queries NOT INDEXED
		  WHERE id <= ?
		    AND outcome = 'answered'
		  GROUP BY cursor_id) l
		WHERE cursors.id = l.cursor_id`, last)
	if err != nil {
		return fmt.Errorf("move the ledger's beginning: %w", err)
	}
	_, err = tx.Exec("DELETE FROM queries WHERE id <= ?", last)
	return err
}

// removeCursors removes what ended long ago and has no query left in the ledger.
func (u *Upkeep) removeCursors(tx *sql.Tx) (more bool, err error) {
	done, err := tx.Exec(`
		DELETE FROM cursors
		WHERE ended_at < ?
		  AND NOT EXISTS (SELECT 1 FROM queries WHERE cursor_id = cursors.id)`, stamp(u.now.Add(-u.retention.Records)))
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	u.Cleared.Cursors += n
	return false, err
}
