package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A stretch is a cursor of kind backfill or reconcile: a bounded part of a stream, asked for again by date beside the live cursor, which it
// never touches.

// NewStretch is what a stretch begins with.
type NewStretch struct {
	Stream, Kind, Fingerprint string
	Since, Until              time.Time // both exclusive, as SEEK takes them
	Types, Deliver            []string  // see Cursor
}

// ErrOpenTwin says that the same stretch is open already.
var ErrOpenTwin = errors.New("the same stretch is open already")

// BeginStretch makes a stretch by a deed. ErrOpenTwin if the same one is open.
func (s *Store) BeginStretch(ctx context.Context, d Deed, n NewStretch, undo func(id int64) string) (a Action, id int64, err error) {
	a, err = s.act(ctx, d, func(tx *sql.Tx, a *Action) error {
		id, err = insertStretch(tx, n, a.ID, d.At)
		a.Rows, a.Undo = 1, undo(id)
		return err
	})
	return a, id, err
}

// BeginReconcile makes the stretch of a scheduled reconciliation, unless one was made since the one that the caller looked at: then it
// returns 0. Only the order in which they were made says which is newer: the clock may have been set back.
func (s *Store) BeginReconcile(ctx context.Context, n NewStretch, after, now time.Time) (id int64, err error) {
	err = s.write(ctx, "reconcile", "begin a reconciliation of "+n.Stream, func(tx *sql.Tx) error {
		var newer bool
		err := tx.QueryRow(`
			SELECT coalesce((
			  SELECT created_at <> ?2 OR ended_at IS NULL
			  FROM cursors
			  WHERE stream = ?1
			    AND kind = 'reconcile'
			    AND made_by IS NULL
			  ORDER BY id DESC
			  LIMIT 1), 0)`, n.Stream, stamp(after)).Scan(&newer)
		if err != nil || newer {
			return err
		}
		id, err = insertStretch(tx, n, 0, now)
		if errors.Is(err, ErrOpenTwin) {
			return nil // a person has begun the same
		}
		return err
	})
	return id, err
}

