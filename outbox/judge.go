package outbox

import (
	"time"

	"seekpoller/store"
)

// fate is what becomes of one delivery.
type fate struct {
	outcome string
	refusal bool   // counts as a refusal of this very event
	park    string // why the destination is parked with it; "": it is not
}

// judge is the retry policy: what a reply means for one of the deliveries that it is for. accepted is when the destination last
// took something, zero if never. A delivery dies only if the destination took something since the delivery's first attempt: otherwise
// the fault is the destination's, and it waits instead. Invalid alone needs no such proof: nobody says it by mistake.
func judge(d store.Delivery, r Reply, alone bool, accepted, now time.Time) fate {
	meanwhile := accepted.After(d.FirstAttemptAt)
	switch r.Verdict {
	case Accepted:
		return fate{outcome: store.Delivered}
	case Gone:
		return fate{outcome: store.Parked, park: "the receiver says that it is gone (410)"}
	case Refused, Invalid:
		if !alone {
			return fate{outcome: store.Retry} // next time each goes alone, and the bad one shows
		}
		if r.Verdict == Invalid {
			return fate{outcome: store.Dead, refusal: true}
		}
		return refused(d, meanwhile, !accepted.IsZero())
	}
	old := now.Sub(d.FirstAttemptAt) >= oldAge && d.Attempt >= triesBeforeOld
	if old && meanwhile {
		return fate{outcome: store.Dead}
	}
	return fate{outcome: store.Retry}
}

// refused: the third refusal decides, if there is anything to decide by. A destination that has never accepted anything is parked. One that
// has, but nothing since, may be right or wrong: the event is tried on, until another one shows which.
func refused(d store.Delivery, meanwhile, ever bool) fate {
	switch {
	case d.Refusals+1 >= refusalsToDie && meanwhile:
		return fate{outcome: store.Dead, refusal: true}
	case d.Refusals+1 >= refusalsToDie && !ever:
		return fate{outcome: store.Parked, refusal: true, park: "it refused an event three times as wrong, and has never accepted any"}
	}
	return fate{outcome: store.Retry, refusal: true}
}
