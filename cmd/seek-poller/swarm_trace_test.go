package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// trace is the hash of what SEEK saw, query by query, with times since the start, and of what each receiver had accepted in the end.
//
// Two things are not in it, because nothing decides them but the scheduler: the random ids of requests, sessions and tokens; and in which order the goroutines of one
// moment come to a receiver, hence how events of one moment are spread over requests, and before which of them a crash at that moment falls. SEEK is asked by
// one goroutine, so it sees the same whatever happens there.
func (s *swarm) trace() string {
	var lines []string
	for _, q := range s.seek.Queries() {
		lines = append(lines, fmt.Sprint(q.Arrived.Sub(s.begin), q.Ended.Sub(s.begin), q.Stream, q.After, q.First, q.Selection, q.Fault, q.Status, q.Served, q.HasNext))
	}
	var taken []string
	for name, t := range s.perTarget {
		for id := range t.accepted {
			taken = append(taken, name+" "+id)
		}
		for id := range t.events {
			taken = append(taken, name+" "+id)
		}
	}
	slices.Sort(taken)
	sum := sha256.Sum256([]byte(strings.Join(append(lines, taken...), "\n")))
	return hex.EncodeToString(sum[:8])
}

// TestSwarmReplays: the same seed gives the same trace.
func TestSwarmReplays(t *testing.T) {
	t.Parallel()
	seeds, days := []int64{1, 2, 3}, 0.4
	if testing.Short() {
		seeds, days = seeds[:1], 0.2
	}
	for _, seed := range seeds {
		first, again := newTally(), newTally()
		runSeed(t, seed, days, first)
		runSeed(t, seed, days, again)
		if first.trace != again.trace || first.trace == "" {
			t.Errorf("seed %d: the traces are %q and %q", seed, first.trace, again.trace)
		}
		t.Logf("seed %d: %d queries, trace %s, twice", seed, first.queries, first.trace)
	}
}
