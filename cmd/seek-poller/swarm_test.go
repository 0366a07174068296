package main

import (
	"flag"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

var (
	swarmSeeds = flag.Int("swarm.seeds", 0, "how many seeds TestSwarm runs, from -seed on; 0: the short tier")
	swarmDays  = flag.Float64("swarm.days", 0, "simulated days of each busy seed, and a 120th of those of a quiet one; 0: the short tier's")
	swarmAsked = flag.Int("swarm.queries", 0, "fail if all seeds together made fewer queries; 0: the tier's own number")
)

// tier is how much of the swarm is run.
type tier struct {
	first, seeds int64
	days         float64
	queries      int  // at least
	whole        bool // it is long enough that every invariant must be evaluated and every state reached
}

// The seeds of the everyday tier are always the same, so that a change that breaks it is the change's own fault. The long tier begins where it is told to.
func swarmTier() tier {
	r := tier{first: max(*seedFlag, 1), seeds: int64(*swarmSeeds), days: *swarmDays}
	switch {
	case r.seeds > 0 || r.days > 0:
		r.seeds, r.whole = max(r.seeds, 1), r.seeds >= 20
	case testing.Short() || underRace:
		r.first, r.seeds, r.days, r.queries = 5, 2, 0.02, 100
	default:
		r.seeds, r.days, r.queries = 3, 0.28, 4_000
	}
	if r.days == 0 {
		r.days = 1
	}
	if *swarmAsked > 0 {
		r.queries = *swarmAsked
	}
	return r
}

// TestSwarm lets seeds decide what goes wrong: which faults of SEEK, of receivers, of the disk, of the clocks and of people there are, how often, and when. After each
// of them, while no daemon runs, every invariant that applies is checked, and counted.
func TestSwarm(t *testing.T) {
	t.Parallel()
	if *swarmOutputs != "" {
		addUp(t, *swarmOutputs)
		return
	}
	tier := swarmTier()
	total := newTally()
	t.Run("seeds", func(t *testing.T) {
		for seed := tier.first; seed < tier.first+tier.seeds; seed++ {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				defer func() {
					if t.Failed() {
						t.Logf("again with: go test ./cmd/seek-poller -run TestSwarm -seed %d -swarm.seeds 1 -swarm.days %g", seed, tier.days)
					}
				}()
				runSeed(t, seed, tier.days, total)
			})
		}
	})
	total.print(t, tier)
	if total.queries < tier.queries || total.smallest < time.Minute {
		t.Errorf("%d queries, at least %d are wanted; smallest gap %v", total.queries, tier.queries, total.smallest)
	}
	if tier.whole {
		total.demand(t)
	}
}

// runSeed runs one seed and adds what it showed, also if it failed.
func runSeed(t *testing.T, seed int64, days float64, total *tally) {
	seen := newTally()
	defer func() { total.add(seen) }()
	defer func() {
		t.Logf("seed %d: %.1f days, %d queries, trace %s", seed, seen.lived.Hours()/24, seen.queries, seen.trace)
	}()
	synctest.Test(t, func(t *testing.T) {
		s := newSwarm(t, seed)
		s.tally = seen
		s.run(time.Duration(days * s.plan.pace.stretch * float64(day)))
	})
}
