package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// sightings are what SEEK saw, query by query, and every operation, crash, start and end, all with their times since the beginning.
func (s *swarm) sightings() (lines []string) {
	for _, q := range s.seek.Queries() {
		lines = append(lines, fmt.Sprint(q.Arrived.Sub(s.begin), q.Ended.Sub(s.begin), q.Stream, q.After, q.First, q.Selection, q.Fault, q.Status, q.Served, q.HasNext))
	}
	for _, h := range s.happened {
		lines = append(lines, fmt.Sprint(h.at.Sub(s.begin), h.what))
	}
	return lines
}

// trace is the hash of what was seen until there were no more faults, and of which of the events until then each receiver had in the end.
//
// Some things are not in it, because nothing decides them but the scheduler: the random ids of requests, sessions and tokens; and in which order the goroutines of one
// moment come to a receiver and back, hence how events of one moment are spread over requests, which of them a crash at that moment overtakes, when each is tried again, and
// how long it takes until nothing is owed. SEEK is asked by one goroutine, so it sees the same whatever happens there, except where a crash or a full disk hangs on it.
func (s *swarm) trace() string {
	var taken []string
	for name, t := range s.perTarget {
		for id, at := range s.visible {
			if at.Before(s.mutedAt.Add(-time.Hour)) && t.has(id) {
				taken = append(taken, name+" "+id)
			}
		}
	}
	slices.Sort(taken)
	sum := sha256.Sum256([]byte(strings.Join(append(s.seen, taken...), "\n")))
	return hex.EncodeToString(sum[:8])
}

// TestSwarmReplays: the same seed gives the same trace, in this process and in another. Odd seeds also have what does not replay exactly.
func TestSwarmReplays(t *testing.T) {
	t.Parallel()
	seeds, days := []int64{6, 8, 10}, 0.03
	if testing.Short() || underRace {
		seeds = seeds[:1]
	}
	for _, seed := range seeds {
		first, again := newTally(), newTally()
		runSeed(t, seed, days, first)
		runSeed(t, seed, days, again)
		elsewhere := traceElsewhere(t, seed, days)
		if first.trace != again.trace || first.trace != elsewhere || first.trace == "" {
			t.Errorf("seed %d: the traces are %q and %q here, and %q in another process", seed, first.trace, again.trace, elsewhere)
		}
		t.Logf("seed %d: %d queries, trace %s, three times", seed, first.queries, first.trace)
	}
}

// traceElsewhere runs a seed in a process of its own.
func traceElsewhere(t *testing.T, seed int64, days float64) string {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestSwarm$", "-test.v", "-test.timeout", "10m", "-seed", fmt.Sprint(seed), "-swarm.seeds", "1", "-swarm.days", fmt.Sprint(days))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("run seed %d in another process: %v\n%s", seed, err, out)
	}
	_, rest, _ := strings.Cut(string(out), " trace ")
	trace, _, _ := strings.Cut(rest, "\n")
	return trace
}
