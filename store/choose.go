package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// How a delivery stands, beside Delivered and Dead.
const (
	Owed      = "owed"      // not settled
	Discarded = "discarded" // given up by a person
)

// DeliveryChoice says which deliveries a deed is for: those of the destinations that stand so and whose events are chosen.
type DeliveryChoice struct {
	Destinations []string
	States       []string    // of Owed, Dead and Discarded
	EventID      string      // of this event alone; "": as Events says
	Events       EventFilter // without paging
	Action       int64       // only those that this action settled, or had owed anew; 0: all
}

// What a deed makes of a chosen delivery depends on how it stands.
const (
	sortPassed    = ""          // not chosen
	sortWaiting   = "waiting"   // owed, and not tried yet or due already
	sortSending   = "sending"   // claimed, and no word of it yet
	sortRetrying  = "retrying"  // waits for its next try
	sortDead      = "dead"      // given up
	sortDiscarded = "discarded" // given up by a person
	sortPurged    = "purged"    // settled, and its event was removed since
)

// deliverySorts is the CASE that sorts delivery o of event e. Its argument is the time now.
const deliverySorts = `
	CASE
	  WHEN o.due_at IS NULL AND e.purge IS NOT NULL THEN 'purged'
	  WHEN o.dead_at IS NOT NULL THEN 'dead'
	  WHEN o.discarded_at IS NOT NULL THEN 'discarded'
	  WHEN o.attempts = o.spent OR o.due_at <= ? THEN 'waiting'
	  WHEN EXISTS (SELECT 1 FROM attempts a WHERE a.destination = o.destination AND a.seq = o.seq AND a.attempt = o.attempts) THEN 'retrying'
	  ELSE 'sending'
	END`

// standing is the part of the outbox where deliveries stand so, by the index that holds these alone.
func standing(state string) (string, error) {
	switch state {
	case Owed:
		return "outbox o INDEXED BY outbox_owed CROSS JOIN events e ON e.seq = o.seq WHERE o.due_at IS NOT NULL", nil
	case Dead:
		return "outbox o INDEXED BY outbox_dead CROSS JOIN events e ON e.seq = o.seq WHERE o.dead_at IS NOT NULL", nil
	case Discarded:
		return "outbox o INDEXED BY outbox_discarded CROSS JOIN events e ON e.seq = o.seq WHERE o.discarded_at IS NOT NULL", nil
	}
	return "", fmt.Errorf("%q is not how a delivery can stand", state)
}

// walk goes through the deliveries of a choice, one destination and state after the other.
type walk struct {
	choice      DeliveryChoice
	first, last int64 // of the events looked at
	now         time.Time

	destination, state int // indexes into the choice: where it is
	after              int64
}

func (s *Store) newWalk(ctx context.Context, c DeliveryChoice, now time.Time) (*walk, error) {
	after, last, err := s.bounds(ctx, c.EventID)
	if err != nil {
		return nil, fmt.Errorf("choose deliveries: %w", err)
	}
	return &walk{choice: c, first: after, last: last, now: now, after: after}, nil
}

const walkPart = 500 // deliveries looked at in one read, or in one transaction

// next reads the next part: deliveries of one destination that stand alike. It looks at so many of them, however few the filter chooses, so
// that no part lasts. more says that there are others.
func (w *walk) next(ctx context.Context, db asker) (dest string, part []sorted, more bool, err error) {
	if w.done() {
		return "", nil, false, nil
	}
	dest = w.choice.Destinations[w.destination]
	from, err := standing(w.choice.States[w.state])
	if err != nil {
		return "", nil, false, fmt.Errorf("choose deliveries: %w", err)
	}
	text, args := w.choice.Events.conditions()
	rows, err := db.QueryContext(ctx, `
		SELECT o.seq, iif(`+text+` AND (? = 0 OR o.action IS ?), `+deliverySorts+`, '')
		FROM `+from+`
		  AND o.destination = ?
		  AND o.seq > ? AND o.seq <= ?
		ORDER BY o.seq
		LIMIT ?`, append(args, w.choice.Action, w.choice.Action, stamp(w.now), dest, w.after, w.last, walkPart)...)
	if err != nil {
		return "", nil, false, fmt.Errorf("choose deliveries: %w", err)
	}
	if part, err = collect(rows, scanSorted); err != nil {
		return "", nil, false, fmt.Errorf("choose deliveries: %w", err)
	}
	w.advance(part)
	return dest, part, !w.done(), nil
}

func (w *walk) done() bool {
	return len(w.choice.States) == 0 || w.destination == len(w.choice.Destinations)
}

func (w *walk) advance(part []sorted) {
	if len(part) == walkPart {
		w.after = part[walkPart-1].seq
		return
	}
	w.after = w.first
	if w.state++; w.state == len(w.choice.States) {
		w.state, w.destination = 0, w.destination+1
	}
}

// pick is the deliveries of a part that are sorted so.
func pick(part []sorted, sorts ...string) []int64 {
	var seqs []int64
	for _, d := range part {
		for _, sort := range sorts {
			if d.sort == sort {
				seqs = append(seqs, d.seq)
			}
		}
	}
	return seqs
}

// change runs a statement on deliveries of a destination: the list is its last argument, and the destination the one before it.
func change(tx *sql.Tx, dest string, seqs []int64, statement string, args ...any) (int64, error) {
	if len(seqs) == 0 {
		return 0, nil
	}
	text, err := json.Marshal(seqs)
	if err != nil {
		return 0, err
	}
	done, err := tx.Exec(statement, append(args, dest, string(text))...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// DeliveryPreview is what a deed would do with deliveries, as things stand.
type DeliveryPreview struct {
	Destination                                         string
	Waiting, Sending, Retrying, Dead, Discarded, Purged int64
}

// PreviewDeliveries says how the deliveries of a choice stand, by destination; one without any has no entry.
func (s *Store) PreviewDeliveries(ctx context.Context, c DeliveryChoice, now time.Time) ([]DeliveryPreview, error) {
	w, err := s.newWalk(ctx, c, now)
	if err != nil {
		return nil, err
	}
	var all []DeliveryPreview
	for !w.done() {
		dest, part, _, err := w.next(ctx, s.reader)
		if err != nil {
			return nil, err
		}
		if len(part) == len(pick(part, sortPassed)) {
			continue
		}
		if len(all) == 0 || all[len(all)-1].Destination != dest {
			all = append(all, DeliveryPreview{Destination: dest})
		}
		all[len(all)-1].add(part)
	}
	return all, nil
}

func (p *DeliveryPreview) add(part []sorted) {
	for _, d := range part {
		switch d.sort {
		case sortWaiting:
			p.Waiting++
		case sortSending:
			p.Sending++
		case sortRetrying:
			p.Retrying++
		case sortDead:
			p.Dead++
		case sortDiscarded:
			p.Discarded++
		case sortPurged:
			p.Purged++
		}
	}
}
