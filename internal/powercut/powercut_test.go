package powercut_test

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	diff "github.com/google/go-cmp/cmp"

	"seekpoller/internal/powercut"
)

const diskVariable = "POWERCUT_TEST_DISK"

// TestMain lets the test binary be a process that is recorded. It names a script of the test.
func TestMain(m *testing.M) {
	disk := os.Getenv(diskVariable)
	if disk == "" {
		os.Exit(m.Run())
	}
	if err := scripts[filepath.Base(disk)].run(disk); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// scripts are processes, and all that may be found after they noted something. A file is told with its content, a directory with a slash.
var scripts = map[string]struct {
	run   func(disk string) error
	found []string
}{
	"written": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), note())
	}, []string{"", "a=", "a=one"}},
	"file synced": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), note())
	}, []string{"", "a=one"}},
	"name synced": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "."), note())
	}, []string{"a=", "a=one"}},
	"both synced": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), fsync(disk, "."), note())
	}, []string{"a=one"}},
	"overwritten": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), fsync(disk, "."), write(disk, "a", "TW", 2), os.Truncate(filepath.Join(disk, "a"), 3), note())
	}, nil}, // truncate by name is not modelled
	"renamed": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), fsync(disk, "."), rename(disk, "a", "b"), note())
	}, []string{"a=one", "b=one"}},
	"replaced": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), write(disk, "b", "two", 0), fsync(disk, "b"), fsync(disk, "."), rename(disk, "b", "a"), note())
	}, []string{"a=one b=two", "a=two"}},
	"moved out of a draft": {func(disk string) error {
		return cmp.Or(os.Mkdir(filepath.Join(disk, "new"), 0o700), write(disk, "new/a", "one", 0), fsync(disk, "new/a"), rename(disk, "new/a", "a"), fsync(disk, "."), os.Remove(filepath.Join(disk, "new")), note())
	}, []string{"new/ a=one", "a=one"}},
	"removed": {func(disk string) error {
		return cmp.Or(write(disk, "a", "one", 0), fsync(disk, "a"), fsync(disk, "."), os.Remove(filepath.Join(disk, "a")), note())
	}, []string{"", "a=one"}},
	"in a new directory": {func(disk string) error {
		return cmp.Or(os.Mkdir(filepath.Join(disk, "new"), 0o700), write(disk, "new/a", "one", 0), fsync(disk, "new/a"), fsync(disk, "new"), note())
	}, []string{"", "new/ new/a=one"}},
	"torn": {func(disk string) error {
		return cmp.Or(write(disk, "a", strings.Repeat("x", 1024), 0), fsync(disk, "a"), fsync(disk, "."), write(disk, "a", strings.Repeat("y", 512), 256), note())
	}, []string{"a=" + strings.Repeat("x", 1024), "a=" + xy(256, 512, 256), "a=" + xy(256, 256, 512), "a=" + xy(512, 256, 256)}},
}

// xy is so many x, y, x.
func xy(a, b, c int) string {
	return strings.Repeat("x", a) + strings.Repeat("y", b) + strings.Repeat("x", c)
}

func write(disk, name, text string, offset int64) error {
	f, err := os.OpenFile(filepath.Join(disk, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt([]byte(text), offset)
	return errors.Join(err, f.Close())
}

func fsync(disk, name string) error {
	f, err := os.Open(filepath.Join(disk, name))
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func rename(disk, from, to string) error {
	return os.Rename(filepath.Join(disk, from), filepath.Join(disk, to))
}

func note() error {
	f, err := os.OpenFile(os.Getenv(powercut.Notes), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("done")
	return errors.Join(err, f.Close())
}

// TestWhatMayBeFound: of what was not synced everything that may be found is, and of what was synced nothing else. What is not modelled is an error and
// not a wrong answer.
func TestWhatMayBeFound(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil && os.Getenv("CI") == "" {
		t.Skip("strace is not installed")
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			r, err := record(t, name)
			if script.found == nil {
				if err == nil || !strings.Contains(err.Error(), "not modelled") {
					t.Errorf("got %v, want that it is not modelled", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(script.found)
			if d := diff.Diff(script.found, slices.Compact(slices.Sorted(slices.Values(found(t, r, 1))))); d != "" {
				t.Errorf("-want +found:\n%s", d)
			}
			if d := diff.Diff(found(t, r, 2), found(t, r, 2)); d != "" {
				t.Errorf("the same seed makes other cuts:\n%s", d)
			}
		})
	}
}

func record(t *testing.T, script string) (*powercut.Recording, error) {
	t.Helper()
	dir := t.TempDir()
	disk, notes := filepath.Join(dir, script), filepath.Join(dir, "notes")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), diskVariable+"="+disk, powercut.Notes+"="+notes)
	return powercut.Record(cmd, disk, notes)
}

// found are the disks after what was noted, in words.
func found(t *testing.T, r *powercut.Recording, seed uint64) (all []string) {
	t.Helper()
	for c, err := range r.Cuts(20000, seed) {
		if err != nil {
			t.Fatal(err)
		}
		if c.Notes == 0 {
			continue
		}
		var words []string
		for _, dir := range c.Image.Dirs[1:] {
			words = append(words, dir+"/")
		}
		for _, name := range slices.Sorted(maps.Keys(c.Image.Files)) {
			words = append(words, name+"="+string(c.Image.Files[name]))
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}
