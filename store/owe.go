package store

import (
	"database/sql"
	"fmt"
	"time"
)

// owing is a delivery that is to be owed, and from when on.
type owing struct {
	seq int64
	due time.Time
}

// wanted is the form in which a list of owings is bound: an object of times by seq, for readWanted.
func wanted(list []owing) string {
	text := []byte{'{'}
	for i, o := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `"%d":"%s"`, o.seq, stampUp(o.due))
	}
	return string(append(text, '}'))
}

// A key is text. It becomes a number by adding nothing: after a cast SQLite would walk through the outbox and look for each delivery in the list.
const readWanted = "WITH wanted (seq, due) AS MATERIALIZED (SELECT key + 0, value FROM json_each(?))"

// oweAnew makes settled deliveries of one destination owed again, with all attempts before them. One that is still owed stays as it is: it has
// not arrived yet, so it will say the same. So does one whose event was purged: there is nothing to hand on. It returns how many it changed. action is
// the deed that wants it; 0: none.
func oweAnew(tx *sql.Tx, dest string, list []owing, action int64) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	text := wanted(list)
	first, last := reachOfList(list)
	var dead int
	if err := tx.QueryRow(countDead, dest, first, last, text).Scan(&dead); err != nil {
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

// The dead are looked for where there are no others: that is small, however many deliveries there are, and mostly empty. MATERIALIZED: else SQLite looks
// through all deliveries of the destination for those in the list; so it would without the plus.
const (
	stillThere = "NOT EXISTS (SELECT 1 FROM events e WHERE e.seq = outbox.seq AND e.purge IS NOT NULL)"
	countDead  = `
		SELECT count(*)
		FROM outbox INDEXED BY outbox_dead
		WHERE destination = ?
		  AND dead_at IS NOT NULL
		  AND seq BETWEEN ? AND ?
		  AND +seq IN (SELECT key + 0 FROM json_each(?))
		  AND ` + stillThere
	oweThese = readWanted + `
		UPDATE outbox
		SET due_at = w.due, delivered_at = NULL, dead_at = NULL, discarded_at = NULL, spent = attempts, refusals = 0, first_attempt_at = NULL,
		    action = nullif(?, 0)
		FROM wanted w
		WHERE outbox.destination = ?
		  AND outbox.seq = w.seq
		  AND outbox.due_at IS NULL
		  AND ` + stillThere
)

func reachOfList(list []owing) (first, last int64) {
	first = list[0].seq
	for _, o := range list {
		first, last = min(first, o.seq), max(last, o.seq)
	}
	return first, last
}

// count brings a change to the figures of what a destination is owed and what of it is dead now.
func count(tx *sql.Tx, dest string, owed, dead int) error {
	_, err := tx.Exec(`
		UPDATE destinations
		SET owed_now = owed_now + ?, dead_now = dead_now + ?
		WHERE name = ?`, owed, dead, dest)
	return err
}
