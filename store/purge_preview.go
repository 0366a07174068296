package store

import "context"

// PurgePreview is what a purge would remove, as things stand.
type PurgePreview struct {
	Events         int64
	Waiting        int64 // of Events: kept until everybody they are owed to has them, and nobody has to look at them
	Deliveries     []WaitingDeliveries
	Oldest, Newest EventAt

	seqs []int64
}

// WaitingDeliveries are those that keep events from being emptied.
type WaitingDeliveries struct {
	Destination string `json:"destination"`
	Owed        int64  `json:"owed"`
	Dead        int64  `json:"dead"`
}

const purgeWindow = 2000 // events looked at in one read, payloads and all

// PreviewPurge finds what a purge would remove; what an earlier one was for is left out. It reads every event, in parts; by time, those up to the last that
// is meant.
func (s *Store) PreviewPurge(ctx context.Context, p Purge) (PurgePreview, error) {
	text, args, err := p.condition()
	if err != nil {
		return PurgePreview{}, err
	}
	_, last, err := s.bounds(ctx, "")
	if err != nil {
		return PurgePreview{}, err
	}
	begin, last, err := s.within(ctx, EventFilter{Until: p.Before}, 0, last)
	if err != nil {
		return PurgePreview{}, err
	}
	var found PurgePreview
	for after := begin; after < last; after += purgeWindow {
		events, err := list(ctx, s.reader, "choose events to purge", scanPurged, `
			SELECT e.seq, e.at, e.id, `+waits+`
			FROM events e
			WHERE `+text+`
			  AND e.purge IS NULL
			  AND e.seq > ? AND e.seq <= ?`, append(args, after, min(last, after+purgeWindow))...)
		if err != nil {
			return PurgePreview{}, err
		}
		if err := s.addToPurge(ctx, &found, events); err != nil {
			return PurgePreview{}, err
		}
	}
	return found, nil
}

type purged struct {
	seq   int64
	event EventAt
	waits bool
}

func scanPurged(row scanner) (e purged, err error) {
	err = row.Scan(&e.seq, at{&e.event.At}, &e.event.ID, &e.waits)
	return e, err
}

func (s *Store) addToPurge(ctx context.Context, p *PurgePreview, events []purged) error {
	var waiting []int64
	for _, e := range events {
		p.Events++
		p.seqs = append(p.seqs, e.seq)
		if e.waits {
			waiting = append(waiting, e.seq)
		}
		if p.Oldest.ID == "" || e.event.At.Before(p.Oldest.At) {
			p.Oldest = e.event
		}
		if !e.event.At.Before(p.Newest.At) {
			p.Newest = e.event
		}
	}
	p.Waiting += int64(len(waiting))
	return s.addWaiting(ctx, p, waiting)
}

func (s *Store) addWaiting(ctx context.Context, p *PurgePreview, seqs []int64) error {
	if len(seqs) == 0 {
		return nil
	}
	text, err := seqList(seqs)
	if err != nil {
		return err
	}
	found, err := list(ctx, s.reader, "see what keeps events", func(row scanner) (w WaitingDeliveries, err error) {
		err = row.Scan(&w.Destination, &w.Owed, &w.Dead)
		return w, err
	}, `
		SELECT destination, count(due_at), count(dead_at)
		FROM outbox
		WHERE destination IN (SELECT name FROM destinations)
		  AND seq IN `+chosenSeqs+`
		GROUP BY destination
		HAVING count(due_at) + count(dead_at) > 0`, text)
	for _, w := range found {
		p.addDeliveries(w)
	}
	return err
}

func (p *PurgePreview) addDeliveries(w WaitingDeliveries) {
	for i := range p.Deliveries {
		if d := &p.Deliveries[i]; d.Destination == w.Destination {
			d.Owed += w.Owed
			d.Dead += w.Dead
			return
		}
	}
	p.Deliveries = append(p.Deliveries, w)
}
