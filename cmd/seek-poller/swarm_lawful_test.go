package main

import (
	"net/http"
	"strconv"
	"time"

	"seekpoller/internal/simulator"
)

// longRest is what it takes until nothing is behind, apart from a backlog: the longest Retry-After, and receivers that are tried more and more slowly.
const longRest = 62 * time.Hour

// slotsAnHour are those of an hour without a fault: 58, or as many as slow answers leave.
func (s *swarm) slotsAnHour() int {
	if s.plan.latency <= 2*time.Second {
		return 58
	}
	return int(time.Hour / (slotLaw + s.plan.latency + 2*time.Second))
}

// pageTime is what a page of a backlog may take, while every other stream has its turn each quarter of an hour.
func (s *swarm) pageTime() time.Duration {
	return time.Hour / time.Duration(max(1, s.slotsAnHour()-4*(len(s.plan.streams)-1)))
}

// pagesRead are the pages of a backlog in a part of SEEK's log. One that was read before is none.
func pagesRead(log []simulator.Query) int {
	pages := map[string]bool{}
	for _, q := range log {
		if q.Answered && len(q.Served) > 0 {
			pages[q.Stream+" "+q.After] = true
		}
	}
	return len(pages)
}

// tokenPeace notes for how long the token endpoint wants to be left alone, with which a stream that was due then waits.
func (s *swarm) tokenPeace(f simulator.Fault) {
	now := s.seekNow()
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(f.RetryAfter, 10, 64); err == nil {
		wait = time.Duration(min(seconds, 86400)) * time.Second
	} else if at, err := http.ParseTime(f.RetryAfter); err == nil {
		wait = min(at.Sub(now.Add(time.Duration(s.wallOff.Load()))), day)
	}
	if wait <= 0 {
		return
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tokenless = append(s.tokenless, span{now, now.Add(wait)})
}

// spans are stretches of SEEK's time.
type spans []span

func (all spans) has(at time.Time) bool {
	for _, p := range all {
		if !at.Before(p.from) && !at.After(p.to) {
			return true
		}
	}
	return false
}

// tokenWaits are the times after the last fault in which some streams may still wait, because there was no token when they were due, and others not.
func (s *swarm) tokenWaits() (all spans) {
	for _, p := range s.tokenless {
		if end := s.anew(p).Add(slotLaw); end.After(s.mutedAt) {
			all = append(all, span{p.from, end})
		}
	}
	return all
}

// anew is when a wait ends. After a reboot nobody knows how much of it is over, so it begins again with the daemon.
func (s *swarm) anew(p span) time.Time {
	end, again := p.to, false
	for _, h := range s.happened {
		switch h.what {
		case "reboot", "restore":
			again = again || !h.at.Before(p.from) && !h.at.After(end)
		case "start":
			if again {
				end, again = h.at.Add(p.to.Sub(p.from)), false
			}
		}
	}
	return end
}
