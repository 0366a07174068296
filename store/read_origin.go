package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Origin is how an event came here.
type Origin struct {
	Query    Query     // that brought it; ID 0: it is no longer in the ledger
	Cursor   Cursor    // that it was asked for
	Begun    Action    // that made the cursor; ID 0: the daemon did
	PurgedAt time.Time // when a person had its data removed; zero: never
	Purge    int64     // the action that did
}

// Origin reads how an event came here, or returns ErrNotFound.
func (s *Store) Origin(ctx context.Context, e Event) (Origin, error) {
	o, err := first(ctx, s.reader, "read how the event came", func(row scanner) (o Origin, err error) {
		err = row.Scan(&o.Purge, at{&o.PurgedAt})
		return o, err
	}, `SELECT coalesce(purge, 0), purged_at FROM events WHERE id = ?`, e.ID)
	if err != nil {
		return Origin{}, err
	}
	o.Query, err = first(ctx, s.reader, "read the query", scanQuery, `
		SELECT `+queryColumns+`
		FROM queries q
		JOIN cursors c ON c.id = q.cursor_id
		WHERE q.id = ?`, e.QueryID)
	if err != nil {
		return o, unlessMissing(err)
	}
	o.Cursor, err = first(ctx, s.reader, "read the cursor", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		WHERE c.id = ?`, o.Query.Cursor.ID)
	if err != nil || o.Cursor.MadeBy == 0 {
		return o, unlessMissing(err)
	}
	o.Begun, err = s.Action(ctx, o.Cursor.MadeBy)
	return o, unlessMissing(err)
}

// Action reads what somebody did, or returns ErrNotFound.
func (s *Store) Action(ctx context.Context, id int64) (Action, error) {
	found, err := s.Actions(ctx, id+1, 1)
	if err != nil {
		return Action{}, err
	}
	if len(found) == 0 || found[0].ID != id {
		return Action{}, fmt.Errorf("read action %d: %w", id, ErrNotFound)
	}
	return found[0], nil
}

func unlessMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
