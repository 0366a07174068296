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
	since      time.Time // of the destination's state, as last read: a person who resumes it makes a fresh start
	failures   int       // sends that failed in a row; past failuresToProbe only probes count
	refusals   int       // probes in a row that were refused as wrong data
	acceptedAt time.Time // last success, zero if never
	heldUntil  time.Time // nothing is sent before
	hold       bool      // heldUntil is not yet in the store
	park       string    // why the destination is to be parked, not yet in the store
}

func (h *health) down() bool { return h.failures >= failuresToProbe }

// held is not believed when it lies further off than any receiver may ask: then the clock was set back.
func (h *health) held(now time.Time) bool {
	left := h.heldUntil.Sub(now)
	return left > 0 && left <= longestRetryAfter
}

func (h *health) holdUntil(at time.Time) {
	if at.After(h.heldUntil) {
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
		l.refusals, l.failures = 0, min(d.Failures, failuresToProbe)
	}
	l.heldUntil = d.NotBefore
	if d.State != store.Active {
		l.ready = nil // claimed before it was paused; due again when the leases end
	}
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
		l.failures, l.refusals = 0, 0
		l.acceptedAt = r.ended.Truncate(time.Millisecond) // as the store keeps first attempts, which it is compared with
		return
	}
	if after := min(r.reply.RetryAfter, longestRetryAfter); after > 0 {
		l.holdUntil(r.ended.Add(after))
	}
	l.failed(r)
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
		l.log.Warn("destination is down: one send at a time probes it")
	}
	if r.probe || !wasDown {
		l.holdUntil(r.ended.Add(backoff(l.failures - failuresToProbe + 1)))
	}
	l.countRefusedProbe(r)
}

// countRefusedProbe finds the receiver that calls everything wrong. Its probes are different deliveries, so none of them may reach
// three refusals for a long time.
func (l *lane) countRefusedProbe(r result) {
	if r.reply.Verdict != Refused && r.reply.Verdict != Invalid {
		l.refusals = 0
		return
	}
	if r.probe {
		l.refusals++
	}
	if l.refusals >= refusalsToDie {
		l.park = "it refused everything as wrong data, several events in a row"
	}
}
