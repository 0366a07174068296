package store

import (
	"context"
	"time"
)

// Attempt is one try at a delivery.
type Attempt struct {
	Seq                int64
	Destination        string
	Number             int // 1 is the first
	StartedAt, EndedAt time.Time
	Latency            time.Duration
	Outcome            string // delivered, retry, dead or parked
	Status             int
	Detail, RequestID  string
	Batch              int // deliveries in the same request
}

// Attempts reads the tries at the deliveries of one event, newest first; with destination "" those of all destinations.
// An attempt that never ended, because the process died, has no row.
func (s *Store) Attempts(ctx context.Context, eventID, destination string) ([]Attempt, error) {
	return list(ctx, s.reader, "read attempts", scanAttempt, `
		SELECT a.seq, a.destination, a.attempt, a.started_at, a.ended_at, a.latency_ms, a.outcome,
		       coalesce(a.status, 0), coalesce(a.detail, ''), coalesce(a.request_id, ''), a.batch
		FROM attempts a
		WHERE a.seq = (SELECT seq FROM events WHERE id = ?1)
		  AND a.destination IN (SELECT name FROM destinations WHERE ?2 = '' OR name = ?2)
		ORDER BY a.destination, a.attempt DESC`, eventID, destination)
}

func scanAttempt(row scanner) (Attempt, error) {
	var a Attempt
	err := row.Scan(&a.Seq, &a.Destination, &a.Number, at{&a.StartedAt}, at{&a.EndedAt}, ms{&a.Latency}, &a.Outcome,
		&a.Status, &a.Detail, &a.RequestID, &a.Batch)
	return a, err
}
