package outbox

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

// health is what the lane thinks of its destination. What must outlive the process is in the store: heldUntil, whether it is active,
// and that it was failing.
type health struct {
	active     bool           // as last read: nobody has paused or parked it
	since      time.Time      // of the destination's state, as last read: a person who resumes it makes a fresh start
	failures   int            // sends that failed in a row; past failuresToProbe only probes count
	strangers  map[int64]bool // by seq: events refused since the last success, and since whose first try nothing was accepted
	doubted    time.Time      // when the first of them was
	careful    bool           // something was refused since the last success: one event at a time, until it is clear who is wrong
	acceptedAt time.Time      // last success, zero if never
	heldUntil  time.Time      // nothing is sent before
	hold       bool           // heldUntil is not yet in the store
	park       string         // why the destination is to be parked, not yet in the store
}

func (h *health) down() bool { return h.failures >= failuresToProbe }

// held is not believed when it lies further off than any receiver may ask: then the clock was set back. The store rounds up.
func (h *health) held(now time.Time) bool {
	left := h.heldUntil.Sub(now)
	return left > 0 && left <= longestRetryAfter+time.Second
}

// holdUntil lets the longest hold win, of those that are believed.
func (h *health) holdUntil(at, now time.Time) {
	if at.After(h.heldUntil) || !h.held(now) {
		h.heldUntil, h.hold = at, true
	}
}

// refresh reads what the store knows of the destination: people pause and resume it beside us.
func (l *lane) refresh(ctx context.Context) error {
	all, err := l.store.Destinations(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Name == l.Name {
			l.learn(d)
			return nil
		}
	}
	return fmt.Errorf("read destination %s: the database does not know it", l.Name)
}

// learn starts over with the destination when its state has changed. At the start of the process its failures are known, but not how
// far the probes had come: they begin at the short end again, after what is left of the hold.
func (l *lane) learn(d store.Destination) {
	if l.since.IsZero() || !l.since.Equal(d.StateSince) {
		l.since = d.StateSince
		l.strangers, l.careful, l.failures = nil, false, min(d.Failures, failuresToProbe)
	}
	l.heldUntil = d.NotBefore
	l.active = d.State == store.Active
	if d.LastSuccessAt.After(l.acceptedAt) {
		l.acceptedAt = d.LastSuccessAt
	}
}

// observe lets one result change what we think of the destination.
func (l *lane) observe(r result) {
	if r.reply.Verdict == Accepted {
		if l.down() {
			l.log.Info("destination is back", zap.Int("failures", l.failures))
		}
		l.failures, l.strangers, l.careful = 0, nil, false
		l.acceptedAt = r.ended.Truncate(time.Millisecond) // as the store keeps first attempts, which it is compared with
		return
	}
	if after := min(r.reply.RetryAfter, longestRetryAfter); after > 0 {
		l.holdUntil(r.ended.Add(after), r.ended)
	}
	if r.reply.Verdict == Refused || r.reply.Verdict == Invalid {
		l.refusedAs(r)
		return
	}
	l.failed(r)
}

// refusedAs: who refuses data is not down, it has read it. Either the data is wrong or the receiver is. As long as events are refused of which
// nothing is known, nobody can tell; where it accepted others meanwhile it is the data. So events go one at a time, and after some in a row that
// are all strangers they go slowly. If that lasts, the receiver is taken to be the one who is wrong, before it is asked about all of them.
func (l *lane) refusedAs(r result) {
	l.careful = true
	if !r.alone() || l.acceptedAt.After(r.deliveries[0].FirstAttemptAt) {
		return
	}
	if len(l.strangers) == 0 {
		l.strangers, l.doubted = map[int64]bool{}, r.ended
	}
	l.strangers[r.deliveries[0].Event.Seq] = true
	switch n := len(l.strangers); {
	case n < strangersToDoubt:
	case l.acceptedAt.IsZero() || n >= strangersToPark && r.ended.Sub(l.doubted) >= longestDoubt:
		l.park = "it refused everything as wrong data, several events in a row"
	default:
		l.holdUntil(r.ended.Add(backoff(n-strangersToDoubt+1, l.jitter())), r.ended)
	}
}

// failed counts. Sends that were in hand when the destination went down tell nothing new, so only the probes stretch the wait.
func (l *lane) failed(r result) {
	wasDown := l.down()
	if r.probe || !wasDown {
		l.failures++
	}
	if !l.down() {
		return
	}
	if !wasDown {
		l.log.Warn("destination is down: one send at a time probes it", l.reason(r)...)
	}
	if r.probe || !wasDown {
		l.holdUntil(r.ended.Add(backoff(l.failures-failuresToProbe+1, l.jitter())), r.ended)
	}
}
