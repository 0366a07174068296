package powercut

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
)

// Findings are how often each law was put to the test, and where it was broken.
type Findings struct {
	mu     sync.Mutex // guards all
	Cuts   int
	Kinds  map[string]int // of cut, that gave a disk of its own
	made   map[string]int // all of them; of the goroutine that makes them, until it has ended
	Points map[int]bool
	Checks map[string]int
	Broken map[string][]string // by law, in words
	first  *Image              // that broke one
}

const mostTold = 5

// Check counts that a law was put to the test, and whether it held.
func (f *Findings) Check(c Cut, law string, holds bool, format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Checks[law]++
	if !holds {
		words := fmt.Sprintf("cut after op %d, of the unsynced %s, %d notes, seed %d: ", c.After, c.Kind, c.Notes, c.Seed) + fmt.Sprintf(format, args...)
		f.Broken[law] = append(f.Broken[law], words)
		if f.first == nil {
			f.first = &c.Image
		}
	}
}

func (f *Findings) count(c Cut) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Cuts++
	f.Kinds[c.Kind]++
	f.Points[c.After] = true
}

// String is the account of it.
func (f *Findings) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d power cuts at %d points", f.Cuts, len(f.Points))
	for _, kind := range slices.Sorted(maps.Keys(f.Kinds)) {
		fmt.Fprintf(&b, "\n  of the unsynced %s: %d cuts", kind, f.Kinds[kind])
	}
	for _, law := range slices.Sorted(maps.Keys(f.Checks)) {
		fmt.Fprintf(&b, "\n  %s: put to the test %d times, broken %d times", law, f.Checks[law], len(f.Broken[law]))
	}
	return b.String()
}

// told are the first breaks of each law, in words.
func (f *Findings) told() (all []string) {
	for _, law := range slices.Sorted(maps.Keys(f.Broken)) {
		for _, words := range f.Broken[law][:min(mostTold, len(f.Broken[law]))] {
			all = append(all, law+": "+words)
		}
	}
	return all
}

// missing are the laws that were never put to the test, and the kinds of cut that never were made though there was room for all.
func (f *Findings) missing(laws []string) (never []string) {
	for _, law := range laws {
		if f.Checks[law] == 0 {
			never = append(never, law)
		}
	}
	for _, kind := range kinds {
		if f.made[kind.name] == 0 && f.Cuts >= 30*len(kinds) {
			never = append(never, "cuts of the kind "+kind.name)
		}
	}
	return never
}

// Try makes cuts and has check look at each of them, in a directory of its own below dir that holds nothing but the disk.
func (r *Recording) Try(number int, seed uint64, dir string, check func(at string, c Cut, f *Findings)) (*Findings, error) {
	f := &Findings{Kinds: map[string]int{}, made: map[string]int{}, Points: map[int]bool{}, Checks: map[string]int{}, Broken: map[string][]string{}}
	cuts := make(chan Cut)
	errs := make([]error, 2)
	var workers sync.WaitGroup
	for i := range errs {
		workers.Go(func() {
			for c := range cuts {
				if errs[i] == nil {
					errs[i] = f.try(dir, c, check)
				}
			}
		})
	}
	var err error
	for c, bad := range r.cuts(number, seed, f.made) {
		if err = bad; err != nil {
			break
		}
		cuts <- c
	}
	close(cuts)
	workers.Wait()
	for _, e := range append(errs, err) {
		if e != nil {
			return nil, e
		}
	}
	return f, nil
}

func (f *Findings) try(dir string, c Cut, check func(at string, c Cut, f *Findings)) error {
	at, err := os.MkdirTemp(dir, "cut-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(at)
	if err := c.Image.WriteTo(at); err != nil {
		return err
	}
	check(at, c, f)
	f.count(c)
	return nil
}
