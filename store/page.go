package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Page is an answer as it is to be saved.
type Page struct {
	Events      []Event
	Position    string // where the cursor stands after it; "": stays
	State       State  // of the cursor after it
	More        bool   // SEEK has more pages
	Wait        time.Duration
	NextQueryAt time.Time // the same for people
	Alarm       string    // what a person must know of this cursor; "" clears the last error
	Status      int       // of HTTP
	Suspect     int       // what the poller knows of an event ahead that spoils its page; 0: nothing. Kept for it, and not looked at
}

// Saved says what a page changed.
type Saved struct {
	Fresh, Known      int   // Fresh + Known = the events of the page
	Deliveries        int   // made
	Again             int   // deliveries of known events that are owed anew
	FirstSeq, LastSeq int64 // of the fresh ones; 0 if there were none
}

// SavePage applies the answer to q: the page transaction. It stores the events, each id once, makes a delivery for each destination that takes
// a fresh one, moves the cursor and closes the ledger row. Its commit is the commit point: before it the page never happened, and a crash
// means that it is asked for again; after it everything about the page is true, and nothing has to be done to make it so.
//
// A known id is counted, and delivered again only to those whom the event names in Again; the content that came first is kept. The page may be tried again after any error.
// ErrAnswered says that the page (or a failure) was recorded before, by a commit whose answer was lost for instance; ErrCursorMoved that
// the cursor does not stand where the query began. Every destination named must have been told to SyncDestinations.
func (s *Store) SavePage(ctx context.Context, q Query, p Page, ended Instant) (Saved, error) {
	if err := s.readPlacesIfLarge(ctx, p.Events); err != nil {
		return Saved{}, fmt.Errorf("save page of cursor %d: %w", q.Cursor.ID, err)
	}
	a := &application{q: q, p: p, ended: ended}
	err := s.write(ctx, "page", fmt.Sprintf("save page of cursor %d", q.Cursor.ID), a.apply)
	if err != nil {
		return Saved{}, err
	}
	return a.saved, nil
}

// application is one page on its way into the tables.
type application struct {
	q     Query
	p     Page
	ended Instant

	newest    int64   // seq before this page: what lies above is fresh
	seqs      []int64 // of the events as they were stored; 0: known before
	conflicts int
	saved     Saved
}

// apply runs the steps in their order. Each may fail; then none has happened.
func (a *application) apply(tx *sql.Tx) error {
	steps := []struct {
		what string
		do   func(*sql.Tx) error
	}{
		{"check the ledger", a.checkOpen},
		{"insert events", a.insertEvents},
		{"count known events", a.countKnown},
		{"tally events", a.tally},
		{"insert deliveries", a.insertDeliveries},
		{"owe known events again", a.oweAgain},
		{"move the cursor", a.moveCursor},
		{"close the ledger row", a.closeQuery},
	}
	for _, step := range steps {
		if err := step.do(tx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

// checkOpen comes first, so that a page whose commit was not heard of is told apart from one that lost its cursor.
func (a *application) checkOpen(tx *sql.Tx) error {
	var open bool
	err := tx.QueryRow(`
		SELECT ended_at IS NULL, (SELECT coalesce(max(seq), 0) FROM events)
		FROM queries
		WHERE id = ?`, a.q.ID).Scan(&open, &a.newest)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err == nil && !open {
		err = ErrAnswered
	}
	return err
}

// moveCursor is a compare-and-set: the page belongs to the position that it was asked for, and to no other.
func (a *application) moveCursor(tx *sql.Tx) error {
	p := a.p
	now := stamp(a.ended.Wall)
	var caughtUp, end, errorKind, errorAt any
	if p.State == CaughtUp || p.State == Ended {
		caughtUp = now
	}
	if p.State == Ended {
		end = now
	}
	if p.Alarm != "" {
		errorKind, errorAt = alarmKind(p.State), now
	}
	return one(tx, ErrCursorMoved, `
		UPDATE cursors
		SET state = ?, position = coalesce(?, position), last_event_at = nullif(max(coalesce(last_event_at, ''), ?), ''),
		    caught_up_at = coalesce(?, caught_up_at), ended_at = ?, last_answer_at = ?, next_query_at = ?,
		    last_error_kind = ?, last_error = ?, last_error_at = ?,
		    events = events + ?, seen = seen + ?, pages = pages + 1, failures = 0, last_selection = ?, suspect = ?,
		    wait_ms = ?, wait_from = ?, wait_boot_ms = ?, wait_boot_id = ?
		WHERE id = ?
		  AND position IS ?
		  AND ended_at IS NULL`,
		string(p.State), orNull(p.Position), newestEvent(p.Events), caughtUp, end, now, stampUp(p.NextQueryAt),
		errorKind, orNull(cut(p.Alarm)), errorAt,
		a.saved.Fresh, len(p.Events), orNull(a.q.Selection), p.Suspect,
		ceilMS(max(0, p.Wait)), now, ceilMS(a.ended.Boot), a.ended.BootID,
		a.q.Cursor.ID, orNull(a.q.Cursor.Position))
}

// alarmKind is the word that stands beside an alarm where the kind of an error stands.
func alarmKind(s State) string {
	if s == Stuck {
		return "stuck"
	}
	return "alarm"
}

// newestEvent is the text of the newest stream time; "" if none is readable.
func newestEvent(events []Event) string {
	newest := ""
	for _, e := range events {
		if t, ok := stamp(e.StreamedAt).(string); ok {
			newest = max(newest, t)
		}
	}
	return newest
}

func (a *application) closeQuery(tx *sql.Tx) error {
	return one(tx, ErrAnswered, `
		UPDATE queries
		SET ended_at = ?, outcome = 'answered', status = ?, events = ?, fresh = ?, known = ?, conflicts = ?, more = ?,
		    cursor_after = (SELECT position FROM cursors WHERE id = cursor_id), ended_boot_ms = ?
		WHERE id = ?
		  AND ended_at IS NULL`,
		stamp(a.ended.Wall), orNone(a.p.Status), len(a.p.Events), a.saved.Fresh, a.saved.Known, a.conflicts, a.p.More,
		endMS(a.q, a.ended), a.q.ID)
}
