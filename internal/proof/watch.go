package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// start is a run of tests on one processor, with a bound on the time that it computes: a mutant that turns in circles was noticed.
func (b *bench) start(ctx context.Context, program string, seconds int, args ...string) *exec.Cmd {
	shell := fmt.Sprintf(`ulimit -t %d; exec nice -n 5 "$0" "$@"`, seconds)
	cmd := exec.CommandContext(ctx, "sh", append([]string{"-c", shell, program, "-test.short", "-test.timeout=20m"}, args...)...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = b.room, append(os.Environ(), "GOMAXPROCS=1", "TMPDIR="+b.dir), time.Second
	return cmd
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// run says which test noticed, and how.
func (b *bench) run(ctx context.Context, program, mutant string, tests []roomTest) (by string, err error) {
	if len(tests) == 0 {
		return "", nil
	}
	names := []string{}
	for _, t := range tests {
		names = append(names, t.Name)
	}
	cmd := b.start(ctx, program, 20+3*int(total(tests).Seconds()), "-test.failfast", "-test.run=^("+strings.Join(names, "|")+")$")
	cmd.Env = append(cmd.Env, mutantVariable+"="+mutant)
	out, still, err := watched(cmd)
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case still:
		return "it stands still", nil
	case err == nil:
		return "", nil
	case !errors.As(err, &exit):
		return "", err
	case failedTest.Match(out):
		return string(failedTest.FindSubmatch(out)[1]), nil
	}
	return fmt.Sprintf("%v: %s", exit, panicked.Find(out)), nil
}

var panicked = regexp.MustCompile(`(?m)^(panic: |fatal error: |SIGXCPU).*$`)

const (
	stillAfter = 90 * time.Second // without any use of the processor: no test rests so long
	glance     = 2 * time.Second
)

// watched runs a command to its end, or until it has stood still for a while: a mutant that waits for ever was noticed.
func watched(cmd *exec.Cmd) (out []byte, still bool, err error) {
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return nil, false, err
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	used, since := "", time.Now()
	for {
		select {
		case err := <-done:
			return said.Bytes(), still, err
		case <-time.After(glance):
		}
		if now := usedBy(cmd.Process.Pid); now != used {
			used, since = now, time.Now()
		} else if time.Since(since) > stillAfter {
			still = true
			_ = cmd.Process.Kill()
		}
	}
}

// usedBy is the time of the processor that a process has used, in tenths of a second, as a text (proc_pid_stat(5)).
func usedBy(pid int) string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var user, system int
	fmt.Sscan(fields[11], &user)
	fmt.Sscan(fields[12], &system)
	return fmt.Sprint((user + system) / 10)
}
