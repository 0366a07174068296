package powercut

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Notes is the variable of the environment in which a recorded process finds the file for its notes.
const Notes = "POWERCUT_NOTES"

// Bench is where a test records processes and cuts their power. All of it is in memory where that can be: what is durable is known from the
// record, and not from this machine's disk.
type Bench struct {
	Dir  string // for what the test needs
	Disk string // what is recorded

	t    testing.TB
	cuts int
	seed uint64
}

// NewBench makes one for a test that has a share in so many cuts; 0: in some hundred. seed 0: a random one.
func NewBench(t testing.TB, cuts int, seed uint64) *Bench {
	t.Helper()
	b := &Bench{t: t, cuts: cuts, seed: seed}
	if seed == 0 {
		b.seed = rand.Uint64()
	}
	if cuts == 0 {
		b.cuts = 750
		if testing.Short() {
			b.cuts = 150
		}
	}
	memory := "/dev/shm"
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	var err error
	if b.Dir, err = os.MkdirTemp(memory, "powercut-*"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(b.Dir) })
	b.Disk = filepath.Join(b.Dir, "disk")
	if err := os.Mkdir(b.Disk, 0o700); err != nil {
		t.Fatal(err)
	}
	return b
}

// Record runs the test binary with more in its environment, so that it is another program.
func (b *Bench) Record(env ...string) *Recording {
	b.t.Helper()
	notes := filepath.Join(b.Dir, "notes")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), Notes+"="+notes), env...)
	r, err := Record(cmd, b.Disk, notes)
	if errors.Is(err, ErrNoTracer) && os.Getenv("CI") == "" {
		b.t.Skip("strace is not installed, and nothing else here tells what a process wrote and synced")
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// On is the same bench for a subtest.
func (b *Bench) On(t testing.TB) *Bench {
	c := *b
	c.t = t
	return &c
}

func (b *Bench) cut(r *Recording, number int, check func(at string, c Cut, f *Findings)) *Findings {
	b.t.Helper()
	f, err := r.Try(number, b.seed, b.Dir, check)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Logf("%d calls recorded, seed %d: %v", len(r.Ops), b.seed, f)
	return f
}

// Hold makes a share of all cuts and has check look at each, as Try does. No law may be broken, and those named must have been put to the test.
func (b *Bench) Hold(r *Recording, share float64, check func(at string, c Cut, f *Findings), laws ...string) {
	b.t.Helper()
	f := b.cut(r, int(share*float64(b.cuts)), check)
	for _, words := range f.told() {
		b.t.Error(words)
	}
	b.keep(f.first)
	if never := f.missing(laws); len(never) > 0 {
		b.t.Errorf("never put to the test: %q", never)
	}
}

// keep leaves a disk that broke a law for somebody to look at: another recording may differ, and then the seed makes other disks.
func (b *Bench) keep(m *Image) {
	if m == nil {
		return
	}
	dir, err := os.MkdirTemp("", "powercut-broken-*")
	if err == nil {
		err = m.WriteTo(dir)
	}
	b.t.Logf("the first disk that broke a law is kept in %s (%v)", dir, err)
}

// Catch makes cuts of a process as it would be without the syncs that lost names. The laws must be broken by it: else check proves nothing.
// It returns all that are.
func (b *Bench) Catch(r *Recording, number int, check func(at string, c Cut, f *Findings), lost func(ops []Op, i int) bool, laws ...string) map[string][]string {
	b.t.Helper()
	f := b.cut(r.Without(lost), number, check)
	for _, law := range laws {
		if len(f.Broken[law]) == 0 {
			b.t.Errorf("syncs are missing, and yet this held: %s", law)
		}
	}
	return f.Broken
}
