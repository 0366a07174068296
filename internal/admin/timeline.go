package admin

import (
	"fmt"
	"strings"
	"time"

	"seekpoller/store"
)

// Timeline is what happened to one event, from SEEK to the last receiver, in words. The same sentences stand wherever it is shown.
type Timeline struct {
	Event   Event  `json:"event"`
	Summary string `json:"summary"` // how it stands with each destination
	Steps   []Step `json:"timeline"`
}

// Step is one thing that happened, or, where its time lies ahead, will.
type Step struct {
	At     Time   `json:"at"`
	What   string `json:"what"`
	Detail Text   `json:"detail"` // may quote SEEK or the receiver
}

// history is what a timeline is made of.
type history struct {
	event        store.Event
	now          time.Time
	origin       store.Origin
	deliveries   []store.DeliveryRow
	attempts     []store.Attempt // newest first, by destination
	destinations []store.Destination
	deeds        map[int64]store.Action // that touched its deliveries
	steps        []Step
}

func (h *history) step(at time.Time, what string, details ...string) {
	h.steps = append(h.steps, Step{Time{at}, what, Text(joined("; ", details...))})
}

// joined leaves out what is empty.
func joined(by string, parts ...string) string {
	var there []string
	for _, p := range parts {
		if p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, by)
}

func (h *history) tell() {
	h.tellSeek()
	h.tellQuery()
	for _, d := range h.deliveries {
		h.tellDelivery(d)
	}
	if len(h.deliveries) == 0 {
		h.step(h.event.ReceivedAt, "no destination takes it", "it is stored only")
	}
	h.tellPayload()
}

func (h *history) tellSeek() {
	e := h.event
	if !e.CreatedAt.IsZero() {
		h.step(e.CreatedAt, "SEEK created the event", e.Type+" of scheme "+e.Scheme)
	}
	if !e.StreamedAt.IsZero() {
		h.step(e.StreamedAt, "SEEK put it on its stream")
	}
}

func (h *history) tellQuery() {
	e, q := h.event, h.origin.Query
	read := ""
	if e.Unreadable != "" {
		read = "it could be read in part only: " + e.Unreadable
	}
	withheld := ""
	if e.Refused != nil {
		withheld = "SEEK withheld fields of it"
	}
	if q.ID == 0 {
		h.step(e.ReceivedAt, fmt.Sprintf("it came on stream %s (%s) and was applied", e.Stream, e.Source), "its query is no longer in the ledger", read, withheld)
	} else {
		h.step(q.SentAt.Wall, fmt.Sprintf("query %d asked for a page of stream %s (%s)", q.ID, e.Stream, h.asked()),
			"request id "+q.RequestID, "from "+cursorWords(q.CursorBefore), "at most "+counted(int64(q.First), "event", "events"))
		h.step(e.ReceivedAt, "its page came, and it was applied",
			fmt.Sprintf("%s, %d of them new", counted(int64(q.Events), "event", "events"), q.Fresh), "to "+cursorWords(q.CursorAfter), read, withheld)
	}
	if e.SeenAgain > 0 {
		h.step(e.LastSeenAt, "SEEK sent it again, for the last time so far", "in all "+counted(e.SeenAgain, "time", "times")+" since it was applied; a known event is not applied again")
	}
}

// asked is what the query was for, and who wanted it.
func (h *history) asked() string {
	c := h.origin.Cursor
	if c.Kind == "live" || c.ID == 0 {
		return h.event.Source
	}
	what := fmt.Sprintf("%s %d", c.Kind, c.ID)
	if by := h.origin.Begun; by.ID != 0 {
		return fmt.Sprintf("%s, begun by %s in action %d: %s", what, by.Actor, by.ID, by.Reason)
	}
	return what + ", begun by the schedule"
}

func cursorWords(position string) string {
	if position == "" {
		return "no cursor"
	}
	return "cursor " + position
}

func (h *history) tellPayload() {
	switch o := h.origin; {
	case !o.PurgedAt.IsZero():
		h.step(o.PurgedAt, "its personal data was purged", fmt.Sprintf("in action %d; it stays known, and is not applied or delivered again", o.Purge))
	case o.Purge != 0:
		h.step(h.now, "its personal data is to be purged", fmt.Sprintf("in action %d, once nothing of it is owed", o.Purge))
	case h.event.Node == nil:
		h.step(h.now, "its payload is no longer stored", "retention has dropped it")
	}
}
