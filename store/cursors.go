package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// State says where a cursor stands, and so what its stream waits for.
type State string

const (
	New      State = "new"       // never answered
	Behind   State = "behind"    // SEEK has more pages: the next turn asks
	CaughtUp State = "caught up" // a last page was applied: the schedule asks
	Stuck    State = "stuck"     // SEEK says that there is more, but its cursor does not move: asked again slowly
	Ended    State = "ended"     // complete or cancelled: never asked again
)

// Cursor is the place reached in a stream.
type Cursor struct {
	ID       int64
	Stream   string
	Kind     string // live, backfill or reconcile
	State    State
	Position string // SEEK's cursor, opaque; "" before the first page that had one
	// Since and Until bound the queries by date; zero: unbounded. Since of a live cursor bounds them until the first position.
	Since, Until time.Time

	LastEventAt   time.Time // SEEK's stream time of the newest event applied
	CaughtUpAt    time.Time // when a last page was applied
	LastQueryAt   time.Time
	LastAnswerAt  time.Time
	NextQueryAt   time.Time // for people; Wait decides
	LastErrorAt   time.Time
	CreatedAt     time.Time
	EndedAt       time.Time
	Events, Pages int64 // events that were new; pages applied
	Failures      int   // in a row
	LastErrorKind string
	LastError     string
	Fingerprint   string // of the settings that Position belongs to

	LastQueryID   int64  // 0: never asked; for fairness between streams
	LastSelection string // of the last answer that was saved; "" none
	Suspect       int    // see Page.Suspect

	Seen    int64    // events on its pages, known ones too
	Types   []string // of a stretch: only these; nil: the stream's
	Deliver []string // of a stretch: to whom new events go; nil: to all who take them; empty: to nobody
	MadeBy  int64    // the action that made it; 0: the daemon itself
	EndedBy int64    // the action that ended it; 0: its last page, or none

	// The next query of this cursor is due no earlier than when WaitFrom.Elapsed reaches Wait.
	WaitFrom Instant
	Wait     time.Duration
}

// NewCursor is what a cursor begins with.
type NewCursor struct {
	Stream, Kind, Fingerprint string
	Since, Until              time.Time
}

const cursorColumns = `
	c.id, c.stream, c.kind, c.state, coalesce(c.position, ''), c.since, c.until,
	c.last_event_at, c.caught_up_at, c.last_query_at, c.last_answer_at, c.next_query_at, c.last_error_at, c.created_at, c.ended_at,
	c.events, c.pages, c.failures, coalesce(c.last_error_kind, ''), coalesce(c.last_error, ''), c.fingerprint,
	c.last_query_id, coalesce(c.last_selection, ''), c.suspect,
	c.wait_from, c.wait_boot_ms, coalesce(c.wait_boot_id, ''), c.wait_ms,
	c.seen, c.types, c.deliver, coalesce(c.made_by, 0), coalesce(c.ended_by, 0)`

// scanner is a row, or the rows.
type scanner interface{ Scan(...any) error }

func scanCursor(row scanner) (Cursor, error) {
	var c Cursor
	err := row.Scan(&c.ID, &c.Stream, &c.Kind, &c.State, &c.Position, at{&c.Since}, at{&c.Until},
		at{&c.LastEventAt}, at{&c.CaughtUpAt}, at{&c.LastQueryAt}, at{&c.LastAnswerAt}, at{&c.NextQueryAt}, at{&c.LastErrorAt}, at{&c.CreatedAt}, at{&c.EndedAt},
		&c.Events, &c.Pages, &c.Failures, &c.LastErrorKind, &c.LastError, &c.Fingerprint,
		&c.LastQueryID, &c.LastSelection, &c.Suspect,
		at{&c.WaitFrom.Wall}, ms{&c.WaitFrom.Boot}, &c.WaitFrom.BootID, ms{&c.Wait},
		&c.Seen, words{&c.Types}, words{&c.Deliver}, &c.MadeBy, &c.EndedBy)
	return c, err
}

// OpenCursors are the cursors that have not ended: live ones first, then by id.
func (s *Store) OpenCursors(ctx context.Context) ([]Cursor, error) {
	return list(ctx, s.reader, "read the open cursors", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.ended_at IS NULL
		ORDER BY c.kind <> 'live', c.id`)
}

// Foresee writes down, for people, that no cursor is asked for before at.
func (s *Store) Foresee(ctx context.Context, at time.Time) error {
	return s.write(ctx, "slot", "foresee the next query", func(tx *sql.Tx) error {
		_, err := tx.Exec(`
			UPDATE cursors
			SET next_query_at = max(?, coalesce(next_query_at, ''))
			WHERE ended_at IS NULL`, stampUp(at))
		return err
	})
}

// EnsureLive returns the live cursor of a stream, and makes it if there is none. It may be called at every start: what the row was made with
// (Since above all) stays. A *FingerprintError says that the stream was begun under other settings.
func (s *Store) EnsureLive(ctx context.Context, n NewCursor, now Instant) (c Cursor, created bool, err error) {
	err = s.write(ctx, "start", "ensure the live cursor of "+n.Stream, func(tx *sql.Tx) error {
		c, err = liveCursor(tx, n.Stream)
		if errors.Is(err, sql.ErrNoRows) {
			created = true
			if err = insertLive(tx, n, now); err == nil {
				c, err = liveCursor(tx, n.Stream)
			}
		}
		if err == nil {
			err = adopt(tx, &c, n, s.path)
		}
		return err
	})
	if err != nil {
		return Cursor{}, false, err
	}
	return c, created, nil
}

func liveCursor(tx *sql.Tx, stream string) (Cursor, error) {
	return scanCursor(tx.QueryRow(`
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.stream = ?
		  AND c.kind = 'live'
		  AND c.ended_at IS NULL`, stream))
}

func insertLive(tx *sql.Tx, n NewCursor, now Instant) error {
	_, err := tx.Exec(`
		INSERT INTO cursors (stream, kind, state, since, until, fingerprint, created_at)
		VALUES (?, 'live', 'new', ?, ?, ?, ?)`,
		n.Stream, stamp(n.Since), stamp(n.Until), n.Fingerprint, stamp(now.Wall))
	return err
}

// SeenPosition says whether an answered page of the cursor began at this position already. If so, SEEK's cursors go in a circle. What lies
// behind a last page counts too: who is led back there comes by the place that led back, and must not take that for the circle.
func (s *Store) SeenPosition(ctx context.Context, cursorID int64, position string) (bool, error) {
	return first(ctx, s.reader, "look for a circle of cursors", scanBool, `
		SELECT EXISTS (
		  SELECT 1
		  FROM queries
		  WHERE cursor_id = ?1
		    AND cursor_before = ?2
		    AND outcome = 'answered')`, cursorID, position)
}
