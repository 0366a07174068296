package store

import (
	"database/sql"
	"encoding/json"
	"time"
)

// owing is a delivery that is to be owed, and from when on.
type owing struct {
	seq int64
	due time.Time
}

// wanted is the form in which a list of owings is bound: WITH wanted (seq, due) AS (SELECT value ->> 0, value ->> 1 FROM json_each(?)).
func wanted(list []owing) (string, error) {
	rows := make([][2]any, len(list))
	for i, o := range list {
		rows[i] = [2]any{o.seq, stampUp(o.due)}
	}
	text, err := json.Marshal(rows)
	return string(text), err
}

// oweAnew makes settled deliveries of one destination owed again, with all attempts before them. One that is still owed stays as it is: it has
// not arrived yet, so it will say the same. It returns how many it changed. action is the deed that wants it; 0: none.
func oweAnew(tx *sql.Tx, dest string, list []owing, action int64) (int, error) {
	text, err := wanted(list)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	var dead int
	if err = tx.QueryRow(countDead, text, dest).Scan(&dead); err != nil {
		return 0, err
	}
	done, err := tx.Exec(oweThese, text, action, dest)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return 0, err
	}
	return int(n), count(tx, dest, int(n), -dead)
}

// CROSS JOIN and MATERIALIZED: else SQLite looks through all deliveries of the destination for those in the list. The dead are looked for where there
// are no others: that is small, however many deliveries there are.
const (
	countDead = `
		WITH wanted (seq, due) AS (SELECT value ->> 0, value ->> 1 FROM json_each(?))
		SELECT count(*)
		FROM wanted w
		CROSS JOIN outbox o INDEXED BY outbox_dead ON o.destination = ? AND o.seq = w.seq
		WHERE o.dead_at IS NOT NULL`
	oweThese = `
		WITH wanted (seq, due) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM json_each(?))
		UPDATE outbox
		SET due_at = w.due, delivered_at = NULL, dead_at = NULL, discarded_at = NULL, spent = attempts, refusals = 0, first_attempt_at = NULL,
		    action = nullif(?, 0)
		FROM wanted w
		WHERE outbox.destination = ?
		  AND outbox.seq = w.seq
		  AND outbox.due_at IS NULL`
)

// count brings a change to the figures of what a destination is owed and what of it is dead now.
func count(tx *sql.Tx, dest string, owed, dead int) error {
	_, err := tx.Exec(`
		UPDATE destinations
		SET owed_now = owed_now + ?, dead_now = dead_now + ?
		WHERE name = ?`, owed, dead, dest)
	return err
}
