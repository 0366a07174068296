package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"strings"
)

// values is the text of a VALUES list: n rows of as many placeholders as there are columns.
func values(n, columns int) string {
	row := "(" + strings.Repeat("?,", columns-1) + "?)"
	return strings.Repeat(row+",", n-1) + row
}

// insertEvents stores those events whose id is not known. OR ROLLBACK because anything but a known id undoes the page anyway,
// and SQLite then keeps no journal for the statement alone.
func (a *application) insertEvents(tx *sql.Tx) error {
	if len(a.p.Events) == 0 {
		return nil
	}
	const columns = 15
	args := make([]any, 0, len(a.p.Events)*columns)
	received := stamp(a.ended.Wall)
	for _, e := range a.p.Events {
		args = append(args, e.ID, a.q.Cursor.Stream, e.Type, e.Scheme, a.q.Cursor.Kind,
			stamp(e.CreatedAt), stamp(e.StreamedAt), received, orNull(e.HirerID), orNullBytes(e.Identifiers), orNullBytes(e.Refused),
			orNull(e.Unreadable), orNull(e.Cursor), a.q.ID, orNullBytes(e.Node))
	}
	_, err := tx.Exec(`
		INSERT OR ROLLBACK INTO events (id, stream, type, scheme, source,
		                                created_at, streamed_at, received_at, hirer_id, identifiers, refused,
		                                unreadable, cursor, query_id, node)
		VALUES `+values(len(a.p.Events), columns)+`
		ON CONFLICT (id) DO NOTHING`, args...)
	if err != nil {
		return err
	}
	err = tx.QueryRow(`
		SELECT count(*), coalesce(min(seq), 0), coalesce(max(seq), 0)
		FROM events
		WHERE seq > ?`, a.newest).Scan(&a.saved.Fresh, &a.saved.FirstSeq, &a.saved.LastSeq)
	a.saved.Known = len(a.p.Events) - a.saved.Fresh
	return err
}

// countKnown notes on events that came again that they did.
func (a *application) countKnown(tx *sql.Tx) error {
	if a.saved.Known == 0 {
		return nil
	}
	ids := make([]string, len(a.p.Events))
	for i, e := range a.p.Events {
		ids[i] = e.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	if err := a.countConflicts(tx, string(list)); err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE events
		SET seen_again = seen_again + 1, last_seen_at = ?
		WHERE seq <= ?
		  AND id IN (SELECT value FROM json_each(?))`, stamp(a.ended.Wall), a.newest, string(list))
	return err
}

// countConflicts counts the events of the page that say something else than what is stored under their id. Nodes of another selection,
// or purged ones, cannot be compared.
func (a *application) countConflicts(tx *sql.Tx, ids string) error {
	rows, err := tx.Query(`
		SELECT e.id, e.node
		FROM events e
		JOIN queries q ON q.id = e.query_id
		WHERE e.id IN (SELECT value FROM json_each(?))
		  AND e.node IS NOT NULL
		  AND q.selection = ?`, ids, a.q.Selection)
	if err != nil {
		return err
	}
	stored, err := collect(rows, func(row scanner) (e Event, err error) {
		err = row.Scan(&e.ID, raw{&e.Node})
		return e, err
	})
	if err != nil {
		return err
	}
	kept := make(map[string][]byte, len(stored))
	for _, e := range stored {
		kept[e.ID] = e.Node
	}
	for _, e := range a.p.Events {
		if node, ok := kept[e.ID]; ok && !bytes.Equal(node, e.Node) {
			a.conflicts++
		}
	}
	return nil
}

// insertDeliveries makes a delivery for each fresh event and each destination that takes it, owed at once. Known events get none:
// theirs were made when they were fresh, and may be settled.
func (a *application) insertDeliveries(tx *sql.Tx) error {
	pairs := make([]any, 0, 2*len(a.p.Events))
	for _, e := range a.p.Events {
		for _, destination := range e.Destinations {
			pairs = append(pairs, e.ID, destination)
		}
	}
	if a.saved.Fresh == 0 || len(pairs) == 0 {
		return nil
	}
	now := stamp(a.ended.Wall)
	done, err := tx.Exec(`
		WITH taken (id, destination) AS (VALUES `+values(len(pairs)/2, 2)+`)
		INSERT OR ROLLBACK INTO outbox (seq, destination, due_at, created_at)
		SELECT e.seq, t.destination, ?, ?
		FROM taken t
		CROSS JOIN events e ON e.id = t.id
		WHERE e.seq > ?
		ON CONFLICT (seq, destination) DO NOTHING`, append(pairs, now, now, a.newest)...)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	a.saved.Deliveries = int(n)
	return err
}

// oweAgain makes the deliveries of known events owed anew to those who want duplicates. One that is still owed stays as it is: it has not
// arrived yet, so it will say the same.
func (a *application) oweAgain(tx *sql.Tx) error {
	var pairs []any
	for _, e := range a.p.Events {
		for _, destination := range e.Again {
			pairs = append(pairs, e.ID, destination)
		}
	}
	if a.saved.Known == 0 || len(pairs) == 0 {
		return nil
	}
	done, err := tx.Exec(`
		WITH wanted (id, destination) AS (VALUES `+values(len(pairs)/2, 2)+`)
		UPDATE outbox
		SET due_at = ?, delivered_at = NULL, dead_at = NULL, spent = attempts, refusals = 0, first_attempt_at = NULL
		WHERE due_at IS NULL
		  AND seq <= ?
		  AND (seq, destination) IN (
		    SELECT e.seq, w.destination
		    FROM wanted w
		    CROSS JOIN events e ON e.id = w.id)`, append(pairs, stamp(a.ended.Wall), a.newest)...)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	a.saved.Again = int(n)
	return err
}

// orNullBytes binds bytes as text, unchanged; none is NULL.
func orNullBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return string(b)
}
