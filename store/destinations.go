package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// DestinationSpec is a destination as the configuration names it.
type DestinationSpec struct{ Name, Kind string }

// The states of a destination.
const (
	Active  = "active"  // deliveries are made
	Paused  = "paused"  // by a person, who resumes it
	Parked  = "parked"  // by the outbox, because nothing of it can succeed; a person resumes it
	Removed = "removed" // no longer configured; comes back when it is
)

// Destination is where events are handed on, and how it fares.
type Destination struct {
	Name, Kind                   string
	State, Reason                string
	LastError                    string // of the last failure
	StateSince                   time.Time
	LastSuccessAt, LastFailureAt time.Time
	NotBefore                    time.Time // zero: nothing holds it
	CreatedAt                    time.Time
	Failures                     int   // requests in a row that failed
	Delivered, Dead              int64 // deliveries settled so, since the database was made
}

const destinationColumns = `
	d.name, d.kind, d.state, coalesce(d.reason, ''), coalesce(d.last_error, ''), d.state_since,
	d.last_success_at, d.last_failure_at, d.not_before, d.created_at, d.failures, d.delivered, d.dead`

func scanDestination(row scanner) (Destination, error) {
	var d Destination
	err := row.Scan(&d.Name, &d.Kind, &d.State, &d.Reason, &d.LastError, at{&d.StateSince},
		at{&d.LastSuccessAt}, at{&d.LastFailureAt}, at{&d.NotBefore}, at{&d.CreatedAt}, &d.Failures, &d.Delivered, &d.Dead)
	return d, err
}

// Destinations reads all destinations by name, removed ones too.
func (s *Store) Destinations(ctx context.Context) ([]Destination, error) {
	return list(ctx, s.reader, "read the destinations", scanDestination, `
		SELECT `+destinationColumns+`
		FROM destinations d
		ORDER BY d.name`)
}

// SyncDestinations makes the destinations agree with the configuration: a new one begins active and gets events from now on; one that is no
// longer named is marked removed, and what it is owed waits; one that is named again becomes active. Pauses and parkings stay.
func (s *Store) SyncDestinations(ctx context.Context, specs []DestinationSpec, now time.Time) error {
	return s.write(ctx, "start", "sync the destinations", func(tx *sql.Tx) error {
		names := make([]string, 0, len(specs))
		for _, spec := range specs {
			names = append(names, spec.Name)
			if err := configure(tx, spec, now); err != nil {
				return fmt.Errorf("%s: %w", spec.Name, err)
			}
		}
		kept, err := json.Marshal(names)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`
			UPDATE destinations
			SET state = 'removed', reason = 'no longer configured', state_since = ?
			WHERE state <> 'removed'
			  AND name NOT IN (SELECT value FROM json_each(?))`, stamp(now), string(kept))
		return err
	})
}

func configure(tx *sql.Tx, spec DestinationSpec, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO destinations (name, kind, state, state_since, created_at)
		VALUES (?1, ?2, 'active', ?3, ?3)
		ON CONFLICT (name) DO UPDATE
		SET kind = excluded.kind`, spec.Name, spec.Kind, stamp(now))
	if err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE destinations
		SET state = 'active', reason = NULL, state_since = ?, failures = 0, not_before = NULL
		WHERE name = ?
		  AND state = 'removed'`, stamp(now), spec.Name)
	return err
}

// Park stops the deliveries of a destination until a person resumes it; what it is owed waits and does not age. A destination that is parked
// already gets the new reason; one that is paused or removed stays so.
func (s *Store) Park(ctx context.Context, dest, reason string, now time.Time) error {
	return s.write(ctx, "destination", "park destination "+dest, func(tx *sql.Tx) error {
		if err := checkKnown(tx, dest); err != nil {
			return err
		}
		return park(tx, dest, reason, now)
	})
}

func park(tx *sql.Tx, dest, reason string, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE destinations
		SET reason = ?1, state_since = CASE state WHEN 'parked' THEN state_since ELSE ?2 END, state = 'parked'
		WHERE name = ?3
		  AND state IN ('active', 'parked')`, orNull(cut(reason)), stamp(now), dest)
	return err
}

// Pause stops the deliveries of an active destination until a person resumes it, for the deed's reason; what it is owed waits and does not age.
// A send in hand goes on, and its result counts. It returns ErrNotFound for one that is not there or not active.
func (s *Store) Pause(ctx context.Context, d Deed, dest string) (Action, error) {
	return s.act(ctx, d, func(tx *sql.Tx, a *Action) error {
		a.Rows = 1
		return one(tx, ErrNotFound, `
			UPDATE destinations
			SET state = 'paused', reason = ?, state_since = ?
			WHERE name = ?
			  AND state = 'active'`, cut(d.Reason), stamp(d.At), dest)
	})
}

// Resume makes a parked or paused destination active again, with a clean record: no failures in a row, nothing that holds it.
// It returns ErrNotFound for one that is not there, or neither parked nor paused.
func (s *Store) Resume(ctx context.Context, d Deed, dest string) (Action, error) {
	return s.act(ctx, d, func(tx *sql.Tx, a *Action) error {
		a.Rows = 1
		return one(tx, ErrNotFound, `
			UPDATE destinations
			SET state = 'active', reason = NULL, state_since = ?, failures = 0, not_before = NULL
			WHERE name = ?
			  AND state IN ('parked', 'paused')`, stamp(d.At), dest)
	})
}

// HoldDestination keeps a time before which nothing should be sent to a destination: its Retry-After, or the back-off of a probe. It outlives
// the process; the outbox obeys it, Claim does not look at it. The zero time lets go.
func (s *Store) HoldDestination(ctx context.Context, dest string, until time.Time) error {
	return s.write(ctx, "destination", "hold destination "+dest, func(tx *sql.Tx) error {
		return one(tx, ErrNotFound, `
			UPDATE destinations
			SET not_before = ?
			WHERE name = ?`, stampUp(until), dest)
	})
}

func checkKnown(tx *sql.Tx, dest string) error {
	var known bool
	if err := tx.QueryRow("SELECT EXISTS (SELECT 1 FROM destinations WHERE name = ?)", dest).Scan(&known); err != nil {
		return err
	}
	if !known {
		return ErrNotFound
	}
	return nil
}
