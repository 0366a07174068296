package sweep_test

import (
	"database/sql"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

var (
	sweepAll = flag.Bool("sweep.all", false, "fail every call of every chapter, and not only some of them")
	sweepOf  = flag.String("sweep.chapter", "", "sweep this chapter alone, and all of it")
)

// TestSweep fails every system call that writes, one after the other, in every way, until the fault finds no call any more; and after each fault looks at
// what is left, and goes on with it.
func TestSweep(t *testing.T) {
	needStrace(t)
	c := &tally{counts: map[string]int{}}
	for _, r := range references(t) {
		if *sweepOf != "" && *sweepOf != r.chapter.name || r.chapter.long && *sweepOf == "" && !*sweepAll {
			continue
		}
		t.Run(r.chapter.name, func(t *testing.T) { sweep(t, r, c) })
	}
	c.tell(t)
	if *sweepOf == "" {
		c.reached(t, checkSound, checkWhole, checkKept, checkLoud, checkRenewed, checkGoesOn, checkErased, checkCopies, sometimesLost, sometimesDone, sometimesRose, swallowed, sometimesLied)
	}
}

// references lives through all chapters once.
func references(t *testing.T) (all []*reference) {
	t.Helper()
	template := filepath.Join(memoryDir(t), "empty")
	must(t, os.Mkdir(template, 0o700))
	for _, c := range chapters() {
		from := template
		if c.old {
			from = firstVersion(t)
		}
		r := refer(t, c, from)
		if !c.old {
			template = r.after
		}
		all = append(all, r)
	}
	return all
}

// firstVersion is a database that the first version left when it was killed.
func firstVersion(t *testing.T) (dir string) {
	t.Helper()
	dir = filepath.Join(memoryDir(t), "first")
	must(t, os.Mkdir(dir, 0o700))
	dump, err := os.ReadFile("../../../store/testdata/version-1.sql")
	must(t, err)
	db := sql.OpenDB(shell{"file:" + filepath.Join(dir, databaseName)})
	defer db.Close()
	_, err = db.Exec("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;" + string(dump) + "PRAGMA application_id = 0x534b504c; PRAGMA user_version = 1")
	must(t, err)
	return dir
}

// sweep is one chapter's.
func sweep(t *testing.T, r *reference, c *tally) {
	dir := memoryDir(t)
	counted, _ := count(t, r, dir)
	if again, _ := count(t, r, dir); fmt.Sprint(counted) != fmt.Sprint(again) {
		t.Fatalf("two runs without a fault make different calls: %v and %v", counted, again)
	}
	sums := countAgain(t, r, dir)
	work := make(chan way)
	var all sync.WaitGroup
	for n := range 2 {
		own := filepath.Join(dir, fmt.Sprint(n))
		must(t, os.Mkdir(own, 0o700))
		all.Go(func() {
			for w := range work {
				w.sweep(t, r, c, own)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(counted.within)) {
		if n := counted.before[name] + counted.within[name]; name != "mmap" && n != sums[name] {
			t.Errorf("strace counts %d calls of %s, of which %d in the thread that is swept", sums[name], name, n)
		}
		for _, m := range modes {
			work <- way{m, name, counted.before[name], counted.within[name], stride(r.chapter, name)}
		}
	}
	close(work)
	all.Wait()
	points := 0
	for _, n := range counted.within {
		points += n
	}
	t.Logf("%s: %d calls of %d kinds, each to fail in %d ways: %d faults fired", r.chapter.name, points, len(counted.within), len(modes), c.counts[firedIn+r.chapter.name])
}

// stride is how far it is from one call that fails to the next: 1 for a slot or a page, whatever takes long.
func stride(c chapter, name string) int {
	switch {
	case c.long && name == "pwrite64":
		return 307
	case *sweepAll, *sweepOf != "":
		return 1
	case c.name == "slot", c.name == "page" && !testing.Short():
		return 1
	case testing.Short():
		return 23
	}
	return 12
}

// way is one way to fail one kind of call.
type way struct {
	mode
	call           string
	before, within int
	stride         int
}

// point is where a run failed, for the messages.
type point struct {
	testing.TB
	name string
}

func (p point) Errorf(format string, args ...any) {
	p.Helper()
	p.TB.Errorf(p.name+": "+format, args...)
}

// sweep goes from call to call. It ends where the fault finds none, and that must be where the count ends.
func (w way) sweep(t testing.TB, r *reference, c *tally, dir string) {
	fired := 0
	for n := 1; ; n += w.stride {
		n = min(n, w.within+1)
		run := faulty(t, r, dir, w.call, w.mode, w.before+n)
		p := point{t, fmt.Sprintf("%s: %s at %s %d of %d", r.chapter.name, w.mode.name, w.call, n, w.within)}
		if run.fired != (n <= w.within) {
			trace, _ := os.ReadFile(filepath.Join(dir, "trace"))
			p.Errorf("fired: %t\n%s%s", run.fired, &run.stderr, trace[max(0, len(trace)-2000):])
		}
		if !run.fired {
			break
		}
		fired++
		c.add(firedIn + r.chapter.name)
		c.judge(p, r, run, w.mode)
	}
	t.Logf("%-20s %-10s %4d points, %4d fired", w.mode.name, w.call, w.within, fired)
}

func needStrace(t *testing.T) {
	t.Helper()
	if err := exec.Command("strace", "-o", "/dev/null", "true").Run(); err == nil {
		return
	} else if os.Getenv("CI") == "true" {
		t.Fatalf("strace does not work here: %v", err)
	} else {
		t.Skipf("strace does not work here: %v", err)
	}
}
