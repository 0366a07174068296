package store

import (
	"context"
	"fmt"
	"time"
)

// DeliveryRow is one delivery as the people's verbs show it.
type DeliveryRow struct {
	Seq                       int64
	EventID, Stream, Type     string
	Destination               string
	State                     string    // pending, retrying, delivered, dead or parked
	DueAt                     time.Time // zero: settled
	Attempts, Refusals        int
	CreatedAt, FirstAttemptAt time.Time
	DeliveredAt, DeadAt       time.Time
	LastStatus                int
	LastDetail                string
}

// DeliveryFilter chooses deliveries. Zero values choose all.
type DeliveryFilter struct {
	EventID, Destination string
	State                string // pending, retrying, delivered, dead or parked
	// BeforeSeq and BeforeDestination, of the last row seen, give the next page.
	BeforeSeq         int64
	BeforeDestination string
	Limit             int // 100 if not said, at most 1000
}

// narrow is the part of a filter that an index can answer, as constant text; the view decides the rest.
func (f DeliveryFilter) narrow() (string, error) {
	part := "true"
	switch f.State {
	case "":
	case "delivered":
		part = "delivered_at IS NOT NULL"
	case "dead":
		part = "dead_at IS NOT NULL"
	case "pending", "retrying", "parked":
		part = "due_at IS NOT NULL"
	default:
		return "", fmt.Errorf("%q is no state of a delivery", f.State)
	}
	switch {
	case f.Destination != "":
		part += " AND destination = ?2"
	case f.State != "" && f.State != "delivered":
		part += " AND destination IN (SELECT name FROM destinations)" // both indexes begin with it
	}
	if f.EventID != "" {
		part += " AND seq = (SELECT seq FROM events WHERE id = ?1)"
	}
	return part, nil
}

// Deliveries reads deliveries, newest event first.
func (s *Store) Deliveries(ctx context.Context, f DeliveryFilter) ([]DeliveryRow, error) {
	part, err := f.narrow()
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return list(ctx, s.reader, "read deliveries", scanDelivery, `
		SELECT seq, event, stream, type, destination, state, due_at, attempts, refusals, created_at, first_attempt_at,
		       delivered_at, dead_at, coalesce(last_status, 0), coalesce(last_detail, '')
		FROM deliveries
		WHERE `+part+`
		  AND (?3 = '' OR state = ?3)
		  AND (seq, destination) < (?4, ?5)
		ORDER BY seq DESC, destination DESC
		LIMIT ?6`, f.EventID, f.Destination, f.State, before(f.BeforeSeq), f.BeforeDestination, limited(f.Limit))
}

func scanDelivery(row scanner) (DeliveryRow, error) {
	var d DeliveryRow
	err := row.Scan(&d.Seq, &d.EventID, &d.Stream, &d.Type, &d.Destination, &d.State, at{&d.DueAt}, &d.Attempts, &d.Refusals,
		at{&d.CreatedAt}, at{&d.FirstAttemptAt}, at{&d.DeliveredAt}, at{&d.DeadAt}, &d.LastStatus, &d.LastDetail)
	return d, err
}

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
		  AND (?2 = '' OR a.destination = ?2)
		ORDER BY a.destination, a.attempt DESC`, eventID, destination)
}

func scanAttempt(row scanner) (Attempt, error) {
	var a Attempt
	err := row.Scan(&a.Seq, &a.Destination, &a.Number, at{&a.StartedAt}, at{&a.EndedAt}, ms{&a.Latency}, &a.Outcome,
		&a.Status, &a.Detail, &a.RequestID, &a.Batch)
	return a, err
}
