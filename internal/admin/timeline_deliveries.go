package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

// tellDelivery tells one destination's part: each try, what became of it, and what comes next.
func (h *history) tellDelivery(d store.DeliveryRow) {
	h.step(d.CreatedAt, d.Destination+": the event is owed to it")
	h.tellDeed(d)
	tried := 0
	for _, a := range slices.Backward(h.attempts) { // oldest first
		if a.Destination != d.Destination {
			continue
		}
		tried++
		anew := ""
		if a.Number > 1 && a.StartedAt.Equal(d.FirstAttemptAt) {
			anew = "the first since it was owed anew"
		}
		h.step(a.StartedAt, fmt.Sprintf("%s: attempt %d %s", d.Destination, a.Number, outcomeWords(a.Outcome)), statusWords(a.Status), "after "+a.Latency.String(), batchWords(a.Batch),
			requestWords(a.RequestID), saidWords(a.Detail), anew)
	}
	h.tellEnd(d, d.Attempts-tried)
}

// tellDeed tells what a person did to the delivery last.
func (h *history) tellDeed(d store.DeliveryRow) {
	deed := h.deeds[d.Action]
	if deed.ID == 0 {
		return
	}
	what := "had it owed anew"
	if !d.DiscardedAt.IsZero() {
		what = "discarded it"
	}
	h.step(deed.At, fmt.Sprintf("%s: %s %s, by %s", d.Destination, deed.Actor, what, deed.Verb), fmt.Sprintf("action %d: %s", deed.ID, deed.Reason))
}

// tellEnd tells how the delivery stands. unended is how many attempts left no result.
func (h *history) tellEnd(d store.DeliveryRow, unended int) {
	lost := ""
	if unended > 0 {
		lost = counted(int64(unended), "attempt has", "attempts have") + " no result here: under way, cut short by the end of the daemon, or dropped by retention"
	}
	switch d.State {
	case "delivered":
		h.note(d.DeliveredAt, d.Destination+": it has it", lost)
	case "dead":
		h.step(d.DeadAt, d.Destination+": given up, a dead letter", "it waits for a person: seek-poller deliveries retry, or discard", lost)
	case "discarded":
		h.step(d.DiscardedAt, d.Destination+": given up by a person, and not handed on any more", "seek-poller deliveries retry has it owed anew", lost)
	case "parked":
		h.step(h.now, d.Destination+": waits, because the destination "+h.standing(d.Destination), "seek-poller destinations list says more", lost)
	default:
		h.step(d.DueAt, d.Destination+": "+h.nextTry(d), h.held(d.Destination), lost)
	}
}

// note is a step only if there is something to say.
func (h *history) note(at time.Time, what, detail string) {
	if detail != "" {
		h.step(at, what, detail)
	}
}

// nextTry is what is to come of a delivery that is owed.
func (h *history) nextTry(d store.DeliveryRow) string {
	if d.Attempts > 0 && d.FirstAttemptAt.IsZero() {
		return "owed anew; the next try is due"
	}
	if d.Attempts == 0 {
		return "the first try is due"
	}
	return "the next try is due"
}

// held is why the next try may be later than due.
func (h *history) held(name string) string {
	d, found := h.destination(name)
	switch {
	case !found:
		return ""
	case d.NotBefore.After(h.now):
		return "the destination asked to be left in peace until " + second(d.NotBefore)
	case d.Failures >= isDown:
		return fmt.Sprintf("the destination is down: the last %d sends failed, and one delivery at a time probes it", d.Failures)
	}
	return ""
}

func (h *history) standing(name string) string {
	d, _ := h.destination(name)
	switch d.State {
	case store.Removed:
		return "is no longer configured"
	case store.Paused, store.Parked:
		return joined(": ", "is "+d.State, d.Reason)
	}
	return "takes nothing"
}

func (h *history) destination(name string) (store.Destination, bool) {
	i := slices.IndexFunc(h.destinations, func(d store.Destination) bool { return d.Name == name })
	if i < 0 {
		return store.Destination{}, false
	}
	return h.destinations[i], true
}

// summary is how it stands with each destination, in one line.
func (h *history) summary() string {
	if len(h.deliveries) == 0 {
		return "no destination takes it"
	}
	var parts []string
	for _, d := range h.deliveries {
		part := d.Destination + ": " + d.State
		switch d.State {
		case "delivered":
			part += " " + second(d.DeliveredAt)
		case "dead":
			part += " since " + second(d.DeadAt)
		case "discarded":
			part += " " + second(d.DiscardedAt)
		case "pending", "retrying":
			part += ", next try " + second(d.DueAt)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}

func outcomeWords(outcome string) string {
	switch outcome {
	case store.Delivered:
		return "delivered it"
	case store.Retry:
		return "failed, and it is tried again"
	case store.Dead:
		return "failed, and it was given up"
	}
	return "failed, and the destination was parked"
}

func statusWords(status int) string {
	if status == 0 {
		return ""
	}
	return fmt.Sprintf("status %d", status)
}

func batchWords(batch int) string {
	if batch < 2 {
		return ""
	}
	return "in one request with " + counted(int64(batch-1), "other event", "other events")
}

func requestWords(id string) string {
	if id == "" {
		return ""
	}
	return "request id " + id
}

func saidWords(detail string) string {
	if detail == "" {
		return ""
	}
	return "said: " + detail
}
