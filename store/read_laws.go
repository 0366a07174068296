package store

import (
	"context"
	"time"
)

// Gap is a place where an answer of a cursor did not start where the one before it ended. There must be none.
type Gap struct {
	CursorID        int64
	Stream          string
	QueryID         int64 // 0: it lies between the last answer and where the cursor stands
	Expected, Found string
}

// Gaps reads the gaps, at most 1000. It reads the whole ledger: for a check, not for a page.
func (s *Store) Gaps(ctx context.Context) ([]Gap, error) {
	return list(ctx, s.reader, "look for gaps", func(row scanner) (Gap, error) {
		var g Gap
		err := row.Scan(&g.CursorID, &g.Stream, &g.QueryID, &g.Expected, &g.Found)
		return g, err
	}, `
		SELECT cursor_id, stream, coalesce(query_id, 0), coalesce(expected, ''), coalesce(found, '')
		FROM gaps
		LIMIT 1000`)
}

// Hurry is a query that was sent before the slot after the one before it was free. There must be none.
type Hurry struct {
	QueryID, PreviousID int64
	SentAt              time.Time
	Waited, Required    time.Duration // from the end of the previous exchange
}

// Hurries reads the hurries, at most 1000. It reads the whole ledger: for a check, not for a page.
func (s *Store) Hurries(ctx context.Context) ([]Hurry, error) {
	return list(ctx, s.reader, "look for hurries", func(row scanner) (Hurry, error) {
		var h Hurry
		err := row.Scan(&h.QueryID, &h.PreviousID, at{&h.SentAt}, ms{&h.Waited}, ms{&h.Required})
		return h, err
	}, `
		SELECT query_id, previous_id, sent_at, waited_ms, required_ms
		FROM hurries
		LIMIT 1000`)
}
