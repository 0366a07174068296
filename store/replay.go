package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Takes says which events a destination takes. Empty lists: all. An event whose hirer is unknown is taken.
type Takes struct{ Streams, Types, Hirers []string }

// Replay is which stored events are to be handed on again, to one destination, and how fast.
type Replay struct {
	Destination string
	Takes       Takes
	EventID     string      // this event alone; "": as Events says
	Events      EventFilter // without paging
	Rate        int         // deliveries that become due in a second
}

// What a replay does with an event.
const (
	replayNew     = "new"       // never owed there: gets a delivery
	replayAgain   = "again"     // settled there: owed anew
	replayOwed    = "owed"      // has not arrived yet, so it will anyway
	replayPurged  = "purged"    // a person had it removed
	replayMissing = "missing"   // SEEK could not give it: there is nothing to hand on
	replayRefused = "not taken" // the destination is configured not to take it
)

// replaySorts is the CASE that sorts event e, whose delivery is o. Its arguments are those of Takes.arguments.
const replaySorts = `
	CASE
	  WHEN e.type = 'missing' THEN 'missing'
	  WHEN NOT ((? IS NULL OR e.stream IN (SELECT value FROM json_each(?)))
	    AND (? IS NULL OR e.type IN (SELECT value FROM json_each(?)))
	    AND (? IS NULL OR e.hirer_id IS NULL OR e.hirer_id IN (SELECT value FROM json_each(?)))) THEN 'not taken'
	  WHEN e.purge IS NOT NULL THEN 'purged'
	  WHEN o.seq IS NULL THEN 'new'
	  WHEN o.due_at IS NOT NULL THEN 'owed'
	  ELSE 'again'
	END`

func (t Takes) arguments() ([]any, error) {
	var args []any
	for _, list := range [][]string{t.Streams, t.Types, t.Hirers} {
		if len(list) == 0 {
			args = append(args, nil, nil)
			continue
		}
		text, err := json.Marshal(list)
		if err != nil {
			return nil, err
		}
		args = append(args, string(text), string(text))
	}
	return args, nil
}

const replayPart = 500 // events in one transaction at least: it holds the writer for some milliseconds

// Replay hands stored events on again: one without a delivery at the destination gets one, a settled one is owed anew, one that is still owed
// stays. They become due one after the other, at the rate. Events that come in meanwhile are left out. The rows of the action are the
// deliveries that were made or owed anew; a crash leaves those of the parts that were done, and the same replay then does the rest. clock measures how
// long a part takes, which decides how much the next one does.
func (s *Store) Replay(ctx context.Context, d Deed, r Replay, clock func() time.Time) (Action, error) {
	after, last, err := s.boundsOf(ctx, r)
	if err != nil {
		return Action{}, fmt.Errorf("replay: %w", err)
	}
	a, due, rows := Action{Deed: d}, &pace{begin: d.At, rate: r.Rate}, replayPart
	ahead := s.chooseAhead(ctx, r, after, last, rows)
	for more := true; more; {
		part := <-ahead
		if part.err != nil {
			return a, part.err
		}
		if more = part.next < last; more {
			ahead = s.chooseAhead(ctx, r, part.next, last, rows)
		}
		if more && len(part.events) == 0 {
			continue
		}
		begun := clock()
		a, _, err = s.actPart(ctx, a, func(tx *sql.Tx, a *Action) (bool, error) {
			begun = clock()
			return more, r.owe(tx, part.events, due, a)
		})
		if err != nil {
			if more {
				<-ahead
			}
			return a, err
		}
		rows = max(replayPart, adapt(rows, clock().Sub(begun)))
	}
	return a, nil
}

// chosen are events that a replay would hand on, the next of those it looks at. next is where to go on.
type chosen struct {
	events []sorted // new or again
	next   int64
	err    error
}

// chooseAhead finds the next part while another one is written. What it has read the transaction of the part finds in memory.
func (s *Store) chooseAhead(ctx context.Context, r Replay, after, last int64, rows int) <-chan chosen {
	found := make(chan chosen, 1)
	go func() { found <- s.choose(ctx, r, after, last, rows) }()
	return found
}

