package main

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var swarmOutputs = flag.String("swarm.outputs", "", "instead of running anything, TestSwarm demands of earlier runs, whose outputs match this pattern, what it demands of one long run")

var (
	totalLine = regexp.MustCompile(`seeds (\d+) to (\d+), (\S+) days each: (\d+) queries, (\S+) years, smallest gap (\S+), worst hour of a backlog (\d+) queries, (\d+) violations`)
	countLine = regexp.MustCompile(`^ +(\S.*?)  +(\d+)(?:  \S.*)?$`)
)

// addUp adds up what runs have printed. No seed may be in two of them.
func addUp(t *testing.T, pattern string) {
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("no outputs: %v", err)
	}
	total, seeds := newTally(), map[int64]string{}
	all := tier{first: math.MaxInt64, queries: *swarmAsked}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		one, r := readTally(t, file, string(text))
		for seed := r.first; seed < r.first+r.seeds; seed++ {
			if before := seeds[seed]; before != "" {
				t.Errorf("seed %d is in %s and in %s", seed, before, file)
			}
			seeds[seed] = file
		}
		all.days, all.first, all.seeds = r.days, min(all.first, r.first), max(all.seeds, r.first+r.seeds) // the first after the last, for now
		if one.violations > 0 || !strings.Contains(string(text), "\nPASS\n") {
			t.Errorf("%s did not pass: %d violations", file, one.violations)
		}
		total.add(one)
	}
	if all.seeds -= all.first; all.seeds != int64(len(seeds)) {
		t.Errorf("seeds are missing: there are %d of %d", len(seeds), all.seeds)
	}
	total.print(t, all)
	total.demand(t)
	if total.queries < all.queries {
		t.Errorf("%d queries, at least %d are wanted", total.queries, all.queries)
	}
}

// readTally reads what tally.print wrote.
func readTally(t *testing.T, file, text string) (*tally, tier) {
	m := totalLine.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("%s has no sum", file)
	}
	gap, err := time.ParseDuration(m[6])
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	years, err := strconv.ParseFloat(m[5], 64)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	one := newTally()
	one.smallest, one.lived = gap, time.Duration(years*365*24*float64(time.Hour))
	one.queries, one.worst, one.violations = digits(m[4]), digits(m[7]), digits(m[8])
	for line := range strings.Lines(text) {
		if c := countLine.FindStringSubmatch(strings.TrimRight(line, "\n")); c != nil {
			one.evaluated[c[1]] += digits(c[2])
			one.reached[c[1]] += digits(c[2])
		}
	}
	days, err := strconv.ParseFloat(m[3], 64)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	r := tier{first: int64(digits(m[1])), days: days}
	r.seeds = int64(digits(m[2])) - r.first + 1
	return one, r
}

// digits is the number that they make.
func digits(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err) // an expression has matched it
	}
	return n
}
