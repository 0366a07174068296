package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"

	"seekpoller/store"
)

// dataError is EX_DATAERR of sysexits(3): the input was wrong in some way.
const dataError = 65

// ExecConfig is a program that takes events.
type ExecConfig struct {
	Name    string
	Command []string          // the program's absolute path, then its arguments; nothing of an event goes into them, and there is no shell
	Env     map[string]string // beside, or instead of, PATH, LANG and TZ; nothing of our own environment goes with them
	Batch   int               // events on one standard input at most, as in Destination; 0: 1
}

type program struct {
	ExecConfig
	env []string
}

// NewExec makes a sender that runs a program once for each send, in the root directory, with the envelopes on its standard input, a
// line each. The exit status decides: 0 is accepted, 65 says that the data is wrong, anything else is tried again; a program need not
// read what it does not want. SEEK_POLLER_DESTINATION is in its environment, and SEEK_POLLER_ATTEMPT where there is one event at a time.
//
// The program has a process group of its own. When the send's context ends the group gets SIGTERM and, if the program has not ended
// 800 ms later, SIGKILL. What it leaves running in its group ends with it, whatever its status. If our process is killed the kernel
// kills the program, but not what the program has started.
//
// A command that is empty or no absolute path is an error; a program that is not there is not yet one: its deliveries are retried.
func NewExec(c ExecConfig) (Sender, error) {
	if len(c.Command) == 0 || !filepath.IsAbs(c.Command[0]) {
		return nil, fmt.Errorf("command of %s: its program is not an absolute path", c.Name)
	}
	return &program{ExecConfig: c, env: environment(c)}, nil
}

// environment is made from nothing. What we set wins over what is configured.
func environment(c ExecConfig) []string {
	all := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}
	maps.Copy(all, c.Env)
	all["SEEK_POLLER_DESTINATION"] = c.Name
	delete(all, "SEEK_POLLER_ATTEMPT")
	var env []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env = append(env, name+"="+all[name])
	}
	return env
}

// Send runs the program and waits for its end; it returns within a second of ctx's.
func (p *program) Send(ctx context.Context, batch []store.Delivery) Reply {
	var in, out, complaint bytes.Buffer
	for _, d := range batch {
		in.Write(Envelope(d))
		in.WriteByte('\n')
	}
	cmd := exec.CommandContext(ctx, p.Command[0], p.Command[1:]...)
	cmd.Dir = "/"
	cmd.Env = slices.Clip(p.env) // Send runs beside itself: an append must not write into what is shared
	if p.Batch <= 1 {
		cmd.Env = append(cmd.Env, "SEEK_POLLER_ATTEMPT="+strconv.Itoa(batch[0].Attempt))
	}
	cmd.Stdin = &in
	cmd.Stdout, cmd.Stderr = capped{&out}, capped{&complaint}
	if err := run(cmd); err != nil {
		return Reply{Verdict: Retry, Detail: unstarted(ctx, err)}
	}
	if complaint.Len() == 0 {
		return ended(ctx, cmd, out.Bytes())
	}
	return ended(ctx, cmd, complaint.Bytes())
}

func unstarted(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "stopped before the program was started"
	}
	return excerpt([]byte("the program cannot be started: " + err.Error()))
}

// ended reads the program's end. Status 0 counts whenever it comes; what else a program says that was told to stop is no verdict on
// the data.
func ended(ctx context.Context, cmd *exec.Cmd, said []byte) Reply {
	status := max(cmd.ProcessState.ExitCode(), 0) // -1: a signal
	switch {
	case cmd.ProcessState.Success():
		return Reply{Verdict: Accepted}
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Reply{Verdict: Retry, Status: status, Detail: because("no end within the time-out", said)}
	case ctx.Err() != nil:
		return Reply{Verdict: Retry, Status: status, Detail: because("stopped before its end", said)}
	case status == dataError:
		return Reply{Verdict: Invalid, Status: status, Detail: excerpt(said)}
	case status == 0:
		return Reply{Verdict: Retry, Detail: because(cmd.ProcessState.String(), said)}
	}
	return Reply{Verdict: Retry, Status: status, Detail: excerpt(said)}
}

func because(what string, said []byte) string {
	if said = bytes.TrimSpace(said); len(said) > 0 {
		what += ": " + string(said)
	}
	return excerpt([]byte(what))
}

// capped keeps the beginning of what is written and swallows the rest: a flood neither fills memory nor blocks the program.
type capped struct{ kept *bytes.Buffer }

func (c capped) Write(b []byte) (int, error) {
	c.kept.Write(b[:min(len(b), longestAnswer-c.kept.Len())])
	return len(b), nil
}
