package outbox

import (
	"sync"
	"time"

	"seekpoller/store"
)

// line is what was claimed and is not yet sent. While a receiver takes everything, each sender goes on with the next batch by itself, so that
// none waits while the lane writes. At the first answer that is not an acceptance the senders stop and leave the rest to the lane.
type line struct {
	mu      sync.Mutex
	waiting []batch
	open    bool // to the senders
	unheard int  // answers that were no acceptance, of which the lane does not know yet
}

func (l *line) add(bs []batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, bs...)
}

// next takes the first batch, if it can still be sent within its lease.
func (l *line) next(now time.Time) (b batch, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pop(now)
}

// after is next for a sender that comes back with a verdict.
func (l *line) after(v Verdict, now time.Time) (b batch, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if v != Accepted {
		l.unheard++
	}
	if !l.open || l.unheard > 0 {
		return batch{}, false
	}
	return l.pop(now)
}

func (l *line) pop(now time.Time) (b batch, ok bool) {
	if len(l.waiting) == 0 || now.After(l.waiting[0].startBy) {
		return batch{}, false
	}
	b, l.waiting = l.waiting[0], l.waiting[1:]
	return b, true
}

// heard says that the lane knows of one of the answers that were no acceptance.
func (l *line) heard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unheard--
}

func (l *line) let(open bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open = open
}

// deliveries is how many wait, and whether those that wait longest waited too long.
func (l *line) deliveries(now time.Time) (n int, stale bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.waiting {
		n += len(b.deliveries)
	}
	return n, n > 0 && now.After(l.waiting[0].startBy)
}

// clear closes the line and empties it.
func (l *line) clear() (rest []store.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.waiting {
		rest = append(rest, b.deliveries...)
	}
	l.waiting, l.open = nil, false
	return rest
}
