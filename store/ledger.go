package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
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

// Queries reads the ledger, newest first. Those of a stream are merged from its cursors, each by its index.
func (s *Store) Queries(ctx context.Context, f QueryFilter) ([]Query, error) {
	cursors := []int64{f.CursorID}
	if f.Stream != "" {
		var err error
		if cursors, err = s.cursorsOf(ctx, f); err != nil {
			return nil, err
		}
	}
	var found []Query
	for some := range slices.Chunk(cursors, mostBranches) {
		more, err := s.queriesOf(ctx, f, some)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, func(a, b Query) int { return cmp.Compare(b.ID, a.ID) })
	return found[:min(len(found), limited(f.Limit))], nil
}

// cursorsOf are the cursors of a filter that names a stream.
func (s *Store) cursorsOf(ctx context.Context, f QueryFilter) ([]int64, error) {
	return list(ctx, s.reader, "read the cursors of "+f.Stream, func(row scanner) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	}, `
		SELECT id
		FROM cursors
		WHERE stream = ?1
		  AND (?2 = 0 OR id = ?2)`, f.Stream, f.CursorID)
}

// queriesOf reads the queries of some cursors; 0 stands for all.
func (s *Store) queriesOf(ctx context.Context, f QueryFilter, cursors []int64) ([]Query, error) {
	var walks []string
	var args []any
	for _, id := range cursors {
		if id == 0 {
			walks, args = append(walks, "SELECT id FROM queries WHERE id < ?"), append(args, before(f.BeforeID))
			continue
		}
		walks, args = append(walks, "SELECT id FROM queries WHERE cursor_id = ? AND id < ?"), append(args, id, before(f.BeforeID))
	}
	return list(ctx, s.reader, "read the ledger", scanQuery, `
		WITH found AS (
		  `+strings.Join(walks, " UNION ALL ")+`
		  ORDER BY id DESC
		  LIMIT ?
		)
		SELECT `+queryColumns+`
		FROM found
		CROSS JOIN queries q ON q.id = found.id
		CROSS JOIN cursors c ON c.id = q.cursor_id`, append(args, limited(f.Limit))...)
}

// LastQueries reads the last query of each cursor that was ever asked for, by the cursor's id. A query that is no longer in the ledger is left out.
func (s *Store) LastQueries(ctx context.Context) (map[int64]Query, error) {
	all, err := list(ctx, s.reader, "read the last queries", scanQuery, `
		SELECT `+queryColumns+`
		FROM cursors c
		JOIN queries q ON q.id = c.last_query_id`)
	last := make(map[int64]Query, len(all))
	for _, q := range all {
		last[q.Cursor.ID] = q
	}
	return last, err
}

// SentSince counts the queries that were sent at a time or later, among the newest so many. It reads no further back than to one that is a day older: no clock
// of ours was wrong by more while it was asked.
func (s *Store) SentSince(ctx context.Context, since time.Time, newest int) (int, error) {
	return first(ctx, s.reader, "count the queries", func(row scanner) (n int, err error) {
		err = row.Scan(&n)
		return n, err
	}, sentSince, stampUp(since.Add(-24*time.Hour)), newest, stampUp(since))
}

const sentSince = `
	SELECT count(*)
	FROM (
	  SELECT sent_at
	  FROM queries
	  WHERE id > coalesce((SELECT id FROM queries WHERE sent_at < ? ORDER BY id DESC LIMIT 1), 0)
	  ORDER BY id DESC
	  LIMIT ?)
	WHERE sent_at >= ?`

// Cursors reads all cursors, ended ones too: live first, then the newest.
func (s *Store) Cursors(ctx context.Context) ([]Cursor, error) {
	return list(ctx, s.reader, "read the cursors", scanCursor, `
		SELECT `+cursorColumns+`
		FROM cursors c
		ORDER BY c.kind <> 'live', c.id DESC`)
}
