package sweep_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tally counts what was judged, over all runs.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *tally) add(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

func (c *tally) tell(t *testing.T) {
	for _, what := range slices.Sorted(maps.Keys(c.counts)) {
		t.Logf("%6d %s", c.counts[what], what)
	}
}

// reached fails a run that never came to something: then it shows nothing about it.
func (c *tally) reached(t *testing.T, all ...string) {
	for _, what := range all {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(c.counts)), func(counted string) bool { return strings.HasPrefix(counted, what) }) {
			t.Errorf("never %s", what)
		}
	}
}

// What is checked, and what should come to pass at times. Each must have been, at least once.
const (
	checkSound    = "checked: sound, by SQLite's own checks and ours (I24)"
	checkWhole    = "checked: each call happened as a whole or not at all (I5)"
	checkKept     = "checked: what was told is there (I3, I26)"
	checkLoud     = "checked: a fault was told of (I26)"
	checkRenewed  = "checked: nothing is written through the connection whose write failed (I26)"
	checkGoesOn   = "checked: the next process does the rest, and the end is the same (I6, I7)"
	checkErased   = "checked: no byte of who was purged is left (I29)"
	checkCopies   = "checked: a copy from before an upgrade is whole"
	sometimesLost = "at times: the call under way had not happened"
	sometimesDone = "at times: a call had happened that was not told yet"
	sometimesRose = "at times: the same process went on after a fault"
	sometimesLied = "at times: a call said that it failed, and its commit is found all the same"
	firedIn       = "faults fired in "
	swallowed     = "nobody was told of a fault"
)

// judge looks at what a run left, and lets a healthy process do the rest.
func (c *tally) judge(t testing.TB, r *reference, run *run, m mode) {
	var told, failed []string
	later := false
	for _, line := range run.journal {
		if label, ok := strings.CutPrefix(line, toldMark); ok {
			told = append(told, label)
		} else if strings.HasPrefix(line, failedMark) {
			failed = append(failed, line)
		}
		later = later || line == laterMark
	}
	c.loud(t, run, m, len(failed))
	if m.once() && len(failed) > 0 && !strings.HasPrefix(failed[0], failedMark+"close") { // the last close writes and syncs all of it once more
		c.renewed(t, run)
	}
	state := c.whole(t, r, run, told, later)
	switch _, most := r.bounds(told); {
	case m.once() && run.status != 0 && !strings.HasPrefix(last(failed), failedMark+"close"):
		t.Errorf("after one fault the store is good for nothing more: %q", failed)
	case len(failed) > 0 && len(told) > 0 && len(told) <= len(r.chapter.steps) && state == most && r.told[last(told)] < most:
		c.explain(t, untrue, sometimesLied, run)
	case len(failed) > 0 && run.status == 0:
		c.add(sometimesRose)
	case m.kills() && state == most && r.told[last(told)] < most:
		c.add(sometimesDone)
	case m.kills() && run.fired:
		c.add(sometimesLost)
	}
	c.goesOn(t, r, run, state)
}

func last(told []string) string {
	if len(told) == 0 {
		return ""
	}
	return told[len(told)-1]
}

// loud: whoever lives through a fault says so, and whoever does not was killed by it.
func (c *tally) loud(t testing.TB, run *run, m mode, failed int) {
	switch {
	case m.kills() && run.fired, run.status == 0 && !run.fired:
		return
	case run.status < 0 || run.status > 1 || strings.Contains(run.stderr.String(), "goroutine "):
		t.Errorf("the driver ended with %d: %s", run.status, run.stderr.String())
	case run.status == 1 && failed == 0:
		t.Errorf("the driver failed without a word: %s", run.stderr.String())
	}
	c.add(checkLoud)
	if failed == 0 {
		c.explain(t, quiet, swallowed, run)
	}
}

