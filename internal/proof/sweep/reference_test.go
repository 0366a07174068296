package sweep_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const databaseName = "seek-poller.db"

// reference is a chapter as it goes when nothing fails: what the database was before it, and after each of its transactions.
type reference struct {
	chapter  chapter
	template string // directory with the database as it was before
	after    string // and as it was afterwards
	states   []sight
	told     map[string]int // label: the state that was there when it was told
}

// refer lives through the chapter from the database in template.
func refer(t *testing.T, c chapter, template string) *reference {
	t.Helper()
	r := &reference{chapter: c, template: template, after: filepath.Join(memoryDir(t), "after"), told: map[string]int{}}
	must(t, copyDir(template, r.after))
	h := newHand(filepath.Join(r.after, databaseName))
	state := func() {
		s, err := look(h.path)
		must(t, err)
		if s.broken != "" {
			t.Fatalf("%s: without any fault:\n%s", c.name, s.broken)
		}
		if n := len(r.states); n == 0 || r.states[n-1].rows != s.rows {
			r.states = append(r.states, s)
		}
	}
	state()
	h.timed = func(string) func() { return state }
	h.note = func(line string) {
		state()
		if label, ok := strings.CutPrefix(line, toldMark); ok {
			r.told[label] = len(r.states) - 1
		} else if line != closedMark {
			t.Fatalf("%s: without any fault: %s", c.name, line)
		}
	}
	if !h.live(c, 0) {
		t.Fatalf("%s: without any fault, it did not succeed", c.name)
	}
	return r
}

// bounds says which states a database may be in of which so much was told: the last one told, or any up to the one that the next call leads to.
func (r *reference) bounds(told []string) (least, most int) {
	labels := []string{"open"}
	for _, s := range r.chapter.steps {
		labels = append(labels, s.label)
	}
	if len(told) > 0 {
		least = r.told[told[len(told)-1]]
	}
	most = len(r.states) - 1
	if len(told) < len(labels) {
		most = r.told[labels[len(told)]]
	}
	return least, most
}

// rest is the first step that a database in this state has yet to take.
func (r *reference) rest(state int) int {
	for i, s := range r.chapter.steps {
		if r.told[s.label] > state {
			return i
		}
	}
	return len(r.chapter.steps)
}

func copyDir(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	if err := os.Mkdir(to, 0o700); err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() { // a draft that a crash left
			continue
		}
		text, err := os.ReadFile(filepath.Join(from, e.Name()))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, e.Name()), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// memoryDir is a directory in memory where there is one: no power is cut here, so a sync may be free.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "seek-poller-sweep-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
