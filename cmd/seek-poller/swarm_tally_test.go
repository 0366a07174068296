package main

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The invariants that a bubble can show, in the order of the table. Those that need a real process, disk or network have harnesses of their own.
var invariants = []struct{ name, says string }{
	{"I1 spacing", "no two queries reach SEEK within a minute"},
	{"I2 quiet", "no stream is asked within 15 minutes of a last page that was kept"},
	{"I3 record", "what a kept page served is stored, byte for byte"},
	{"I4 cursor", "each cursor stands where its last kept page ended"},
	{"I5 atomic page", "a page is there whole or not at all"},
	{"I6 outbox complete", "an event is owed to each destination that takes it"},
	{"I7 at least once", "what is said to be delivered was accepted"},
	{"I8 stable key", "key and body of an event never change, signatures verify"},
	{"I9 duplicates", "a second acceptance has a reason"},
	{"I10 retry policy", "nobody is tried again too early"},
	{"I11 isolation", "a bad destination delays no good one"},
	{"I12 order", "a receiver with one connection first hears of events in the order in which they came in"},
	{"I13 honest gaps", "the ledger has no gap, what is missing is recorded"},
	{"I14 no silent start", "a lost or foreign database is not begun anew"},
	{"I15 durability order", "the slot is on the disk before its query, the event before its delivery"},
	{"I16 token", "SEEK's rules for tokens, headers and arguments"},
	{"I17 bounds", "SQLite's log stays small"},
	{"I18 secrecy", "no secret and no person in the log"},
	{"I19 modes", "files are private"},
	{"I20 egress", "only configured hosts are called"},
	{"I22 readers", "looking changes nothing"},
	{"I23 one writer", "a second daemon is refused"},
	{"I24 recovery", "SQLite finds nothing wrong after a crash"},
	{"I25 clock shifts", "I1 and I2 over clock steps, suspends and reboots"},
	{"I26 fail loud", "no query while the page before it is not stored"},
	{"I29 erasure", "no byte is left of what was purged"},
	{"I30 audit", "each deed has its row"},
	{"L1 backlog", "58 queries an hour while SEEK has more"},
	{"L2 latency", "a visible event is tried within a quarter of an hour and a slot for each stream"},
	{"L3 fairness", "each stream that has more is served in turn"},
	{"L4 recovery", "after the last fault everything is caught up"},
	{"L5 leases", "nothing stays in flight"},
	{"L6 clock steps", "the next query comes in time after a step"},
	{"L7 end", "the daemon ends within ten seconds"},
}

// Those that it cannot show, with who does.
var elsewhere = []struct{ name, by string }{
	{"I21 TLS", "a bubble's network is in memory and has none: graphql: TestTLS, TestProgramAsksOnce; outbox: TestReceiversAreVerified, TestOldTLSIsRefused"},
	{"I27 determinism", "it takes two runs: TestSwarmReplays"},
	{"I28 messages", "it is about words: TestMessages"},
	{"L8 start", "it is about real time: internal/bulk --starts"},
}

// The states that a run must have been in, or it showed little.
var sometimes = []string{
	"crash between slot and query", "crash between query and page", "crash between acceptance and record", "page asked again", "known event dropped", "conflict recorded",
	"dead letter", "dead letter retried", "repeat after a refused token", "Retry-After longer than a slot", "cursor that leads nowhere", "event that SEEK cannot give",
	"disk full", "disk full, then free", "clock set back by over an hour", "clock set ahead by over an hour", "clock set while down", "suspended", "reboot", "backup put back",
	"second daemon refused", "config taken over", "secret changed", "event accepted twice", "receiver that asks to be left alone", "destination parked", "destination paused",
	"answer lost on the way", "backfill", "reconciliation", "rewind", "replay", "discard", "purge", "crash", "stop in the middle of a query",
	"8 streams", "5 destinations", "no destination", "more events than slots",
}

// tally counts what one seed, or all, have shown.
type tally struct {
	mu        sync.Mutex // guards a sum while it is added to
	evaluated map[string]int
	reached   map[string]int

	seeds, queries int
	lived          time.Duration
	smallest       time.Duration // gap between two queries at SEEK
	worst          int           // queries in the worst hour of a backlog without a fault; 0: there was none
	violations     int
	trace          string // its hash; of one seed
}

func newTally() *tally { return &tally{evaluated: map[string]int{}, reached: map[string]int{}} }

func (t *tally) add(o *tally) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, n := range o.evaluated {
		t.evaluated[name] += n
	}
	for name, n := range o.reached {
		t.reached[name] += n
	}
	t.seeds++
	t.trace += o.trace
	t.queries += o.queries
	t.lived += o.lived
	t.violations += o.violations
	t.smallest = least(t.smallest, o.smallest)
	t.worst = least(t.worst, o.worst)
}

// least of two figures, of which zero is none.
func least[T int | time.Duration](a, b T) T {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func (t *tally) print(tt *testing.T, r tier) {
	var b strings.Builder
	fmt.Fprintf(&b, "seeds %d to %d, %g days each: %d queries, %.2f years, smallest gap %v, worst hour of a backlog %d queries, %d violations\n",
		r.first, r.first+r.seeds-1, r.days, t.queries, t.lived.Hours()/24/365, t.smallest, t.worst, t.violations)
	for _, i := range invariants {
		fmt.Fprintf(&b, "%-22s %9d  %s\n", i.name, t.evaluated[i.name], i.says)
	}
	for _, i := range elsewhere {
		fmt.Fprintf(&b, "%-22s %9s  %s\n", i.name, "not here", i.by)
	}
	for _, state := range sometimes {
		fmt.Fprintf(&b, "%-46s %9d\n", state, t.reached[state])
	}
	tt.Log("\n" + b.String())
}

// demand fails a run in which something was never put to the test.
func (t *tally) demand(tt *testing.T) {
	for _, i := range invariants {
		if t.evaluated[i.name] == 0 {
			tt.Errorf("%s was never evaluated", i.name)
		}
	}
	for _, state := range sometimes {
		if t.reached[state] == 0 {
			tt.Errorf("never reached: %s", state)
		}
	}
	if t.smallest < time.Minute || t.worst < 58 {
		tt.Errorf("smallest gap %v, worst hour %d queries", t.smallest, t.worst)
	}
}

// holds counts an evaluation of an invariant, and tells if it does not hold.
func (s *swarm) holds(name string, ok bool, format string, args ...any) {
	s.t.Helper()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tally.evaluated[name]++
	if ok {
		return
	}
	if s.tally.violations++; s.tally.violations <= 10 {
		s.t.Errorf("%v: %s: %s", s.elapsed(), name, fmt.Sprintf(format, args...))
	}
}

// reach notes a state that should sometimes be reached.
func (s *swarm) reach(state string) {
	if !slices.Contains(sometimes, state) {
		s.t.Fatalf("no state is called %q", state)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.tally.reached[state]++
}