func (s *Store) choose(ctx context.Context, r Replay, after, last int64, rows int) (c chosen) {
	args, err := r.Takes.arguments()
	if err != nil {
		return chosen{err: err}
	}
	if c.events, c.next, c.err = selectSorted(ctx, s.reader, r.Events, replaySorts, itsDelivery, append(args, r.Destination), after, last, rows); c.err == nil {
		c.events = slices.DeleteFunc(c.events, func(e sorted) bool { return e.sort != replayNew && e.sort != replayAgain })
	}
	return c
}

// owe has chosen events owed to the destination. Since they were chosen, somebody may have purged or settled some.
func (r Replay) owe(tx *sql.Tx, events []sorted, due *pace, a *Action) error {
	var fresh, again []owing
	for _, e := range events {
		if o := (owing{e.seq, due.next()}); e.sort == replayNew {
			fresh = append(fresh, o)
		} else {
			again = append(again, o)
		}
	}
	made, err := insertOwed(tx, r.Destination, fresh, a)
	if err != nil {
		return fmt.Errorf("make deliveries: %w", err)
	}
	anew, err := oweAnew(tx, r.Destination, again, a.ID)
	if err != nil {
		return fmt.Errorf("owe deliveries anew: %w", err)
	}
	a.Rows += int64(made + anew)
	return nil
}

// sorted is an event or a delivery, and what a deed does with it.
type sorted struct {
	seq  int64
	sort string
}

func scanSorted(row scanner) (s sorted, err error) {
	err = row.Scan(&s.seq, &s.sort)
	return s, err
}

const (
	itsDelivery = `
	LEFT JOIN outbox o ON o.destination = ? AND o.seq = e.seq`
	replayFrom = `
	FROM json_each(?) chosen
	CROSS JOIN events e ON e.seq = chosen.value` + itsDelivery
)

// arguments are those of replaySorts and replayFrom.
func (r Replay) arguments(seqs []int64) ([]any, error) {
	args, err := r.Takes.arguments()
	if err != nil {
		return nil, err
	}
	list, err := json.Marshal(seqs)
	return append(args, string(list), r.Destination), err
}

// insertOwed makes deliveries of events that are not purged, where there are none yet, and returns how many.
func insertOwed(tx *sql.Tx, dest string, list []owing, a *Action) (int, error) {
	if len(list) == 0 {
		return 0, nil
	}
	done, err := tx.Exec(readWanted+`
		INSERT INTO outbox (seq, destination, due_at, created_at, action)
		SELECT e.seq, ?, w.due, ?, ?
		FROM wanted w
		CROSS JOIN events e ON e.seq = w.seq
		WHERE e.purge IS NULL
		ON CONFLICT (destination, seq) DO NOTHING`, wanted(list), dest, stamp(a.At), a.ID)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return 0, err
	}
	return int(n), count(tx, dest, int(n), 0)
}

// bounds are the events that a deed looks at: behind after, up to last. A deed is for what is stored when it begins.
func (s *Store) bounds(ctx context.Context, eventID string) (after, last int64, err error) {
	if eventID == "" {
		last, err = first(ctx, s.reader, "find the newest event", scanSeq, "SELECT coalesce(max(seq), 0) FROM events")
		return 0, last, err
	}
	last, err = first(ctx, s.reader, "find the event", scanSeq, "SELECT seq FROM events WHERE id = ?", eventID)
	return last - 1, last, err
}

func (s *Store) boundsOf(ctx context.Context, r Replay) (after, last int64, err error) {
	after, last, err = s.bounds(ctx, r.EventID)
	if err != nil || r.EventID != "" {
		return after, last, err
	}
	return s.within(ctx, r.Events, after, last)
}

func scanSeq(row scanner) (seq int64, err error) {
	err = row.Scan(&seq)
	return seq, err
}

// ReplayPreview is what a replay would do as things stand.
type ReplayPreview struct {
	New, Again     int64 // deliveries that it would make, and those settled that it would owe anew
	Owed           int64 // left as they are: still owed
	Purged         int64 // left out, as are the next two
	Missing        int64
	NotTaken       int64
	Oldest, Newest EventAt // of New and Again, by Event.At
}

// Rows is how many deliveries would be owed that are not now.
func (p ReplayPreview) Rows() int64 { return p.New + p.Again }

// EventAt names an event and its time.
type EventAt struct {
	At time.Time
	ID string
}
