package outbox

import (
	"context"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

const longestSettle = 256 // settlements in one transaction: most of the gain of a batch, and the writer is soon free again

// returned judges each delivery of a result. Nothing of it is durable before settle.
func (l *lane) returned(r result) {
	l.ended(r.cutoff)
	if r.next == nil {
		l.busy--
	} else {
		l.cutoffs = append(l.cutoffs, r.next.cutoff)
	}
	switch {
	case r.reply.Verdict != Accepted:
		l.line.heard()
	case r.ended.Sub(r.started) < time.Second:
		l.quick += len(r.deliveries)
	}
	l.observe(r)
	for _, d := range r.deliveries {
		f := judge(d, r.reply, r.alone(), l.acceptedAt, r.ended)
		l.unsettled = append(l.unsettled, l.settlement(d, r, f))
		l.tell(d, r, f)
	}
	l.tellSend(r)
}

func (l *lane) settlement(d store.Delivery, r result, f fate) store.Settlement {
	s := store.Settlement{
		Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: f.outcome, Refused: f.refusal,
		StartedAt: r.started, EndedAt: r.ended, Status: r.reply.Status, Detail: r.reply.Detail,
		RequestID: r.reply.RequestID, Batch: len(r.deliveries),
	}
	switch f.outcome {
	case store.Retry:
		s.DueAt = r.ended.Add(backoff(d.Attempt, l.jitter()))
	case store.Parked: // the store parks the destination with it, and gives the detail as the reason
		s.Detail = excerpt([]byte(f.park + ": " + r.reply.Detail))
		s.DueAt = r.ended
	}
	return s
}

// giveUpUnsent settles a delivery that is not to be sent any more.
func (l *lane) giveUpUnsent(d store.Delivery) {
	now := l.now()
	f := fate{outcome: store.Parked, park: "an event ended the program again and again"}
	if l.acceptedAt.After(d.FirstAttemptAt) {
		f = fate{outcome: store.Dead}
	}
	r := result{batch: batch{deliveries: []store.Delivery{d}}, started: now, ended: now}
	r.reply.Detail = "not sent: most earlier attempts were never settled, so the program ended during them"
	l.unsettled = append(l.unsettled, l.settlement(d, r, f))
	l.tell(d, r, f)
}

// settle makes the results durable, together. The hold and the park come first: if we crash in between, the deliveries fall due
// when their leases end, but the receiver is still left in peace. An error leaves the rest in memory for the next try.
func (l *lane) settle(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // what was sent is recorded, whoever is leaving
	if l.hold {
		if err := l.store.HoldDestination(ctx, l.Name, l.heldUntil); err != nil {
			return err
		}
		l.hold = false
	}
	if err := l.parkIfTold(ctx); err != nil {
		return err
	}
	for len(l.unsettled) > 0 {
		n := min(len(l.unsettled), longestSettle)
		settled, err := l.store.Settle(ctx, l.Name, l.unsettled[:n], l.now())
		if err != nil {
			return err
		}
		l.unsettled = l.unsettled[n:]
		if settled.Lapsed > 0 {
			l.log.Warn("leases ended before their sends did: these deliveries may be sent twice", zap.Int("deliveries", settled.Lapsed))
		}
	}
	l.unsettled = nil
	return nil
}

func (l *lane) parkIfTold(ctx context.Context) error {
	if l.park == "" {
		return nil
	}
	if err := l.store.Park(ctx, l.Name, l.park, l.now()); err != nil {
		return err
	}
	l.log.Error("destination is parked until a person resumes it", zap.String("reason", l.park))
	l.park = ""
	return nil
}

// tell logs a delivery that needs a person. The receiver's words are in the attempt's row, not in the log.
func (l *lane) tell(d store.Delivery, r result, f fate) {
	event, attempt, status := zap.String("event", d.Event.ID), zap.Int("attempt", d.Attempt), zap.Int("status", r.reply.Status)
	switch f.outcome {
	case store.Dead:
		l.log.Error("delivery is dead: a person must look at it", event, attempt, status)
	case store.Parked:
		l.log.Error("destination is parked until a person resumes it", zap.String("reason", f.park), event, attempt, status)
	}
}

func (l *lane) tellSend(r result) {
	if l.tried != nil {
		l.tried(Try{Destination: l.Name, Verdict: string(r.reply.Verdict), Deliveries: len(r.deliveries), Took: r.ended.Sub(r.started)})
	}
	log := l.log.Debug
	switch r.reply.Verdict {
	case Accepted:
	case Denied:
		log = l.log.Error
	default:
		log = l.log.Warn
	}
	log("sent", append(l.reason(r), zap.String("verdict", string(r.reply.Verdict)), zap.Int("deliveries", len(r.deliveries)),
		zap.Int64("seq", r.deliveries[0].Event.Seq), zap.Int("attempt", r.deliveries[0].Attempt),
		zap.Duration("took", r.ended.Sub(r.started).Round(time.Millisecond)), zap.String("request_id", r.reply.RequestID))...)
}

// reason says why a send failed: the status, or where there was none our own words. What a receiver or a program said is not for the log.
func (l *lane) reason(r result) []zap.Field {
	if r.reply.Status == 0 && r.reply.Detail != "" && l.Kind != "exec" {
		return []zap.Field{zap.String("reason", r.reply.Detail)}
	}
	return []zap.Field{zap.Int("status", r.reply.Status)}
}
