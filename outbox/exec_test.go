package outbox_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"seekpoller/outbox"
	"seekpoller/store"
)

// shell makes a sender whose program is a script; it finds the path in $OUT to write to, if it is told one.
func shell(t testing.TB, script, out string, batch int) outbox.Sender {
	t.Helper()
	return command(t, outbox.ExecConfig{Name: "nightly", Command: []string{"/bin/sh", "-c", script}, Env: map[string]string{"OUT": out}, Batch: batch})
}

func command(t testing.TB, c outbox.ExecConfig) outbox.Sender {
	t.Helper()
	s, err := outbox.NewExec(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// wrote runs the script and returns what it wrote to $OUT.
func wrote(t *testing.T, script string, batch int, ds ...store.Delivery) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if got := shell(t, script, out, batch).Send(t.Context(), ds); got.Verdict != outbox.Accepted {
		t.Fatalf("got %+v, want accepted", got)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestExecReadsTheEnvelopes: one line an event, and nothing else; the node's bytes are not the program's arguments or environment.
func TestExecReadsTheEnvelopes(t *testing.T) {
	events := []store.Delivery{application("e1"), application("$(touch /tmp/x)`id`;\n'"), application("e3")}
	for _, n := range []int{1, 3} {
		want := ""
		for _, d := range events[:n] {
			want += string(outbox.Envelope(d)) + "\n"
		}
		if got := wrote(t, `cat >"$OUT"`, n, events[:n]...); got != want {
			t.Errorf("%d events: got\n%s\nwant\n%s", n, got, want)
		}
	}
}

func TestExecArgumentsAreFixed(t *testing.T) {
	const script = `tr '\0' '\n' </proc/$$/cmdline >"$OUT"`
	if got, want := wrote(t, script, 1, application("$(id);'\"")), "/bin/sh\n-c\n"+script+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestExecEnvironmentIsClean: what our process has in its own is not there.
func TestExecEnvironmentIsClean(t *testing.T) {
	t.Setenv("CANARY_TOKEN", "secret")
	t.Setenv("SEEK_POLLER_CLIENT_SECRET", "secret")
	const defaults = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"
	for _, c := range []struct {
		batch, attempt int
		env            map[string]string
		want           string
	}{
		{0, 3, nil, "LANG=C.UTF-8\n" + defaults + "SEEK_POLLER_DESTINATION=nightly\nTZ=UTC\nSEEK_POLLER_ATTEMPT=3\n"},
		{1, 1, map[string]string{"TZ": "Australia/Melbourne", "A": "b=c d"}, "A=b=c d\nLANG=C.UTF-8\n" + defaults + "SEEK_POLLER_DESTINATION=nightly\nTZ=Australia/Melbourne\nSEEK_POLLER_ATTEMPT=1\n"},
		{10, 2, map[string]string{"PATH": "/opt/bin:/bin:/usr/bin", "SEEK_POLLER_DESTINATION": "x", "SEEK_POLLER_ATTEMPT": "9"},
			"LANG=C.UTF-8\nPATH=/opt/bin:/bin:/usr/bin\nSEEK_POLLER_DESTINATION=nightly\nTZ=UTC\n"},
	} {
		d := application("e1")
		d.Attempt = c.attempt
		s := command(t, outbox.ExecConfig{Name: "nightly", Command: []string{"/bin/sh", "-c", `tr '\0' '\n' </proc/$$/environ; exit 1`}, Env: c.env, Batch: c.batch})
		if got := s.Send(t.Context(), []store.Delivery{d}).Detail; got != outbox.Excerpt([]byte(c.want)) {
			t.Errorf("got %s\nwant %s", got, outbox.Excerpt([]byte(c.want)))
		}
	}
}

// TestExecInheritsNoFile: not even one that whoever started us left open and inheritable. It starts in the root directory.
func TestExecInheritsNoFile(t *testing.T) {
	fd, err := unix.Open("/etc/passwd", unix.O_RDONLY, 0) // without O_CLOEXEC
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if got, want := wrote(t, `exec >"$OUT"; pwd; ls /proc/$$/fd`, 1, oneEvent...), "/\n0\n1\n2\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWhatEachExitStatusMeans: the program's own words are kept, those of its standard error before those of its output.
func TestWhatEachExitStatusMeans(t *testing.T) {
	for _, c := range []struct {
		script string
		want   outbox.Reply
	}{
		{"exit 0", outbox.Reply{Verdict: outbox.Accepted}},
		{"echo done; echo careful >&2", outbox.Reply{Verdict: outbox.Accepted}},
		{"echo reading; echo 'no such \033[1mposition' >&2; exit 65", outbox.Reply{Verdict: outbox.Invalid, Status: 65, Detail: `no such \u001b[1mposition`}},
		{"echo database is locked; exit 75", outbox.Reply{Verdict: outbox.Retry, Status: 75, Detail: "database is locked"}},
		{"exit 1", outbox.Reply{Verdict: outbox.Retry, Status: 1}},
		{"exit 64", outbox.Reply{Verdict: outbox.Retry, Status: 64}},
		{"exit 66", outbox.Reply{Verdict: outbox.Retry, Status: 66}},
		{"/no/such/program 2>/dev/null", outbox.Reply{Verdict: outbox.Retry, Status: 127}},
		{"exit 255", outbox.Reply{Verdict: outbox.Retry, Status: 255}},
		{"echo out of memory >&2; kill -9 $$", outbox.Reply{Verdict: outbox.Retry, Detail: "signal: killed: out of memory"}},
		{"kill -TERM $$", outbox.Reply{Verdict: outbox.Retry, Detail: "signal: terminated"}},
	} {
		if got := shell(t, c.script, "", 1).Send(t.Context(), oneEvent); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.script, got, c.want)
		}
	}
}

// TestExecThatCannotBeStarted is tried again: it may be installed later.
func TestExecThatCannotBeStarted(t *testing.T) {
	dir := t.TempDir()
	text := filepath.Join(dir, "text")
	if err := os.WriteFile(text, []byte("not a program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for program, why := range map[string]string{filepath.Join(dir, "none"): "no such file", text: "permission denied", dir: "permission denied"} {
		got := command(t, outbox.ExecConfig{Name: "nightly", Command: []string{program}}).Send(t.Context(), oneEvent)
		if got.Verdict != outbox.Retry || got.Status != 0 || !strings.HasPrefix(got.Detail, "the program cannot be started: ") || !strings.Contains(got.Detail, why) {
			t.Errorf("%s: got %+v, want a retry that says %q", program, got, why)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, want := shell(t, "exit 0", "", 1).Send(ctx, oneEvent), (outbox.Reply{Verdict: outbox.Retry, Detail: "stopped before the program was started"}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for _, argv := range [][]string{nil, {"import-event"}, {"./import-event"}} {
		if _, err := outbox.NewExec(outbox.ExecConfig{Name: "nightly", Command: argv}); err == nil || err.Error() != "command of nightly: its program is not an absolute path" {
			t.Errorf("command %q: got %v, want it refused", argv, err)
		}
	}
}

// TestExecThatDoesNotReadItsInput: a megabyte that nobody reads are no failure by themselves.
func TestExecThatDoesNotReadItsInput(t *testing.T) {
	large := application("e1")
	large.Event.Node = fmt.Appendf(nil, "%q", bytes.Repeat([]byte("x"), 1<<20))
	for script, want := range map[string]outbox.Verdict{"exec 0<&-; exit 0": outbox.Accepted, "exit 0": outbox.Accepted, "head -c 100000 >/dev/null": outbox.Accepted, "exit 65": outbox.Invalid} {
		if got := shell(t, script, "", 1).Send(t.Context(), []store.Delivery{large}); got.Verdict != want {
			t.Errorf("%s: got %+v, want %s", script, got, want)
		}
	}
}

// TestExecThatFloods: the program is not held up by what it writes, and no more of it is kept than of a receiver's answer.
func TestExecThatFloods(t *testing.T) {
	got := shell(t, `yes | tr -d '\n' | head -c 20000000 >&2; yes | head -c 20000000; exit 75`, "", 1).Send(t.Context(), oneEvent)
	if want := (outbox.Reply{Verdict: outbox.Retry, Status: 75, Detail: strings.Repeat("y", 500)}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	var kept bytes.Buffer
	w := outbox.Capped(&kept)
	for range 100 {
		if n, err := w.Write(make([]byte, 1000)); n != 1000 || err != nil {
			t.Fatalf("got %d (%v), want everything taken", n, err)
		}
	}
	if kept.Len() != outbox.LongestAnswer {
		t.Errorf("kept: got %d bytes, want %d", kept.Len(), outbox.LongestAnswer)
	}
}

// TestExecManyAtOnce: sends beside each other do not see each other's environment, and none leaves a child behind.
func TestExecManyAtOnce(t *testing.T) {
	s := shell(t, `echo "$SEEK_POLLER_ATTEMPT"; exit 1`, "", 1)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			d := application("e1")
			d.Attempt = i
			if got := s.Send(t.Context(), []store.Delivery{d}); got.Detail != fmt.Sprint(i) {
				t.Errorf("attempt %d: got %+v", i, got)
			}
		})
	}
	all.Wait()
	noChildren(t)
}

// noChildren: neither a running one nor one that nobody waited for.
func noChildren(t *testing.T) {
	t.Helper()
	if err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil); err != unix.ECHILD {
		t.Errorf("children: got %v, want none", err)
	}
}
