package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"seekpoller/store"
)

// A new database is made only where none was.
func TestTraces(t *testing.T) {
	for _, trace := range []string{"-wal", "-shm", "-journal", ".lock", ".bak", ".bak-2026-03-01", "-backup.gz", ".backup"} {
		path := filepath.Join(t.TempDir(), "seek.db")
		must(t, os.WriteFile(path+trace, []byte("x"), 0o600))
		_, err := openers["writer"](path)
		want := fmt.Sprintf("there is no database at %s, but seek.db%s beside it is a trace of one\n"+
			"restore the database; only if it is not wanted any more, move that file away and start again", path, trace)
		if !errors.Is(err, store.ErrMissing) || err.Error() != want {
			t.Errorf("%s: %v", trace, err)
		}
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Errorf("%s: left %v", trace, entries)
		}
	}
}

func TestCreate(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "state", "seek.db")
	o := store.Options{Started: newClock().now()}
	if _, err := store.Open(ctx, path, o); !errors.Is(err, store.ErrMissing) {
		t.Errorf("without Create: %v", err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("made the directory: %v", err)
	}
	if _, err := store.OpenReader(ctx, path); !errors.Is(err, store.ErrMissing) {
		t.Errorf("reader: %v", err)
	}
	o.Create = true
	for _, created := range []bool{true, false} {
		s, err := store.Open(ctx, path, o)
		must(t, err)
		if s.Created() != created {
			t.Errorf("created %v, want %v", s.Created(), created)
		}
		must(t, s.Close())
	}
	// What a crash while making it leaves: an unsigned lock and a draft. The next start is not stopped by them, and clears them.
	must(t, os.Remove(path))
	must(t, os.Truncate(path+".lock", 0))
	must(t, os.MkdirAll(path+".new-123/draft", 0o700))
	s, err := store.Open(ctx, path, o)
	must(t, err)
	defer s.Close()
	if left, _ := filepath.Glob(path + ".new-*"); len(left) != 0 || !s.Created() {
		t.Errorf("created %v, left %v", s.Created(), left)
	}
	if _, err := store.Open(ctx, path+"2", store.Options{Create: true}); err == nil || err.Error() != "open the store: Options.Started is not set" {
		t.Errorf("without a clock: %v", err)
	}
}

func TestSecondDaemonIsRefused(t *testing.T) {
	w := newWorld(t)
	_, err := openers["writer"](w.path)
	var locked *store.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("second daemon: %v", err)
	}
	host, _ := os.Hostname()
	want := fmt.Sprintf("database %s is in use by process %d on host %s since 2026-03-01T12:00:00Z\nstop that one first, or give this one a database of its own", w.path, os.Getpid(), host)
	if err.Error() != want {
		t.Errorf("got  %q\nwant %q", err, want)
	}
	shared, err := store.Open(context.Background(), w.path, store.Options{Shared: true, Started: w.clock.now()})
	must(t, err)
	must(t, shared.Close())
	w.restart()
}

// Files are for the owner alone under any umask, and the directory too if we made it.
func TestModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		t.Run(fmt.Sprintf("%03o", umask), func(t *testing.T) {
			defer syscall.Umask(syscall.Umask(umask))
			path := filepath.Join(t.TempDir(), "state", "seek.db")
			s, err := openers["writer"](path)
			must(t, err)
			defer s.Close()
			must(t, s.SyncDestinations(context.Background(), []store.DestinationSpec{{Name: "a", Kind: "b"}}, newClock().wall))
			for name, want := range map[string]os.FileMode{"": 0o600, "-wal": 0o600, "-shm": 0o600, ".lock": 0o600, "/..": 0o700} {
				info, err := os.Stat(filepath.Clean(path + name))
				must(t, err)
				if got := info.Mode().Perm(); got != want {
					t.Errorf("%q has mode %o, want %o", name, got, want)
				}
			}
		})
	}
}

func TestWideModeIsTightened(t *testing.T) {
	path := made(t)
	must(t, os.Chmod(path, 0o644))
	s, err := openers["writer"](path)
	must(t, err)
	defer s.Close()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}

// Two processes make the database at once: the second keeps what the first has made.
func TestPublishReplacesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seek.db")
	for _, text := range []string{"first", "second"} {
		must(t, os.WriteFile(path+".draft", []byte(text), 0o600))
		made, err := store.Publish(path+".draft", path)
		must(t, err)
		if made != (text == "first") {
			t.Errorf("%s: made %v", text, made)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("%s %v", got, err)
	}
}
