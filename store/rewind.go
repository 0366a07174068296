package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// LiveCursor is the live cursor of a stream; ErrNotFound if it has none.
func (s *Store) LiveCursor(ctx context.Context, stream string) (Cursor, error) {
	return first(ctx, s.reader, "read the live cursor of "+stream, scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.stream = ?
		  AND c.kind = 'live'
		  AND c.ended_at IS NULL`, stream)
}

// Cursor is one cursor, ended or not; ErrNotFound if there is none.
func (s *Store) Cursor(ctx context.Context, id int64) (Cursor, error) {
	return first(ctx, s.reader, "read the cursor", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.id = ?`, id)
}

// Rewind moves a stream's live cursor to a place: the cursor wasID ends there and then, and a new one begins at the place, so that the ledger of
// each stays an unbroken chain. What comes again is known by its id and neither applied nor delivered again. A page that is under way meanwhile
// is not saved (ErrCursorMoved), and nothing is lost by that: the new cursor asks for it.
//
// The new cursor takes over what is known to be complete, unless the place belongs to other settings, and the quiet time that the old one owes
// SEEK. ErrCursorMoved says that wasID has ended meanwhile.
func (s *Store) Rewind(ctx context.Context, d Deed, wasID int64, to Place) (a Action, newID int64, err error) {
	a, err = s.act(ctx, d, func(tx *sql.Tx, a *Action) error {
		was, err := askedCursor(tx, wasID)
		if err != nil {
			return err
		}
		if err := endCursor(tx, wasID, a.ID, d.At); err != nil {
			return err
		}
		a.Rows = 1
		newID, err = insertRewound(tx, was, to, a.ID, d.At)
		return err
	})
	return a, newID, err
}

// endCursor ends a cursor by a deed.
func endCursor(tx *sql.Tx, id, action int64, now time.Time) error {
	return one(tx, ErrCursorMoved, `
		UPDATE cursors
		SET state = 'ended', ended_at = ?, ended_by = ?, next_query_at = NULL
		WHERE id = ?
		  AND ended_at IS NULL`, stamp(now), action, id)
}

// insertRewound makes the cursor that goes on from a place. An error in the old row means that its quiet time was over before it was asked for
// the last time, so the wait in it is a back-off, which ends with it.
func insertRewound(tx *sql.Tx, was Cursor, to Place, action int64, now time.Time) (int64, error) {
	state, eventAt, caughtUpAt, selection := Behind, was.LastEventAt, was.CaughtUpAt, was.LastSelection
	if to.Position == "" {
		state, selection = New, ""
	}
	if to.Fingerprint != was.Fingerprint {
		eventAt, caughtUpAt, selection = to.At, time.Time{}, ""
	}
	quiet, next := Instant{}, now
	var wait time.Duration
	if was.LastErrorKind == "" && was.Wait > 0 {
		quiet, wait, next = was.WaitFrom, was.Wait, was.WaitFrom.Wall.Add(was.Wait)
	}
	done, err := tx.Exec(`
		INSERT INTO cursors (stream, kind, state, last_event_at, caught_up_at, last_query_at, last_answer_at, next_query_at,
		                     since, created_at, position, ledger_begins, fingerprint, last_query_id, last_selection,
		                     wait_ms, wait_from, wait_boot_ms, wait_boot_id, made_by)
		VALUES (?, 'live', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		was.Stream, string(state), stamp(eventAt), stamp(caughtUpAt), stamp(was.LastQueryAt), stamp(was.LastAnswerAt), stampUp(next),
		stamp(to.Since), stamp(now), orNull(to.Position), orNull(to.Position), to.Fingerprint, was.LastQueryID, orNull(selection),
		ceilMS(wait), stamp(quiet.Wall), ceilMS(quiet.Boot), orNull(quiet.BootID), action)
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// Drop closes the ledger row of a query whose page came too late: its cursor has been moved or ended. If it was a last page (wait above 0),
// SEEK is owed its quiet time all the same, by the stream's live cursor of now if it was a live one.
func (s *Store) Drop(ctx context.Context, q Query, f Failure, ended Instant) error {
	return s.write(ctx, "failure", fmt.Sprintf("drop the page of query %d", q.ID), func(tx *sql.Tx) error {
		if err := closeFailed(tx, q, f, ended); err != nil || f.Wait == 0 {
			return err
		}
		_, err := tx.Exec(`
			UPDATE cursors
			SET wait_ms = ?, wait_from = ?, wait_boot_ms = ?, wait_boot_id = ?, next_query_at = iif(ended_at IS NULL, ?, NULL)
			WHERE id = ?
			   OR ? = 'live' AND stream = ? AND kind = 'live' AND ended_at IS NULL`,
			ceilMS(f.Wait), stamp(ended.Wall), ceilMS(ended.Boot), ended.BootID, stampUp(f.NextQueryAt), q.Cursor.ID, q.Cursor.Kind, q.Cursor.Stream)
		return err
	})
}

// adopt settles the fingerprint of a live cursor. One that was moved to a time while no daemon ran takes that of the next start: before its
// first page it depends on no setting.
func adopt(tx *sql.Tx, c *Cursor, n NewCursor, path string) error {
	if c.Fingerprint == n.Fingerprint {
		return nil
	}
	if c.Fingerprint != "" || c.Position != "" {
		return &FingerprintError{Stream: n.Stream, Was: c.Fingerprint, Is: n.Fingerprint, From: c.SafeTime(), Database: path}
	}
	c.Fingerprint = n.Fingerprint
	return one(tx, errors.New("the cursor is gone"), `
		UPDATE cursors
		SET fingerprint = ?
		WHERE id = ?`, n.Fingerprint, c.ID)
}

// SafeTime is the latest time to which a live cursor may be moved so that nothing is skipped: that of its newest event. Where there was none
// yet, everything is still to come from where the stream began.
func (c Cursor) SafeTime() time.Time {
	switch {
	case c.LastEventAt.After(c.LastAnswerAt): // a stream time in the future is SEEK's mistake, and no proof of anything
		return c.LastAnswerAt.Add(-overlap)
	case !c.LastEventAt.IsZero():
		return c.LastEventAt
	case !c.CaughtUpAt.IsZero():
		return c.CaughtUpAt.Add(-overlap)
	case !c.Since.IsZero():
		return c.Since.Add(time.Millisecond)
	}
	return c.CreatedAt.Add(-kept)
}

// overlap is how long SEEK may take to put an event on its stream, and kept how long it keeps one.
// https://developer.seek.com/events/polling
const (
	overlap = 5 * time.Minute
	kept    = 90 * 24 * time.Hour
)
