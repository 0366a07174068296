package outbox_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"seekpoller/outbox"
	"seekpoller/store"
)

func newDirectory(t testing.TB, c outbox.DirectoryConfig) outbox.Sender {
	t.Helper()
	s, err := outbox.NewDirectory(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// files is what an importer sees: names without a dot in front, with their content.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		seen[e.Name()] = string(content)
	}
	return seen
}

func TestDirectoryHoldsOneWholeFileAnEvent(t *testing.T) {
	dir := t.TempDir()
	s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir})
	want := map[string]string{}
	var batch []store.Delivery
	// Names that differ by case alone, lead out of the directory, are too long for a file, or are no name at all.
	for _, id := range []string{"a", "A", "../../etc/passwd", "/abs", "x/y", "..", ".", "", strings.Repeat("z", 300), "nul\x00", "日本"} {
		d := application(id)
		batch = append(batch, d)
		want[outbox.Key(id, "spool")+".json"] = string(outbox.Envelope(d)) + "\n"
	}
	for range 2 { // the second time writes the same again
		if got := s.Send(t.Context(), batch); got.Verdict != outbox.Accepted {
			t.Fatalf("verdict: got %+v, want accepted", got)
		}
		if diff := cmp.Diff(files(t, dir), want); diff != "" {
			t.Errorf("got, want:\n%s", diff)
		}
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %q", names)
	}
}

// TestDirectoryAfterACrash: what an earlier attempt left half written is no file for an importer and is gone after the next success.
func TestDirectoryAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir})
	d := application("e1")
	for _, name := range []string{".1.tmp", ".2.tmp", ".3.tmp"} {
		if err := os.WriteFile(filepath.Join(dir, "."+outbox.Key("e1", "spool")+name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := files(t, dir); len(got) > 0 {
		t.Fatalf("an importer sees %v", got)
	}
	d.Attempt = 3
	if got := s.Send(t.Context(), []store.Delivery{d}); got.Verdict != outbox.Accepted {
		t.Fatalf("verdict: got %+v, want accepted", got)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("entries: got %v (%v), want one file", entries, err)
	}
}

func TestDirectoryThatCannotBeWrittenIsTriedAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "later")
	s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir})
	batch := []store.Delivery{application("e1")}
	if got := s.Send(t.Context(), batch); got.Verdict != outbox.Retry || !strings.Contains(got.Detail, "no such file or directory") {
		t.Errorf("missing directory: got %+v, want a retry that says so", got)
	}
	// A directory where the file should be: the rename fails after the temporary file was written.
	blocked := filepath.Join(dir, outbox.Key("e1", "spool")+".json")
	if err := os.MkdirAll(blocked, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := s.Send(t.Context(), batch); got.Verdict != outbox.Retry || got.Detail == "" {
		t.Errorf("blocked name: got %+v, want a retry", got)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %q", names)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if got := s.Send(t.Context(), batch); got.Verdict != outbox.Accepted {
		t.Errorf("cured: got %+v, want accepted", got)
	}
}

// TestDirectoryStaysInside: a link in the directory does not lead a write out of it.
func TestDirectoryStaysInside(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(outside, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	key := outbox.Key("e1", "spool")
	for _, name := range []string{key + ".json", "." + key + ".1.tmp"} {
		if err := os.Symlink(outside, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir})
	if got := s.Send(t.Context(), []store.Delivery{application("e1")}); got.Verdict != outbox.Accepted {
		t.Errorf("got %+v, want accepted", got)
	}
	if got, _ := os.ReadFile(outside); string(got) != "mine" {
		t.Errorf("file outside: got %q, want it untouched", got)
	}
}

func TestDirectoryModeAndGroup(t *testing.T) {
	for _, c := range []struct{ mode, want os.FileMode }{{0, 0o640}, {0o600, 0o600}, {0o664, 0o664}} {
		dir := t.TempDir()
		s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir, Mode: c.mode, Group: "0"})
		if os.Getuid() != 0 {
			s = newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir, Mode: c.mode})
		}
		if got := s.Send(t.Context(), []store.Delivery{application("e1")}); got.Verdict != outbox.Accepted {
			t.Fatalf("got %+v, want accepted", got)
		}
		info, err := os.Stat(filepath.Join(dir, outbox.Key("e1", "spool")+".json"))
		if err != nil || info.Mode().Perm() != c.want {
			t.Errorf("mode %v: got %v (%v), want %v", c.mode, info.Mode(), err, c.want)
		}
	}
	if _, err := outbox.NewDirectory(outbox.DirectoryConfig{Path: "/x", Group: "no-such-group"}); err == nil {
		t.Error("an unknown group is accepted")
	}
}
