package main

import (
	"slices"
	"time"

	"seekpoller/internal/simulator"
)

// checkLatency: what SEEK has is asked for in time, and told at once to each receiver that is well, whatever the others do.
func (s *swarm) checkLatency(log []simulator.Query) {
	most := s.plan.period + time.Minute + time.Duration(len(s.plan.streams))*62*time.Second + s.plan.latency*time.Duration(len(s.plan.streams)+1)
	before := s.plan.period + 5*time.Minute // everything had its turn
	seen := map[string]bool{}
	for i, q := range log {
		calm := s.calm(q.Arrived.Add(-20*time.Minute), q.Ended.Add(time.Minute))
		for _, id := range q.Served {
			at, told := s.visible[id]
			if seen[id] || !told || !q.Answered || q.Until != "" {
				continue
			}
			seen[id] = true
			if calm {
				s.checkPrompt(id, q)
			}
			if s.calm(at.Add(-before), q.Ended) && s.noBacklog(log[:i+1], at.Add(-before)) {
				s.holds("L2 latency", q.Ended.Sub(at) <= most, "event %s was asked for %v after SEEK had it", id, q.Ended.Sub(at))
			}
		}
	}
}

// noBacklog says that since a time every page was a last one.
func (s *swarm) noBacklog(log []simulator.Query, since time.Time) bool {
	for i := len(log) - 1; i >= 0 && log[i].Arrived.After(since); i-- {
		if log[i].HasNext {
			return false
		}
	}
	return true
}

// checkPrompt: a receiver that is well, and takes everything, was told within a minute of the page, while others were not well. One that refused something
// of late is not well: where SEEK could give no more of an event than its id, a handler written for SEEK's webhooks refuses it, and whoever refuses page after page is
// sent one event at a time, and more slowly, until it accepts something.
func (s *swarm) checkPrompt(id string, q simulator.Query) {
	for _, d := range s.epochs[0].cfg.Destinations {
		g := s.targets[d.Name]
		if !g.healthy || d.Webhook == nil || len(d.EventTypes)+len(d.Streams) > 0 || len(s.epochs) > 1 || s.paused[d.Name] || s.restored {
			continue
		}
		t := s.taken(d.Name)
		if slices.ContainsFunc(t.unwell, func(at time.Time) bool { return at.After(q.Ended.Add(-day)) && at.Before(q.Ended.Add(time.Minute)) }) {
			continue
		}
		first := t.accepted[id]
		s.holds("I11 isolation", len(first) > 0 && first[0].At.Sub(q.Ended) <= time.Minute, "%s was told of %s late, or never: %v, page %v", d.Name, id, times(first, s.begin), q.Ended.Sub(s.begin))
	}
}

func times(all []simulator.Attempt, begin time.Time) (at []time.Duration) {
	for _, a := range all {
		at = append(at, a.At.Sub(begin))
	}
	return at
}
