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

// insertEvents stores those events whose id is not known, a row a statement. One statement for all rows would be slower: for the sake of the
// foreign keys SQLite would keep a journal for that statement, and first copy into it each page that the rows change. OR ROLLBACK because anything
// but a known id undoes the page anyway.
func (a *application) insertEvents(tx *sql.Tx) error {
	insert, err := tx.Prepare(`
		INSERT OR ROLLBACK INTO events (id, stream, type, scheme, source,
		                                created_at, streamed_at, received_at, hirer_id, identifiers, refused,
		                                unreadable, cursor, query_id, node)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`)
	if err != nil {
		return err
	}
	defer insert.Close()
	received := stamp(a.ended.Wall)
	for _, e := range a.p.Events {
		done, err := insert.Exec(e.ID, a.q.Cursor.Stream, e.Type, e.Scheme, a.q.Cursor.Kind,
			stamp(e.CreatedAt), stamp(e.StreamedAt), received, orNull(e.HirerID), orNullBytes(e.Identifiers), orNullBytes(e.Refused),
			orNull(e.Unreadable), orNull(e.Cursor), a.q.ID, orNullBytes(e.Node))
		if err != nil {
			return err
		}
		if err := a.noteInserted(done); err != nil {
			return err
		}
	}
	return nil
}

// noteInserted keeps the seq of an event that was fresh; 0 for a known one.
func (a *application) noteInserted(done sql.Result) error {
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		a.seqs = append(a.seqs, 0)
		a.saved.Known++
		return nil
	}
	seq, err := done.LastInsertId()
	if a.saved.Fresh == 0 {
		a.saved.FirstSeq = seq
	}
	a.seqs = append(a.seqs, seq)
	a.saved.Fresh++
	a.saved.LastSeq = seq
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

// tally counts the fresh events by the hour in which SEEK had them. Left alone, SQLite would go through all events by the index that is in the
// order of the groups.
func (a *application) tally(tx *sql.Tx) error {
	if a.saved.Fresh == 0 {
		return nil
	}
	_, err := tx.Exec(tallyFresh, a.newest)
	return err
}

const tallyFresh = `
	INSERT INTO tallies (stream, type, hour, events)
	SELECT stream, type, substr(at, 1, 13), count(*)
	FROM events NOT INDEXED
	WHERE seq > ?
	GROUP BY 1, 2, 3
	ON CONFLICT (stream, type, hour) DO UPDATE
	SET events = events + excluded.events`

// insertDeliveries makes a delivery for each fresh event and each destination that takes it, owed at once. Known events get none:
// theirs were made when they were fresh, and may be settled.
func (a *application) insertDeliveries(tx *sql.Tx) error {
	insert, err := tx.Prepare(`
		INSERT OR ROLLBACK INTO outbox (seq, destination, due_at, created_at)
		VALUES (?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	now := stamp(a.ended.Wall)
	for i, e := range a.p.Events {
		if a.seqs[i] == 0 {
			continue
		}
		for _, destination := range e.Destinations {
			if _, err := insert.Exec(a.seqs[i], destination, now, now); err != nil {
				return err
			}
			a.saved.Deliveries++
		}
	}
	if a.saved.Deliveries == 0 {
		return nil
	}
	_, err = tx.Exec(`
		UPDATE destinations
		SET owed_now = owed_now + (SELECT count(*) FROM outbox WHERE destination = name AND seq > ?1)
		WHERE EXISTS (SELECT 1 FROM outbox WHERE destination = name AND seq > ?1)`, a.newest)
	return err
}

// oweAgain makes the deliveries of known events owed anew to those who want duplicates, unless a purge has emptied the event.
func (a *application) oweAgain(tx *sql.Tx) error {
	again := map[string][]string{}
	for _, e := range a.p.Events {
		for _, destination := range e.Again {
			again[destination] = append(again[destination], e.ID)
		}
	}
	if a.saved.Known == 0 {
		return nil
	}
	for destination, ids := range again {
		known, err := a.knownSeqs(tx, ids)
		if err != nil {
			return err
		}
		n, err := oweAnew(tx, destination, known, 0)
		if err != nil {
			return err
		}
		a.saved.Again += n
	}
	return nil
}

// knownSeqs finds the events that were here before this page and may be told again.
func (a *application) knownSeqs(tx *sql.Tx, ids []string) ([]owing, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(`
		SELECT seq
		FROM events NOT INDEXED
		WHERE id IN (SELECT value FROM json_each(?))
		  AND seq <= ?
		  AND purge IS NULL`, string(list), a.newest)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (owing, error) {
		o := owing{due: a.ended.Wall}
		err := row.Scan(&o.seq)
		return o, err
	})
}

// orNullBytes binds bytes as text, unchanged; none is NULL.
func orNullBytes(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return string(b)
}
