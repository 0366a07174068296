package main

import (
	"encoding/json"
	"time"

	"seekpoller/internal/simulator"
)

// checkAttempt judges one request to a receiver.
func (s *swarm) checkAttempt(g *target, t *taken, a simulator.Attempt) {
	for id, text := range parts(a) {
		if before, ok := t.bodies[id]; ok && !s.restored && !s.changed[id] {
			s.holds("I8 stable key", before == text, "%s was sent %s as %s and as %s", g.name, id, before, text)
		}
		t.bodies[id] = text
	}
	s.checkPeace(g, a)
	for _, id := range a.IDs {
		before, ok := t.tried[id]
		if !ok {
			s.checkOrder(g, t, id, a)
		}
		if ok && !before.Accepted && !s.near(before.At, a.At) {
			gap := a.At.Sub(before.At)
			s.holds("I10 retry policy", gap >= 4400*time.Millisecond, "%s was sent %s again after %v", g.name, id, gap)
		}
		t.tried[id] = a
		if !a.Accepted {
			t.unwell = append(t.unwell, a.At)
			continue
		}
		if before := t.accepted[id]; len(before) > 0 {
			s.reach("event accepted twice")
			s.holds("I9 duplicates", s.excused(g, before[len(before)-1], a), "%s accepted %s at %v and at %v", g.name, id, before[len(before)-1].At.Sub(s.begin), a.At.Sub(s.begin))
		} else {
			s.holds("I9 duplicates", true, "")
		}
		if a.Status == 0 {
			s.reach("answer lost on the way")
		}
		a.Body = nil
		t.accepted[id] = append(t.accepted[id], a)
	}
}

// checkPeace: who asked to be left alone is, also over restarts. A person may decide otherwise, and a clock that is set may.
func (s *swarm) checkPeace(g *target, a simulator.Attempt) {
	for _, p := range g.peace {
		from := p.from.Add(2 * time.Second) // what was in hand
		if !a.At.After(from) || s.near(p.from, a.At, "step", "suspend", "restore", "destinations resume", "deliveries retry", "events replay", "crash", "full disk", "disk free", "config") {
			continue
		}
		s.reach("receiver that asks to be left alone")
		s.holds("I10 retry policy", !a.At.Before(p.to), "%s was asked %v before it wanted to", g.name, p.to.Sub(a.At))
	}
}

// excused: a crash, an end, a lease that the clock cut short, or a full disk lay beside the first acceptance, or somebody wanted the second.
func (s *swarm) excused(g *target, a, b simulator.Attempt) bool {
	from := a.At.Add(-2 * time.Minute)
	if a.Status == 0 || s.near(from, a.At.Add(2*time.Minute), "crash", "end", "step", "suspend", "config", "full disk", "disk free", "missing directory") || s.diskFull(a.At) {
		return true
	}
	if s.near(a.At, b.At, "restore", "events replay", "deliveries retry", "cursors rewind", "backfill start", "reconcile") {
		return true
	}
	for _, e := range s.epochs {
		for _, d := range e.cfg.Destinations {
			if d.Name == g.name && d.Duplicates == "deliver" {
				return true
			}
		}
	}
	return false
}

// diskFull says that at a time there was no room.
func (s *swarm) diskFull(at time.Time) (full bool) {
	for _, h := range s.happened {
		if h.at.After(at) {
			return full
		}
		switch h.what {
		case "full disk":
			full = true
		case "full disk, done":
			full = false
		}
	}
	return full
}

// parts are the events of a body, as they were sent.
func parts(a simulator.Attempt) map[string]string {
	if a.Signature == "" {
		return map[string]string{a.IDs[0]: a.RequestID + " " + string(a.Body)}
	}
	var body struct{ Events []json.RawMessage }
	all := map[string]string{}
	if json.Unmarshal(a.Body, &body) != nil {
		return all
	}
	for i, e := range body.Events {
		if i < len(a.IDs) {
			all[a.IDs[i]] = string(e)
		}
	}
	return all
}
