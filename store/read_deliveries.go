package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DeliveryRow is one delivery as the people's verbs show it.
type DeliveryRow struct {
	Seq                       int64
	EventID, Stream, Type     string
	Destination               string
	State                     string    // pending, retrying, parked, delivered, dead or discarded
	DueAt                     time.Time // zero: settled
	Attempts, Refusals        int
	CreatedAt, FirstAttemptAt time.Time
	DeliveredAt, DeadAt       time.Time
	DiscardedAt               time.Time
	Action                    int64 // the deed that last settled it, or had it owed anew; 0: none
	LastStatus                int
	LastDetail                string
}

// DeliveryFilter chooses deliveries. Zero values choose all.
type DeliveryFilter struct {
	EventID, Destination string
	State                string    // pending, retrying, parked, delivered, dead or discarded
	Stream, Type         string    // of the event
	Since, Until         time.Time // of Event.At; Since included, Until not
	Before               DeliveryMark
	Limit                int // 100 if not said, at most 1000
}

// Deliveries reads deliveries, newest arrival first. They are walked along the index of their state. What no index knows, above all the event's
// stream, type and time, is looked at in stretches, each a read of its own, and at most so many in one call: next is where to go on, and zero
// once all was looked through. Until then rows may be fewer than asked for, even none.
func (s *Store) Deliveries(ctx context.Context, f DeliveryFilter) (rows []DeliveryRow, next DeliveryMark, err error) {
	w, err := f.walk()
	if err != nil {
		return nil, next, fmt.Errorf("read deliveries: %w", err)
	}
	if f.EventID != "" {
		rows, err = s.deliveriesOf(ctx, f)
		return rows, next, err
	}
	if w.names, err = s.destinationsIn(ctx, f); err != nil || len(w.names) == 0 {
		return nil, next, err
	}
	w.before = f.Before
	want := limited(f.Limit)
	for range mostStretches {
		floor, err := s.floor(ctx, w)
		if err != nil {
			return nil, next, err
		}
		more, err := s.deliveriesAlong(ctx, w, floor, want-len(rows))
		if err != nil {
			return nil, next, err
		}
		if rows = append(rows, more...); len(rows) == want {
			return rows, DeliveryMark{rows[want-1].Seq, rows[want-1].Destination}, nil
		}
		if floor == 0 {
			return rows, next, nil
		}
		w.before = DeliveryMark{Seq: floor + 1}
	}
	return rows, w.before, nil
}

// mostStretches of deliveryWindow deliveries each are looked through in one call, each with its event: a tenth of a second's work.
const (
	mostStretches  = 3
	deliveryWindow = 4000
)

const deliveryColumns = `
	d.seq, d.event, d.stream, d.type, d.destination, d.state, d.due_at, d.attempts, d.refusals, d.created_at, d.first_attempt_at,
	d.delivered_at, d.dead_at, d.discarded_at, coalesce(d.action, 0), coalesce(d.last_status, 0), coalesce(d.last_detail, '')`

func scanDelivery(row scanner) (DeliveryRow, error) {
	var d DeliveryRow
	err := row.Scan(&d.Seq, &d.EventID, &d.Stream, &d.Type, &d.Destination, &d.State, at{&d.DueAt}, &d.Attempts, &d.Refusals,
		at{&d.CreatedAt}, at{&d.FirstAttemptAt}, at{&d.DeliveredAt}, at{&d.DeadAt}, at{&d.DiscardedAt}, &d.Action, &d.LastStatus, &d.LastDetail)
	return d, err
}

// deliveriesOf reads those of one event, which are as many as there are destinations.
func (s *Store) deliveriesOf(ctx context.Context, f DeliveryFilter) ([]DeliveryRow, error) {
	text, args := f.event().conditions()
	return list(ctx, s.reader, "read deliveries", scanDelivery, `
		SELECT `+deliveryColumns+`
		FROM events e
		CROSS JOIN destinations n
		CROSS JOIN deliveries d ON d.destination = n.name AND d.seq = e.seq
		WHERE e.id = ?
		  AND (? = '' OR n.name = ?)
		  AND (? = '' OR d.state = ?)
		  AND `+text+`
		ORDER BY d.destination`, append([]any{f.EventID, f.Destination, f.Destination, f.State, f.State}, args...)...)
}

