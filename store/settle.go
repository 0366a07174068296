package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// What became of an attempt.
const (
	Delivered = "delivered" // accepted
	Retry     = "retry"     // owed again at DueAt
	Dead      = "dead"      // given up: a person decides
	// Parked is the fourth: still owed, and the destination is parked with Detail as the reason.
)

// Settlement is the result of one attempt at one delivery.
type Settlement struct {
	Seq                int64
	Attempt            int    // as claimed
	Outcome            string // delivered, retry, dead or parked
	Refused            bool   // this single event was refused, and not only the request it was in
	DueAt              time.Time
	StartedAt, EndedAt time.Time
	Status             int    // of HTTP, or an exit code; 0: none
	Detail             string // what the receiver said; cut to 500 characters
	RequestID          string // the same for all deliveries of one request
	Batch              int    // how many deliveries that request held
}

// Settled says what a batch of settlements changed.
type Settled struct {
	Applied int
	Lapsed  int // the lease was over and another attempt begun, or the delivery was settled already
}

// Settle records what became of attempts, all of one destination, in one transaction: the attempts, the deliveries, and the destination's health.
// A delivery that was claimed again in the meantime keeps what the later attempt makes of it; the attempt is recorded all the same.
// To settle the same attempt twice changes nothing the second time.
//
// Failures of a destination are counted by request, so a batch that fails counts once. A DueAt further ahead than 48 hours is cut to that.
func (s *Store) Settle(ctx context.Context, dest string, ss []Settlement, now time.Time) (Settled, error) {
	if len(ss) == 0 {
		return Settled{}, nil
	}
	if err := checkOutcomes(ss); err != nil {
		return Settled{}, fmt.Errorf("settle deliveries of %s: %w", dest, err)
	}
	var settled Settled
	err := s.write(ctx, "settle", "settle deliveries of "+dest, func(tx *sql.Tx) (err error) {
		settled, err = settle(tx, dest, ss, now)
		return err
	})
	if err != nil {
		return Settled{}, err
	}
	return settled, nil
}

func checkOutcomes(ss []Settlement) error {
	for _, s := range ss {
		switch s.Outcome {
		case Delivered, Retry, Dead, Parked:
		default:
			return fmt.Errorf("seq %d: %q is no outcome", s.Seq, s.Outcome)
		}
	}
	return nil
}

// settle changes the deliveries before it records the attempts: an attempt that is recorded already changes nothing again.
func settle(tx *sql.Tx, dest string, ss []Settlement, now time.Time) (Settled, error) {
	delivered, dead, applied, err := settleOutbox(tx, dest, ss, now)
	if err != nil {
		return Settled{}, fmt.Errorf("deliveries: %w", err)
	}
	if err := insertAttempts(tx, dest, ss); err != nil {
		return Settled{}, fmt.Errorf("attempts: %w", err)
	}
	if err := settleHealth(tx, dest, judge(ss), delivered, dead); err != nil {
		return Settled{}, fmt.Errorf("destination: %w", err)
	}
	for _, s := range ss {
		if s.Outcome != Parked {
			continue
		}
		if err := park(tx, dest, s.Detail, now); err != nil {
			return Settled{}, fmt.Errorf("park: %w", err)
		}
	}
	if err := forgetLate(tx, ss); err != nil {
		return Settled{}, fmt.Errorf("forget: %w", err)
	}
	return Settled{Applied: applied, Lapsed: len(ss) - applied}, nil
}

const settleOne = `
	UPDATE outbox
	SET due_at = ?, delivered_at = ?, dead_at = ?, refusals = refusals + ?, last_status = ?, last_detail = ?
	WHERE destination = ?
	  AND seq = ?
	  AND attempts = ?
	  AND attempts > spent
	  AND due_at IS NOT NULL
	  AND NOT EXISTS (
	    SELECT 1
	    FROM attempts a
	    WHERE a.seq = outbox.seq
	      AND a.destination = outbox.destination
	      AND a.attempt = outbox.attempts)`

// settleOutbox compares the attempt: a claim whose lease has lapsed and which was claimed again settles nothing. Nor does one of before the
// delivery was discarded, or owed anew. A statement for each: of one for all, SQLite makes a walk through the whole outbox.
func settleOutbox(tx *sql.Tx, dest string, ss []Settlement, now time.Time) (delivered, dead, applied int, err error) {
	settle, err := tx.Prepare(settleOne)
	if err != nil {
		return 0, 0, 0, err
	}
	defer settle.Close()
	for _, s := range ss {
		due, deliveredAt, deadAt := s.ends(now)
		done, err := settle.Exec(due, deliveredAt, deadAt, s.Refused, orNone(s.Status), orNull(cut(s.Detail)), dest, s.Seq, s.Attempt)
		if err != nil {
			return 0, 0, 0, err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			continue
		}
		applied++
		switch s.Outcome {
		case Delivered:
			delivered++
		case Dead:
			dead++
		}
	}
	return delivered, dead, applied, nil
}

// ends are the three columns of which one, the state, is set. What is only postponed stays owed.
func (s Settlement) ends(now time.Time) (due, delivered, dead any) {
	ended := s.EndedAt
	if ended.IsZero() {
		ended = now
	}
	switch s.Outcome {
	case Delivered:
		return nil, stamp(ended), nil
	case Dead:
		return nil, nil, stamp(ended)
	}
	next := s.DueAt
	if next.IsZero() {
		next = now
	}
	if limit := now.Add(farAhead); next.After(limit) {
		return stamp(limit), nil, nil
	}
	return stampUp(next), nil, nil
}

func insertAttempts(tx *sql.Tx, dest string, ss []Settlement) error {
	args := make([]any, 0, 11*len(ss))
	for _, s := range ss {
		args = append(args, s.Seq, dest, s.Attempt, stamp(s.StartedAt), stamp(s.EndedAt), max(0, floorMS(s.EndedAt.Sub(s.StartedAt))),
			s.Outcome, orNone(s.Status), orNull(cut(s.Detail)), orNull(s.RequestID), s.Batch)
	}
	_, err := tx.Exec(`
		INSERT INTO attempts (seq, destination, attempt, started_at, ended_at, latency_ms,
		                      outcome, status, detail, request_id, batch)
		VALUES `+values(len(ss), 11)+`
		ON CONFLICT (destination, seq, attempt) DO NOTHING`, args...)
	return err
}