// insertStretch begins where a twin of it that was just complete has left SEEK in quiet.
func insertStretch(tx *sql.Tx, n NewStretch, action int64, now time.Time) (int64, error) {
	types, err := orNullWords(slices.Sorted(slices.Values(n.Types)))
	if err != nil {
		return 0, err
	}
	deliver, err := orNullWords(n.Deliver)
	if err != nil {
		return 0, err
	}
	var open bool
	err = tx.QueryRow(`
		SELECT EXISTS (
		  SELECT 1
		  FROM cursors
		  WHERE stream = ? AND kind = ? AND since IS ? AND until IS ? AND types IS ? AND deliver IS ? AND ended_at IS NULL)`,
		n.Stream, n.Kind, stamp(n.Since), stamp(n.Until), types, deliver).Scan(&open)
	if err == nil && open {
		err = ErrOpenTwin
	}
	if err != nil {
		return 0, err
	}
	done, err := tx.Exec(`
		INSERT INTO cursors (stream, kind, state, since, until, types, deliver, fingerprint, created_at, made_by,
		                     wait_ms, wait_from, wait_boot_ms, wait_boot_id)
		SELECT n.*, coalesce(t.wait_ms, 0), t.wait_from, t.wait_boot_ms, t.wait_boot_id
		FROM (SELECT ?1, ?2, 'new', ?3, ?4, ?5, ?6, ?7, ?8, ?9) n
		LEFT JOIN (
		  SELECT *
		  FROM cursors
		  WHERE stream = ?1 AND since IS ?3 AND until IS ?4 AND types IS ?5 AND kind <> 'live' AND last_error_kind IS NULL
		  ORDER BY id DESC
		  LIMIT 1) t ON true`,
		n.Stream, n.Kind, stamp(n.Since), stamp(n.Until), types, deliver, n.Fingerprint, stamp(now), orNone(action))
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// CancelStretch ends a stretch by a deed. What it brought stays. ErrNotFound if there is no such stretch, ErrCursorMoved if it has ended.
func (s *Store) CancelStretch(ctx context.Context, d Deed, id int64) (Action, error) {
	return s.act(ctx, d, func(tx *sql.Tx, a *Action) error {
		c, err := askedCursor(tx, id)
		if err != nil {
			return err
		}
		if c.Kind == "live" {
			return ErrNotFound
		}
		a.Rows = 1
		return endCursor(tx, id, a.ID, d.At)
	})
}

// StretchFilter chooses stretches. Zero values choose all.
type StretchFilter struct {
	Stream, Kind string
	Open         bool // only those that have not ended
	BeforeID     int64
	Limit        int
}

// Stretches reads stretches, newest first.
func (s *Store) Stretches(ctx context.Context, f StretchFilter) ([]Cursor, error) {
	return list(ctx, s.reader, "read the stretches", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.kind <> 'live'
		  AND (?1 = '' OR c.stream = ?1)
		  AND (?2 = '' OR c.kind = ?2)
		  AND (NOT ?3 OR c.ended_at IS NULL)
		  AND c.id < ?4
		ORDER BY c.id DESC
		LIMIT ?5`, f.Stream, f.Kind, f.Open, before(f.BeforeID), limited(f.Limit))
}

// RecentFindings are the reconciliations that found events which were missing, and ended after a time.
func (s *Store) RecentFindings(ctx context.Context, after time.Time) ([]Cursor, error) {
	return list(ctx, s.reader, "read what reconciliations found", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.kind = 'reconcile'
		  AND c.events > 0
		  AND coalesce(c.ended_at, c.last_answer_at) > ?
		ORDER BY c.id`, stamp(after))
}

// LastReconcile is when the newest scheduled reconciliation of a stream was made, or, if there was none, when the stream itself was; open says
// that it has not ended.
func (s *Store) LastReconcile(ctx context.Context, stream string) (made time.Time, open bool, err error) {
	err = s.reader.QueryRowContext(ctx, `
		SELECT coalesce((
		         SELECT created_at
		         FROM cursors
		         WHERE stream = ?1
		           AND kind = 'reconcile'
		           AND made_by IS NULL
		         ORDER BY id DESC
		         LIMIT 1), min(created_at) FILTER (WHERE kind = 'live')),
		       coalesce(max(kind = 'reconcile' AND made_by IS NULL AND ended_at IS NULL), 0)
		FROM cursors
		WHERE stream = ?1`, stream).Scan(at{&made}, &open)
	if err != nil {
		err = fmt.Errorf("read the reconciliations of %s: %w", stream, err)
	}
	return made, open, err
}

// StreamBegins is the time from which on a stream was asked for under these settings; zero: from the earliest event that SEEK had.
func (s *Store) StreamBegins(ctx context.Context, stream, fingerprint string) (time.Time, error) {
	return first(ctx, s.reader, "read where the stream begins", func(row scanner) (t time.Time, err error) {
		var text string
		if err = row.Scan(&text); err == nil && text != "" {
			t, err = time.Parse(layout, text)
		}
		return t, err
	}, `
		SELECT coalesce(min(coalesce(since, '')), '')
		FROM cursors
		WHERE stream = ?
		  AND kind = 'live'
		  AND fingerprint = ?`, stream, fingerprint)
}

// HourTally is how many events of some types are stored of one hour of SEEK's stream.
type HourTally struct {
	Hour   time.Time
	Events int64
}

// HourTallies reads the tallies of a stream, oldest first; types nil: all. Hours without an event have none.
func (s *Store) HourTallies(ctx context.Context, stream string, types []string) ([]HourTally, error) {
	wanted, err := orNullWords(types)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.reader, "read the tallies", func(row scanner) (t HourTally, err error) {
		var hour string
		if err = row.Scan(&hour, &t.Events); err == nil {
			t.Hour, err = time.Parse("2006-01-02T15", hour)
		}
		return t, err
	}, `
		SELECT hour, sum(events)
		FROM tallies
		WHERE stream = ?1
		  AND (?2 IS NULL OR type IN (SELECT value FROM json_each(?2)))
		GROUP BY hour
		ORDER BY hour`, stream, wanted)
}
