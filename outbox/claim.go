package outbox

import (
	"context"
	"time"

	"seekpoller/store"
)

const longestLine = 256 // deliveries claimed ahead of the places at most: most of the gain of a large claim, and little to give back

// fill claims and starts until every place is taken and the line is as long as it should be, or nothing more is due now. A claim is as
// large as what the free places can carry, and twice as many more as were taken quickly since the last one: half for the time until the next claim,
// half for that of its transactions. So a quick receiver need not wait for them, and for one that takes a second nothing is claimed ahead. Where the events of a claim
// are of many types, or retries, it makes more sends than there are places, and the others wait in line too.
func (l *lane) fill(ctx context.Context) (more bool, err error) {
	for l.start(); ; l.start() {
		n := l.wanted()
		if n <= 0 {
			l.opened()
			return l.busy > 0, nil
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
			l.opened()
			return false, nil
		}
	}
}

// opened lets the senders go on by themselves with what is in line.
func (l *lane) opened() {
	l.line.let(l.freely())
	l.claimed = l.ahead()
}

// ahead is how many deliveries are in line.
func (l *lane) ahead() int {
	n, _ := l.line.deliveries(l.now())
	return n
}

// wanted is how many deliveries to claim now.
func (l *lane) wanted() int {
	waiting := l.ahead()
	free := l.places() - l.busy
	switch {
	case l.held(l.now()):
		return 0
	case !l.freely():
		return min(free-waiting, 1) // it goes alone; the rest wait unattempted
	}
	return free*l.width + min(2*l.quick, longestLine) - waiting
}

// freely: nothing is known against the destination, so that as much may be sent as it takes.
func (l *lane) freely() bool { return !l.down() && !l.careful && !l.held(l.now()) }

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
	l.line.add(batches(sendable, l.Batch, startBy))
	l.width, l.quick = min(l.width+1, l.Batch), 0
}

// start sends what is in line while there are places.
func (l *lane) start() {
	for l.busy < l.places() && !l.held(l.now()) {
		b, ok := l.line.next(l.now())
		if !ok {
			return
		}
		b.probe = l.down()
		b.cutoff = l.cutoff()
		l.busy++
		l.cutoffs = append(l.cutoffs, b.cutoff)
		go l.work(b)
	}
}

// cutoff is by when a send that begins now has ended, whatever its receiver does.
func (l *lane) cutoff() time.Time { return time.Now().Add(l.Timeout + leaseMargin) }

// putBack releases what is in line when it is not to be sent now: something is known against the destination, or a person paused it, or it
// waited so long that its lease could end before its send does. In the last case the receiver is too slow for such large claims.
func (l *lane) putBack(ctx context.Context) error {
	waiting, stale := l.line.deliveries(l.now())
	if waiting == 0 || l.freely() && l.active && !stale {
		return nil
	}
	if stale {
		l.width = max(l.width/2, 1)
	}
	return l.store.Release(ctx, l.Name, l.line.clear())
}

// exhausted tells a delivery that was claimed far more often than the schedule allows in its time: the processes that claimed it
// did not live to settle it. d's own claim is not yet sent.
func (l *lane) exhausted(d store.Delivery) bool {
	return d.Attempt > tooManyTries && l.now().Sub(d.FirstAttemptAt) < oldAge
}
