package outbox

import (
	"time"

	"seekpoller/store"
)

// batch is what one send carries.
type batch struct {
	deliveries []store.Delivery
	startBy    time.Time // later than this the lease could end before the send does
	probe      bool      // the destination was down when it was sent
	cutoff     time.Time // by when its send has ended
}

func (b batch) alone() bool { return len(b.deliveries) == 1 }

// batches puts deliveries, oldest first, into sends of at most size with one event type and scheme each. What was tried before
// goes alone: in a batch that is refused as a whole nobody knows which event was the bad one.
func batches(ds []store.Delivery, size int, startBy time.Time) []batch {
	type sort struct{ eventType, scheme string }
	var all []batch
	open := map[sort]int{} // index of the batch that takes more of this sort
	for _, d := range ds {
		s := sort{d.Event.Type, d.Event.Scheme}
		i, ok := open[s]
		if d.Attempt == 1 && ok && len(all[i].deliveries) < size {
			all[i].deliveries = append(all[i].deliveries, d)
			continue
		}
		all = append(all, batch{deliveries: []store.Delivery{d}, startBy: startBy})
		if d.Attempt == 1 {
			open[s] = len(all) - 1
		}
	}
	return all
}
