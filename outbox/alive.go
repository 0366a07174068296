package outbox

import (
	"slices"
	"time"
)

const (
	longestUnseen = 30 * time.Second // that a watched lane sleeps
	aliveMargin   = time.Minute      // a turn takes less, on a disk that works
)

// seen gives a sign of life before a nap, and says how long the nap may be while somebody watches: to turn is to use the store, which
// proves more than a timer that fires. A send that outlived its own time-out holds its place for ever, so then there is no sign.
func (l *lane) seen(nap time.Duration) time.Duration {
	if l.alive == nil {
		return nap
	}
	if nap < 0 || nap > longestUnseen {
		nap = longestUnseen
	}
	if len(l.cutoffs) == 0 || time.Now().Before(l.cutoffs[0]) {
		l.alive(l.Name, nap+aliveMargin)
	}
	return nap
}

// ended takes one send off those in hand.
func (l *lane) ended(cutoff time.Time) {
	if i := slices.Index(l.cutoffs, cutoff); i >= 0 {
		l.cutoffs = slices.Delete(l.cutoffs, i, i+1)
	}
}
