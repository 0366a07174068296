package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// farAhead is further than any wait of a delivery can reach. What is due later than that was written before the wall clock was set back.
const farAhead = 48 * time.Hour

// Delivery is one event claimed for one destination.
type Delivery struct {
	Event       Event
	Destination string
	Attempt     int // which this one is; 1 is the first, and the number of one that was sent never comes again
	Try         int // which this one is since the delivery was last owed anew; what policies count
	Refusals    int // attempts at which this single event was refused, since then
	CreatedAt   time.Time
	// FirstAttemptAt is when it was first tried since it was last owed anew: now, if this is the first time.
	FirstAttemptAt time.Time
	// DueAt is when it was due before it was claimed.
	DueAt time.Time
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
		active, err := isActive(tx, dest)
		if err != nil || !active {
			return err
		}
		if claimed, err = readDue(tx, dest, n, now); err != nil || len(claimed) == 0 {
			return err
		}
		return claim(tx, claimed, lease, now)
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

func isActive(tx *sql.Tx, dest string) (active bool, err error) {
	err = tx.QueryRow("SELECT state = 'active' FROM destinations WHERE name = ?", dest).Scan(&active)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return active, err
}

// selectDue finds what is due, with its events. The join is a left one: an event that is missing is an error, and not a delivery that waits for ever.
const selectDue = `
	SELECT o.due_at, o.attempts, o.spent, o.refusals, o.created_at, o.first_attempt_at, ` + eventColumns + `
	FROM outbox o
	LEFT JOIN events e ON e.seq = o.seq
	WHERE o.destination = ?1
	  AND o.seq IN (
	    SELECT seq FROM (
	      SELECT seq FROM outbox
	      WHERE destination = ?1
	        AND due_at > ?3
	      ORDER BY due_at, seq
	      LIMIT ?4)
	    UNION ALL
	    SELECT seq FROM (
	      SELECT seq FROM outbox
	      WHERE destination = ?1
	        AND due_at <= ?2
	      ORDER BY due_at, seq
	      LIMIT ?4)
	    LIMIT ?4)
	ORDER BY o.seq`

func readDue(tx *sql.Tx, dest string, n int, now time.Time) ([]Delivery, error) {
	rows, err := tx.Query(selectDue, dest, stamp(now), stampUp(now.Add(farAhead)), n)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(row scanner) (Delivery, error) {
		d := Delivery{Destination: dest}
		var spent int
		fields := append([]any{at{&d.DueAt}, &d.Attempt, &spent, &d.Refusals, at{&d.CreatedAt}, at{&d.FirstAttemptAt}}, d.Event.fields()...)
		err := row.Scan(fields...)
		d.Attempt++
		d.Try = d.Attempt - spent
		return d, err
	})
}

const claimThese = `
	UPDATE outbox
	SET due_at = ?, attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, ?)
	WHERE destination = ?
	  AND seq IN (SELECT value FROM json_each(?))`

// claim counts the attempts and puts the deliveries off.
func claim(tx *sql.Tx, due []Delivery, lease time.Duration, now time.Time) error {
	seqs := make([]int64, len(due))
	for i := range due {
		seqs[i] = due[i].Event.Seq
		if due[i].FirstAttemptAt.IsZero() {
			due[i].FirstAttemptAt = now.UTC().Truncate(time.Millisecond)
		}
	}
	these, err := json.Marshal(seqs)
	if err != nil {
		return err
	}
	_, err = tx.Exec(claimThese, stampUp(now.Add(lease)), stamp(now), due[0].Destination, string(these))
	return err
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
