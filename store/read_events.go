package store

import (
	"context"
	"time"
)

// EventFilter chooses events. Zero values choose all.
type EventFilter struct {
	Stream, Type string
	Since, Until time.Time // of SEEK's stream time, or of receipt where that is unreadable; Since included, Until not
	BeforeSeq    int64     // for paging: only what arrived before this one
	Limit        int       // 100 if not said, at most 1000
}

// Events reads events, newest first.
func (s *Store) Events(ctx context.Context, f EventFilter) ([]Event, error) {
	return list(ctx, s.reader, "read events", scanEvent, `
		SELECT `+eventColumns+`
		FROM events e
		WHERE (?1 = '' OR e.stream = ?1)
		  AND (?2 = '' OR e.type = ?2)
		  AND (?3 IS NULL OR coalesce(e.streamed_at, e.received_at) >= ?3)
		  AND (?4 IS NULL OR coalesce(e.streamed_at, e.received_at) < ?4)
		  AND e.seq < ?5
		ORDER BY e.seq DESC
		LIMIT ?6`, f.Stream, f.Type, stampUp(f.Since), stampUp(f.Until), before(f.BeforeSeq), limited(f.Limit))
}

// Event reads one event by SEEK's id, or returns ErrNotFound.
func (s *Store) Event(ctx context.Context, id string) (Event, error) {
	return first(ctx, s.reader, "read the event", scanEvent, `
		SELECT `+eventColumns+`
		FROM events e
		WHERE e.id = ?`, id)
}
