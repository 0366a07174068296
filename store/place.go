package store

import (
	"context"
	"database/sql"
	"time"
)

// Place is a place in a stream to which its live cursor can be moved.
type Place struct {
	Stream, Kind string    // of the cursor that has been there
	CursorID     int64     // of that cursor; 0: none has
	Position     string    // SEEK's cursor; "": before the first page, and Since bounds the queries
	Since        time.Time // where the cursor begins if it has no Position; zero: with the earliest event that SEEK has
	Fingerprint  string    // of the settings that Position belongs to; "" without a Position: those of the next start
	At           time.Time // about when that is, by SEEK's time; zero: before everything
}

const placeColumns = `c.stream, c.kind, c.id, coalesce(p.position, ''), c.since, c.fingerprint, p.at`

func scanPlace(row scanner) (Place, error) {
	var p Place
	err := row.Scan(&p.Stream, &p.Kind, &p.CursorID, &p.Position, at{&p.Since}, &p.Fingerprint, at{&p.At})
	if p.Position == "" {
		p.At = p.Since
	}
	return p, err
}

// PlaceOfEvent is the place just behind a stored event; ErrNotFound if there is no such event.
func (s *Store) PlaceOfEvent(ctx context.Context, id string) (Place, error) {
	return first(ctx, s.reader, "find the place of the event", scanPlace, `
		SELECT `+placeColumns+`
		FROM (SELECT query_id, cursor AS position, at FROM events WHERE id = ?) p
		JOIN queries q ON q.id = p.query_id
		JOIN cursors c ON c.id = q.cursor_id`, id)
}

// PlaceOfQuery is where a query of the ledger began; ErrNotFound if it is not, or no longer, there.
func (s *Store) PlaceOfQuery(ctx context.Context, id int64) (Place, error) {
	p, err := first(ctx, s.reader, "find the place of the query", scanPlace, `
		SELECT `+placeColumns+`
		FROM (SELECT cursor_id, cursor_before AS position, NULL AS at FROM queries WHERE id = ?) p
		JOIN cursors c ON c.id = p.cursor_id`, id)
	if err == nil && p.Position != "" {
		p.At, err = s.newestBefore(ctx, id)
	}
	return p, err
}

// PlaceOfCursor is where a cursor stands, or stood when it ended; ErrNotFound if there is no such cursor.
func (s *Store) PlaceOfCursor(ctx context.Context, id int64) (Place, error) {
	return first(ctx, s.reader, "find the place of the cursor", scanPlace, `
		SELECT `+placeColumns+`
		FROM (SELECT id, position, last_event_at AS at FROM cursors WHERE id = ?) p
		JOIN cursors c ON c.id = p.id`, id)
}

// newestBefore is SEEK's time of the event that came last before a query. Events lie in the order of the queries that brought them, so that
// a few steps find it, whatever the number of events.
func (s *Store) newestBefore(ctx context.Context, queryID int64) (time.Time, error) {
	var low, high int64 // the event is behind low, and no further than high
	if err := s.reader.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM events").Scan(&high); err != nil {
		return time.Time{}, err
	}
	var found time.Time
	for low < high {
		middle := low + (high-low+1)/2
		var seq, query int64
		var t time.Time
		err := s.reader.QueryRowContext(ctx, `
			SELECT seq, query_id, at
			FROM events
			WHERE seq <= ? AND seq > ?
			ORDER BY seq DESC
			LIMIT 1`, middle, low).Scan(&seq, &query, at{&t})
		switch {
		case err == sql.ErrNoRows:
			low = middle
		case err != nil:
			return time.Time{}, err
		case query < queryID:
			found, low = t, middle
		default:
			high = seq - 1
		}
	}
	return found, nil
}

// KnownAfter is how many events of a stream are stored whose time is later. Whole hours come from the tallies, so that it is quick.
func (s *Store) KnownAfter(ctx context.Context, stream string, t time.Time) (int64, error) {
	hour, next := "", ""
	if !t.IsZero() {
		hour = t.UTC().Format("2006-01-02T15")
		next = t.UTC().Truncate(time.Hour).Add(time.Hour).Format(layout)
	}
	return first(ctx, s.reader, "count the events that are known", scanInt, `
		SELECT (SELECT coalesce(sum(events), 0) FROM tallies WHERE stream = ?1 AND hour > ?2)
		     + (SELECT count(*)
		        FROM events
		        WHERE stream = ?1
		          AND type IN (SELECT DISTINCT type FROM tallies WHERE stream = ?1)
		          AND at > ?3 AND at < ?4)`, stream, hour, stamp(t), next)
}

func scanInt(row scanner) (n int64, err error) {
	err = row.Scan(&n)
	return n, err
}