// destinationsIn are the destinations whose deliveries a filter may choose.
func (s *Store) destinationsIn(ctx context.Context, f DeliveryFilter) ([]string, error) {
	return list(ctx, s.reader, "read the destinations", func(row scanner) (name string, err error) {
		err = row.Scan(&name)
		return name, err
	}, `
		SELECT name
		FROM destinations
		WHERE (?1 = '' OR name = ?1)
		  AND CASE ?2 WHEN 'parked' THEN state <> 'active' WHEN 'pending' THEN state = 'active' WHEN 'retrying' THEN state = 'active' ELSE true END
		ORDER BY name`, f.Destination, f.State)
}

// deliveryWalk is how a filter goes along the deliveries of each destination.
type deliveryWalk struct {
	index  string // FROM outbox o …
	known  string // that the index holds
	look   string // and what it does not, so that rows must be looked at; "" nothing
	args   []any  // of look
	names  []string
	before DeliveryMark
}

// walk chooses the index. An unknown state is an error.
func (f DeliveryFilter) walk() (w deliveryWalk, err error) {
	w.known = "true"
	switch f.State {
	case "":
	case "delivered":
		w.look = " AND o.delivered_at IS NOT NULL"
	case "dead":
		w.index, w.known = "INDEXED BY outbox_dead", "o.dead_at IS NOT NULL"
	case "discarded":
		w.index, w.known = "INDEXED BY outbox_discarded", "o.discarded_at IS NOT NULL"
	case "parked":
		w.index, w.known = "INDEXED BY outbox_owed", "o.due_at IS NOT NULL"
	case "pending":
		w.index, w.known, w.look = "INDEXED BY outbox_owed", "o.due_at IS NOT NULL", " AND o.attempts = o.spent"
	case "retrying":
		w.index, w.known, w.look = "INDEXED BY outbox_owed", "o.due_at IS NOT NULL", " AND o.attempts > o.spent"
	default:
		return w, fmt.Errorf("%q is no state of a delivery", f.State)
	}
	if e := f.event(); e != (EventFilter{}) {
		text, args := e.conditions()
		w.look += " AND EXISTS (SELECT 1 FROM events e WHERE e.seq = o.seq AND " + text + ")"
		w.args = args
	}
	return w, nil
}

// event is the part of the filter that is about the event.
func (f DeliveryFilter) event() EventFilter {
	return EventFilter{Stream: f.Stream, Type: f.Type, Since: f.Since, Until: f.Until}
}

// along is the text of the walks, which SQLite merges, and their arguments.
func (w deliveryWalk) along(look string, floor int64) (string, []any) {
	var walks []string
	var args []any
	for _, name := range w.names {
		walks = append(walks, `SELECT o.seq AS seq, o.destination AS destination FROM outbox o `+w.index+`
			WHERE `+w.known+` AND o.destination = ? AND o.seq <= ? AND o.seq > ?`+look)
		args = append(args, name, w.before.top(name), floor)
		if look != "" {
			args = append(args, w.args...)
		}
	}
	return strings.Join(walks, " UNION ALL ") + " ORDER BY seq DESC, destination DESC", args
}

// top is the newest delivery of a destination that comes after the mark.
func (m DeliveryMark) top(destination string) int64 {
	if destination < m.Destination {
		return m.Seq
	}
	return before(m.Seq) - 1
}

// floor is how far down this stretch goes: only what arrived after it is looked at. 0: to the end.
func (s *Store) floor(ctx context.Context, w deliveryWalk) (int64, error) {
	if w.look == "" {
		return 0, nil
	}
	text, args := w.along("", 0)
	floor, err := first(ctx, s.reader, "measure a stretch of deliveries", func(row scanner) (seq int64, err error) {
		err = row.Scan(&seq)
		return seq, err
	}, `SELECT seq FROM (`+text+` LIMIT 1 OFFSET ?)`, append(args, deliveryWindow)...)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	return floor, err
}

func (s *Store) deliveriesAlong(ctx context.Context, w deliveryWalk, floor int64, limit int) ([]DeliveryRow, error) {
	text, args := w.along(w.look, floor)
	return list(ctx, s.reader, "read deliveries", scanDelivery, `
		WITH found AS (`+text+` LIMIT ?)
		SELECT `+deliveryColumns+`
		FROM found
		CROSS JOIN deliveries d ON d.destination = found.destination AND d.seq = found.seq
		ORDER BY d.seq DESC, d.destination DESC`, append(args, limit)...)
}
