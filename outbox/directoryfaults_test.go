package outbox_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestDirectoryThatIsNotMounted costs attempts and nothing else, beside a destination that is well.
func TestDirectoryThatIsNotMounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, well := filepath.Join(t.TempDir(), "mnt"), &receiver{}
		w := newWorld(t, outbox.Destination{Name: "spool", Sender: newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir}), Batch: 20}, well.webhook(t, "well"))
		w.save(30)
		w.start()
		time.Sleep(100 * time.Hour)
		well.acceptedOnce(t, w.events)
		if got := w.states("spool"); got["dead"]+got["parked"]+got["delivered"] > 0 {
			t.Errorf("got %v, want all still owed", got)
		}
		w.must(os.Mkdir(dir, 0o700))
		time.Sleep(7 * time.Hour)
		w.stop()
		if got := len(files(t, dir)); got != 30 || !strings.Contains(w.log.String(), "destination is down") {
			t.Errorf("files: got %d, want 30, and the log to say what was the matter", got)
		}
	})
}

// TestDirectoryThatIsFull: a file that does not fit is no file, and nothing of it is left. A limit on the size of files stands in for a
// full disk; it is the process's, so it takes a process of its own.
func TestDirectoryThatIsFull(t *testing.T) {
	if dir := os.Getenv("OUTBOX_TEST_FULL"); dir != "" {
		signal.Ignore(unix.SIGXFSZ)
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 100, Max: 100}); err != nil {
			t.Fatal(err)
		}
		got := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir}).Send(t.Context(), []store.Delivery{application("e1")})
		if got.Verdict != outbox.Retry || !strings.Contains(got.Detail, "file too large") {
			t.Fatalf("got %+v, want a retry that says why", got)
		}
		return
	}
	dir := t.TempDir()
	full := exec.Command(os.Args[0], "-test.run=^TestDirectoryThatIsFull$")
	full.Env = append(os.Environ(), "OUTBOX_TEST_FULL="+dir)
	if out, err := full.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}

// TestDirectoryLeavesNoFileOpen: not even until the garbage collector finds it, or a day's events could be more than a process may have open.
func TestDirectoryLeavesNoFileOpen(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: t.TempDir()})
	before := openFiles(t)
	for i := range 100 {
		if got := s.Send(t.Context(), []store.Delivery{application(fmt.Sprint(i))}); got.Verdict != outbox.Accepted {
			t.Fatalf("got %+v, want accepted", got)
		}
	}
	if after := openFiles(t); after >= before+100 {
		t.Errorf("open files after 100 events: got %d, want about the %d from before", after, before)
	}
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}
