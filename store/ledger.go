package store

import (
	"context"
	"time"
)

// Answered is the outcome of a query whose page was saved. Every other outcome is the kind of a failure.
const Answered = "answered"

// Query is one row of the ledger: a query that may be sent, was sent, or was answered.
type Query struct {
	ID int64
	// Cursor is, from TakeSlot, the cursor as it stood when the slot was taken; Cursor.Position is what must be asked for.
	// From Queries only ID, Stream and Kind are set.
	Cursor               Cursor
	RequestID, Selection string
	First                int
	Interval, Timeout    time.Duration
	SentAt               Instant
	RetryAfter           time.Duration // what SEEK asked everyone to wait from EndedAt on
	EndedAt              time.Time     // zero: the row is open
	Outcome              string        // Answered, the kind of a failure, or "" while open
	Error                string
	Status               int // of HTTP; 0: none
	CursorBefore         string
	CursorAfter          string
	More                 bool
	Events, Fresh, Known int
	Conflicts            int // known ids that came with another content; the first one is kept
}

// QueryFilter chooses rows of the ledger. Zero values choose all.
type QueryFilter struct {
	CursorID int64
	Stream   string
	BeforeID int64 // for paging: only rows older than this one
	Limit    int   // 100 if not said, at most 1000
}

const queryColumns = `
	q.id, c.id, c.stream, c.kind, q.request_id, q.selection, q.first, q.interval_ms, q.timeout_ms,
	q.sent_at, q.sent_boot_ms, q.boot_id, q.retry_after_ms, q.ended_at, coalesce(q.outcome, ''), coalesce(q.error, ''), coalesce(q.status, 0),
	coalesce(q.cursor_before, ''), coalesce(q.cursor_after, ''), coalesce(q.more, 0),
	coalesce(q.events, 0), coalesce(q.fresh, 0), coalesce(q.known, 0), coalesce(q.conflicts, 0)`

func scanQuery(row scanner) (Query, error) {
	var q Query
	err := row.Scan(&q.ID, &q.Cursor.ID, &q.Cursor.Stream, &q.Cursor.Kind, &q.RequestID, &q.Selection, &q.First, ms{&q.Interval}, ms{&q.Timeout},
		at{&q.SentAt.Wall}, ms{&q.SentAt.Boot}, &q.SentAt.BootID, ms{&q.RetryAfter}, at{&q.EndedAt}, &q.Outcome, &q.Error, &q.Status,
		&q.CursorBefore, &q.CursorAfter, &q.More,
		&q.Events, &q.Fresh, &q.Known, &q.Conflicts)
	return q, err
}

// Queries reads the ledger, newest first.
func (s *Store) Queries(ctx context.Context, f QueryFilter) ([]Query, error) {
	return list(ctx, s.reader, "read the ledger", scanQuery, `
		SELECT `+queryColumns+`
		FROM queries q
		JOIN cursors c ON c.id = q.cursor_id
		WHERE (?1 = 0 OR q.cursor_id = ?1)
		  AND (?2 = '' OR c.stream = ?2)
		  AND q.id < ?3
		ORDER BY q.id DESC
		LIMIT ?4`, f.CursorID, f.Stream, before(f.BeforeID), limited(f.Limit))
}

// Cursors reads all cursors, ended ones too: live first, then the newest.
func (s *Store) Cursors(ctx context.Context) ([]Cursor, error) {
	return list(ctx, s.reader, "read the cursors", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		ORDER BY c.kind <> 'live', c.id DESC`)
}
