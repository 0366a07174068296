package admin_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"seekpoller/internal/admin"
)

// TestSocketAppearsReady: under its name it is never seen with another mode, and never unanswered.
func TestSocketAppearsReady(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), "admin.sock")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if info, err := os.Lstat(path); err == nil && info.Mode() != fs.ModeSocket|0o660 {
				t.Errorf("its mode is %v", info.Mode())
				return
			}
		}
	})
	for range 300 {
		l := openSocket(t, path)
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		c.Close()
		l.Close()
		left, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(left) > 0 {
			t.Fatalf("left behind: %v %v", left, err)
		}
	}
	close(stop)
	wg.Wait()
}

func openSocket(t *testing.T, path string) net.Listener {
	t.Helper()
	l, err := admin.ListenSocket(path, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// TestSocketInTheWay: what a dead process left is replaced; what is in use, or is something else, is not.
func TestSocketInTheWay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "run", "admin.sock") // the directory is made
	old := openSocket(t, path)
	if _, err := admin.ListenSocket(path, ""); err == nil || !strings.Contains(err.Error(), "another process answers") {
		t.Errorf("a live one: %v", err)
	}
	if c, err := net.Dial("unix", path); err != nil {
		t.Errorf("the live one no longer answers: %v", err)
	} else {
		c.Close()
	}
	stale := filepath.Join(dir, "stale.sock")
	if err := os.Link(path, stale); err != nil {
		t.Fatal(err)
	}
	old.Close()
	openSocket(t, stale)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, dir} {
		if _, err := admin.ListenSocket(path, ""); err == nil || !strings.Contains(err.Error(), "is no socket") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "precious" {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if _, err := admin.ListenSocket(filepath.Join(dir, "x.sock"), "no-such-group"); err == nil || !strings.Contains(err.Error(), "no group no-such-group") {
		t.Errorf("an unknown group: %v", err)
	}
}

// TestSocketGoes: it is gone after a clean end, unless the name has become another's.
func TestSocketGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "admin.sock")
	first := openSocket(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second := openSocket(t, path)
	first.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("another's socket was removed: %v", err)
	}
	second.Close()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
	third := openSocket(t, path)
	second.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("closing a second time removed another's socket: %v", err)
	}
	third.Close()
}

// TestSocketGroup: it is given to the group by name or number.
func TestSocketGroup(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can give a file to any group")
	}
	for _, group := range []string{"daemon", "1"} {
		path := filepath.Join(t.TempDir(), "admin.sock")
		l, err := admin.ListenSocket(path, group)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if stat := info.Sys().(*syscall.Stat_t); stat.Gid != 1 || info.Mode().Perm() != 0o660 {
			t.Errorf("group %s: gid %d, mode %v", group, stat.Gid, info.Mode())
		}
		l.Close()
	}
}
