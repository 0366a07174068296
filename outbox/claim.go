package outbox

import (
	"context"
	"time"

	"seekpoller/store"
)

// fill claims and starts until every place is taken or nothing more is due now. A claim is as large as what the free places can carry.
// If it turns out to be of many types, or of retries, it makes more sends than there are places; the others wait in line for the next
// place, and nothing more is claimed until the line is empty.
func (l *lane) fill(ctx context.Context) (more bool, err error) {
	for l.start(); ; l.start() {
		free := l.places() - l.busy
		if free <= 0 || len(l.ready) > 0 || l.held(l.now()) {
			return l.busy > 0, nil
		}
		n := free * l.width
		if l.down() || l.careful {
			n = 1 // it goes alone; the rest wait unattempted
		}
		lease := l.Timeout + leaseMargin
		claimedAt := l.now()
		claimed, err := l.store.Claim(ctx, l.Name, n, lease, claimedAt)
		if err != nil {
			return false, err
		}
		l.take(claimed, claimedAt.Add(lease-l.Timeout))
		if len(claimed) < n {
			l.start()
			return false, nil
		}
	}
}

// places is how many sends may be in hand: one while the destination is down, which probes it, or while it is doubted.
func (l *lane) places() int {
	if l.down() || l.careful {
		return 1
	}
	return l.Concurrency
}

// take puts what was claimed in line, in batches. Deliveries that too many processes died of are given up here, unsent.
func (l *lane) take(claimed []store.Delivery, startBy time.Time) {
	sendable := claimed[:0:0]
	for _, d := range claimed {
		if l.exhausted(d) {
			l.giveUpUnsent(d)
			continue
		}
		sendable = append(sendable, d)
	}
	l.ready = append(l.ready, batches(sendable, l.Batch, startBy)...)
	l.width = min(l.width+1, l.Batch)
}

// start sends what is in line while there are places. A batch that waited so long that its lease could end before its send does is
// dropped: it falls due by itself, with one attempt counted that was not made. Then the receiver is too slow for such large claims.
func (l *lane) start() {
	for len(l.ready) > 0 && l.busy < l.places() && !l.held(l.now()) {
		b := l.ready[0]
		l.ready = l.ready[1:]
		if l.now().After(b.startBy) {
			l.width = max(l.width/2, 1)
			continue
		}
		b.probe = l.down()
		l.busy++
		l.cutoffs = append(l.cutoffs, time.Now().Add(l.Timeout+leaseMargin))
		b.cutoff = l.cutoffs[len(l.cutoffs)-1]
		go func() { l.done <- l.send(b) }()
	}
}

// exhausted tells a delivery that was claimed far more often than the schedule allows in its time: the processes that claimed it
// did not live to settle it. d's own claim is not yet sent.
func (l *lane) exhausted(d store.Delivery) bool {
	return d.Attempt > tooManyTries && l.now().Sub(d.FirstAttemptAt) < oldAge
}
