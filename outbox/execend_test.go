package outbox_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/outbox"
)

const patience = 20 * time.Second // before a test gives up on a process; none takes so long

// wire is a named pipe that programs hold open: lines come as they are written, and the channel is closed when nobody holds it any more.
func wire(t *testing.T) (path string, lines <-chan string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "wire")
	if err := unix.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 100)
	go func() {
		defer close(said)
		f, err := os.Open(path) // returns when a program opens it
		if err != nil {
			return
		}
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			said <- s.Text()
		}
	}()
	return path, said
}

// next is the next line, "" when all who held the wire are gone.
func next(t *testing.T, lines <-chan string) string {
	t.Helper()
	select {
	case line := <-lines:
		return line
	case <-time.After(patience):
		t.Fatal("a process lives on, or never said a word")
		return ""
	}
}

// interrupted runs the script, ends its context when it says "ready" on the wire, and returns the reply, how long that took, and what
// else was said. All who held the wire are gone then.
func interrupted(t *testing.T, script string) (got outbox.Reply, took time.Duration, said string) {
	t.Helper()
	path, lines := wire(t)
	ctx, cancel := context.WithCancel(t.Context())
	reply := make(chan outbox.Reply, 1)
	go func() { reply <- shell(t, `exec 9>"$OUT"; `+script, path, 1).Send(ctx, oneEvent) }()
	if got := next(t, lines); got != "ready" {
		t.Fatalf("got %q, want ready", got)
	}
	began := time.Now()
	cancel()
	got = <-reply
	took = time.Since(began)
	for line := next(t, lines); line != ""; line = next(t, lines) {
		said += line
	}
	noChildren(t)
	return got, took, said
}

// TestExecThatHangs gets SIGTERM, and so does everything that it started, which may take its time as well.
func TestExecThatHangs(t *testing.T) {
	got, took, said := interrupted(t, `exec 2>/dev/null; trap : TERM
		(trap "echo told >&9; exit" TERM; sleep 1000 & echo ready >&9; wait) & echo waiting; wait; wait; exit 1`)
	if want := (outbox.Reply{Verdict: outbox.Retry, Status: 1, Detail: "stopped before its end: waiting"}); got != want || said != "told" {
		t.Errorf("got %+v and %q after %v, want %+v and the child told", got, said, took, want)
	}
}

// TestExecThatIgnoresSIGTERM is killed after a grace, children and all.
func TestExecThatIgnoresSIGTERM(t *testing.T) {
	got, took, _ := interrupted(t, `trap "" TERM; sleep 1000 & (while :; do sleep 1000; done) & echo ready >&9; while :; do sleep 1000; done`)
	if want := (outbox.Reply{Verdict: outbox.Retry, Detail: "stopped before its end"}); got != want || took < outbox.TermGrace {
		t.Errorf("got %+v after %v, want %+v after %v", got, took, want, outbox.TermGrace)
	}
}

// TestExecThatHeedsSIGTERM: what it still finishes counts; what else it says then is no verdict on the data.
func TestExecThatHeedsSIGTERM(t *testing.T) {
	for status, want := range map[string]outbox.Reply{
		"0":  {Verdict: outbox.Accepted},
		"65": {Verdict: outbox.Retry, Status: 65, Detail: "stopped before its end: rolled back"},
	} {
		if got, took, _ := interrupted(t, `exec 2>/dev/null; trap "echo rolled back; exit `+status+`" TERM; sleep 1000 & echo ready >&9; wait`); got != want {
			t.Errorf("got %+v after %v, want %+v", got, took, want)
		}
	}
}

// TestExecTimesOut: the reply says so.
func TestExecTimesOut(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got, want := shell(t, "sleep 1000", "", 1).Send(ctx, oneEvent), (outbox.Reply{Verdict: outbox.Retry, Detail: "no end within the time-out"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestExecThatForks: what it leaves behind in its group ends with it and keeps nobody waiting, though it holds input and output open.
func TestExecThatForks(t *testing.T) {
	path, lines := wire(t)
	got := shell(t, `exec 9>"$OUT"; for i in 1 2 3; do (trap "" TERM; sleep 1000) & done; exit 0`, path, 1).Send(t.Context(), oneEvent)
	if want := (outbox.Reply{Verdict: outbox.Accepted}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if left := next(t, lines); left != "" {
		t.Errorf("got %q", left)
	}
	noChildren(t)
}

// TestExecThatEscapes: what has left the group lives on, but with our pipes in its hands it keeps nobody waiting either.
func TestExecThatEscapes(t *testing.T) {
	path, lines := wire(t)
	s := shell(t, `exec 9>"$OUT"; mkfifo "$OUT.go"
		setsid sh -c 'echo $$ >&9; exec 9>&-; echo >"$OUT.go"; exec sleep 1000' & read -r _ <"$OUT.go"; exit 65`, path, 1)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	reply := make(chan outbox.Reply, 1)
	go func() { reply <- s.Send(ctx, oneEvent) }()
	pid, err := strconv.Atoi(next(t, lines))
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Kill(pid, unix.SIGKILL)
	if got, want := <-reply, (outbox.Reply{Verdict: outbox.Invalid, Status: 65}); got != want || unix.Kill(pid, 0) != nil {
		t.Errorf("got %+v, want %+v and the other still there", got, want)
	}
}

// TestExecDiesWithUs: when our process is killed without a word, the kernel kills the program.
func TestExecDiesWithUs(t *testing.T) {
	if path := os.Getenv("OUTBOX_TEST_WIRE"); path != "" { // in the process that is going to be killed
		shell(t, `exec 9>"$OUT"; echo ready >&9; exec sleep 1000`, path, 1).Send(t.Context(), oneEvent)
		return
	}
	path, lines := wire(t)
	us := exec.Command(os.Args[0], "-test.run=^TestExecDiesWithUs$")
	us.Env = append(os.Environ(), "OUTBOX_TEST_WIRE="+path)
	us.Stdout = io.Discard
	if err := us.Start(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, lines); got != "ready" {
		t.Fatalf("got %q, want ready", got)
	}
	us.Process.Kill()
	if err := us.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("got %v, want it killed", err)
	}
	if left := next(t, lines); left != "" {
		t.Errorf("got %q", left)
	}
}