// renewed: after a failed write or sync of the database or its log, a new connection is opened before anything is written to them, because nobody knows
// what the kernel has of what the old one wrote. SQLite may keep the database's descriptor for it, but not the log's.
func (c *tally) renewed(t testing.TB, run *run) {
	broken := false
	for _, e := range run.trace {
		switch {
		case e.path != run.database() && e.path != run.database()+"-wal":
		case e.injected && e.name != "openat":
			broken = true
		case e.name == "openat" && broken:
			broken = false
			c.add(checkRenewed)
		case e.name == "pwrite64" && broken:
			t.Errorf("%s was written to again through the connection whose write had failed", filepath.Base(e.path))
			return
		}
	}
}

// whole finds the state that the database is in, and says whether it may be in it.
func (c *tally) whole(t testing.TB, r *reference, run *run, told []string, later bool) (state int) {
	copied := run.dir + "-copy"
	defer os.RemoveAll(copied)
	must(t, copyDir(run.dir, copied))
	s, err := look(filepath.Join(copied, databaseName))
	must(t, err)
	c.add(checkSound)
	if s.broken != "" {
		t.Errorf("not sound: %s", s.broken)
	}
	c.copies(t, r, copied)
	least, most := r.bounds(told)
	for state = most; state >= 0; state-- {
		if ref := r.states[state]; ref.rows == s.rows || later && ref.meaning == s.meaning {
			break
		}
	}
	c.add(checkWhole)
	c.add(checkKept)
	switch {
	case state < 0:
		t.Errorf("torn: the database is in none of the states that it should pass through, of which %d to %d could be; %s", least, most, difference(r.states[least], s))
		return least
	case state < least:
		t.Errorf("lost: %q was told, which leads to state %d, and the database is in state %d", last(told), least, state)
	}
	return state
}

// difference shows the first line that two sights do not share.
func difference(want, got sight) string {
	a, b := strings.Split(want.rows, "\n"), strings.Split(got.rows, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("the first row that differs from state %q is %q", a[i], b[i])
		}
	}
	return fmt.Sprintf("%d rows, want %d", len(b), len(a))
}

func (c *tally) copies(t testing.TB, r *reference, dir string) {
	found, err := filepath.Glob(filepath.Join(dir, "*.before-schema-*.backup"))
	must(t, err)
	for _, path := range found {
		s, err := look(path)
		must(t, err)
		c.add(checkCopies)
		if s.rows != r.states[0].rows || s.broken != "" {
			t.Errorf("the copy %s is not what was there before: %s %s", filepath.Base(path), s.broken, difference(r.states[0], s))
		}
	}
}

// goesOn lets a healthy process do what is left of the chapter.
func (c *tally) goesOn(t testing.TB, r *reference, run *run, state int) {
	h := newHand(run.database())
	h.pass(10 * lease)
	h.note = func(line string) {
		if strings.HasPrefix(line, failedMark) {
			t.Errorf("afterwards, on a sound disk: %s", line)
		}
	}
	if !h.live(r.chapter, r.rest(state)) {
		return
	}
	s, err := look(run.database())
	must(t, err)
	c.add(checkGoesOn)
	if want := r.states[len(r.states)-1]; s.broken != "" || s.meaning != want.meaning {
		t.Errorf("after the rest of the chapter: %s\n%s", s.broken, difference(sight{rows: want.meaning}, sight{rows: s.meaning}))
	}
	if left, _ := filepath.Glob(run.database() + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if r.chapter.name == "purge" {
		c.erased(t, run.database())
	}
}

func (c *tally) erased(t testing.TB, path string) {
	text, err := os.ReadFile(path)
	logged, err2 := os.ReadFile(path + "-wal")
	if err != nil || err2 != nil && !errors.Is(err2, os.ErrNotExist) {
		t.Fatal(err, err2)
	}
	c.add(checkErased)
	if strings.Contains(string(text)+string(logged), person(2)) {
		t.Error("something of who was purged is left")
	}
}
