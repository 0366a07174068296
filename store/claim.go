package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// farAhead is further than any wait of a delivery can reach. What is due later than that was written before the wall clock was set back.
const farAhead = 48 * time.Hour

// Delivery is one event claimed for one destination.
type Delivery struct {
	Event       Event
	Destination string
	Attempt     int // which this one is; 1 is the first, and a number never comes again
	Try         int // which this one is since the delivery was last owed anew; what policies count
	Refusals    int // attempts at which this single event was refused, since then
	CreatedAt   time.Time
	// FirstAttemptAt is when it was first tried since it was last owed anew: now, if this is the first time.
	FirstAttemptAt time.Time
	// LastSuccessAt is when the destination last accepted anything; zero: never.
	LastSuccessAt time.Time
}

// Claim takes up to n deliveries that are due, those due longest first, and returns them in order of arrival. The attempt is counted and the delivery put off
// until the lease is over before anything is sent: if the process dies, it is due again by itself, and one that kills the process every time
// still runs out of attempts. The lease must be longer than a send can take.
//
// A destination that is not active gets none. A delivery that is due over 48 hours from now is due: the clock was set back.
func (s *Store) Claim(ctx context.Context, dest string, n int, lease time.Duration, now time.Time) ([]Delivery, error) {
	if n <= 0 {
		return nil, nil
	}
	var claimed []Delivery
	err := s.write(ctx, "claim", "claim deliveries of "+dest, func(tx *sql.Tx) error {
		lastSuccess, active, err := health(tx, dest)
		if err != nil || !active {
			return err
		}
		if claimed, err = claim(tx, dest, n, lease, now); err != nil || len(claimed) == 0 {
			return err
		}
		for i := range claimed {
			claimed[i].LastSuccessAt = lastSuccess
		}
		return readEvents(tx, claimed)
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func health(tx *sql.Tx, dest string) (lastSuccess time.Time, active bool, err error) {
	err = tx.QueryRow(`
		SELECT last_success_at, state = 'active'
		FROM destinations
		WHERE name = ?`, dest).Scan(at{&lastSuccess}, &active)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return lastSuccess, active, err
}

func claim(tx *sql.Tx, dest string, n int, lease time.Duration, now time.Time) ([]Delivery, error) {
	rows, err := tx.Query(`
		UPDATE outbox
		SET due_at = ?1, attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, ?2)
		WHERE destination = ?3
		  AND seq IN (
		    SELECT seq FROM (
		      SELECT seq FROM outbox
		      WHERE destination = ?3
		        AND due_at > ?4
		      ORDER BY due_at, seq
		      LIMIT ?5)
		    UNION ALL
		    SELECT seq FROM (
		      SELECT seq FROM outbox
		      WHERE destination = ?3
		        AND due_at <= ?2
		      ORDER BY due_at, seq
		      LIMIT ?5)
		    LIMIT ?5)
		RETURNING seq, attempts, attempts - spent, refusals, created_at, first_attempt_at`,
		stampUp(now.Add(lease)), stamp(now), dest, stampUp(now.Add(farAhead)), n)
	if err != nil {
		return nil, err
	}
	claimed, err := collect(rows, func(row scanner) (Delivery, error) {
		d := Delivery{Destination: dest}
		err := row.Scan(&d.Event.Seq, &d.Attempt, &d.Try, &d.Refusals, at{&d.CreatedAt}, at{&d.FirstAttemptAt})
		return d, err
	})
	slices.SortFunc(claimed, func(a, b Delivery) int { return cmp.Compare(a.Event.Seq, b.Event.Seq) })
	return claimed, err
}

// readEvents fills in the events of claims that are sorted by seq.
func readEvents(tx *sql.Tx, claimed []Delivery) error {
	seqs := make([]int64, len(claimed))
	for i, d := range claimed {
		seqs[i] = d.Event.Seq
	}
	wanted, err := json.Marshal(seqs)
	if err != nil {
		return err
	}
	rows, err := tx.Query(`
		SELECT `+eventColumns+`
		FROM events e
		WHERE e.seq IN (SELECT value FROM json_each(?))
		ORDER BY e.seq`, string(wanted))
	if err != nil {
		return err
	}
	events, err := collect(rows, scanEvent)
	if err != nil {
		return err
	}
	if len(events) != len(claimed) {
		return fmt.Errorf("read the events: found %d of %d", len(events), len(claimed))
	}
	for i, e := range events {
		claimed[i].Event = e
	}
	return nil
}

// NextDue is the earliest time at which a delivery of a destination is due; it may be past. ok is false if nothing is owed or the
// destination is not active. It does not look at Destination.NotBefore.
func (s *Store) NextDue(ctx context.Context, dest string, now time.Time) (due time.Time, ok bool, err error) {
	type answer struct {
		first, last time.Time
	}
	found, err := first(ctx, s.reader, "see when "+dest+" is due", func(row scanner) (answer, error) {
		var a answer
		err := row.Scan(at{&a.first}, at{&a.last})
		return a, err
	}, `
		SELECT (SELECT min(due_at) FROM outbox WHERE destination = d.name AND due_at IS NOT NULL),
		       (SELECT max(due_at) FROM outbox WHERE destination = d.name AND due_at IS NOT NULL)
		FROM destinations d
		WHERE d.name = ?
		  AND d.state = 'active'`, dest)
	if errors.Is(err, ErrNotFound) {
		return time.Time{}, false, nil
	}
	if err != nil || found.first.IsZero() {
		return time.Time{}, false, err
	}
	if found.last.After(now.Add(farAhead)) && found.first.After(now) {
		return now, true, nil
	}
	return found.first, true, nil
}
