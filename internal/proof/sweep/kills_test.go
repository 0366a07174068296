package sweep_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

var (
	killsFlag = flag.Int("sweep.kills", 0, "how often TestKilledAnywhere kills the driver; 0: 150 times, and 30 times with -short")
	killsSeed = flag.Uint64("sweep.seed", 0, "seed of TestKilledAnywhere; 0: another each time")
)

// TestKilledAnywhere kills the driver at any moment, and not only as it enters a call: what it keeps in memory that is shared with a file, such as the
// index of the log, is written by no call.
func TestKilledAnywhere(t *testing.T) {
	kills, seed := *killsFlag, *killsSeed
	switch {
	case kills > 0:
	case testing.Short():
		kills = 30
	default:
		kills = 150
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	all, c, dir := references(t), &tally{counts: map[string]int{}}, memoryDir(t)
	longest := make([]time.Duration, len(all))
	for i, r := range all {
		longest[i] = killed(t, r, dir, time.Minute).took
	}
	var workers sync.WaitGroup
	for n := range 2 {
		own := filepath.Join(dir, fmt.Sprint(n))
		must(t, os.Mkdir(own, 0o700))
		dice := rand.New(rand.NewPCG(seed, uint64(n)))
		workers.Go(func() {
			for range kills / 2 {
				i := dice.IntN(len(all))
				after := time.Duration(dice.Int64N(int64(longest[i])))
				run := killed(t, all[i], own, after)
				c.judge(point{t, fmt.Sprintf("%s: killed after %v (seed %d)", all[i].chapter.name, after, seed)}, all[i], run, modes[0])
			}
		})
	}
	workers.Wait()
	t.Logf("seed %d", seed)
	c.tell(t)
	c.reached(t, checkSound, checkWhole, checkKept, checkGoesOn, sometimesLost)
}

// killed lets the driver live through a chapter, and kills it after a time, which counts from when it has opened the database, if that is no part of it.
func killed(t testing.TB, r *reference, dir string, after time.Duration) *run {
	t.Helper()
	run := prepare(t, r, dir)
	cmd := run.command(os.Args[0])
	must(t, cmd.Start())
	for !r.chapter.opens && !run.noted(t) {
		time.Sleep(50 * time.Microsecond)
	}
	begun := time.Now()
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	run.fired = cmd.Wait() != nil && timer.Stop() == false
	run.took = time.Since(begun)
	run.end(t, cmd)
	return run
}

// noted says whether the journal has been begun.
func (r *run) noted(t testing.TB) bool {
	f, err := os.Open(r.journalFile())
	must(t, err)
	defer f.Close()
	first := make([]byte, 1)
	_, err = f.Read(first)
	must(t, err)
	return first[0] != 0
}
