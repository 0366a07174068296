package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestProgramsContend starts eight programs at once on one database, again and again. One of them works, the others say who does and end; SEEK sees one.
func TestProgramsContend(t *testing.T) {
	t.Parallel()
	const programs = 8
	rounds := 4
	if testing.Short() {
		rounds = 1
	}
	k := newKillSite(t, 600)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for round := range rounds {
		type life struct {
			cmd *exec.Cmd
			out *output
		}
		ended := make(chan life, programs)
		running := map[*exec.Cmd]*output{}
		for range programs {
			cmd, out := k.program(t, ctx)
			running[cmd] = out
			go func() { cmd.Wait(); ended <- life{cmd, out} }()
		}
		for range programs - 1 {
			l := <-ended
			delete(running, l.cmd)
			if text := l.out.String(); l.cmd.ProcessState.ExitCode() <= 0 || !strings.Contains(text, "is in use by") {
				t.Errorf("round %d: one that lost ended with %v: %s", round, l.cmd.ProcessState, tail(text))
			}
			k.checkOutput(t, l.out.String())
		}
		k.wait(t, ctx, 2)
		for cmd := range running {
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
		if l := <-ended; l.cmd.ProcessState.Exited() {
			t.Errorf("round %d: the last one ended by itself with %v: %s", round, l.cmd.ProcessState, tail(l.out.String()))
		}
	}
	k.finish(t)
	report := k.seek.Report()
	for _, v := range report.Violations {
		t.Errorf("violation: %+v", v)
	}
	t.Logf("%d programs, %d queries, smallest gap %v", rounds*programs, report.Queries, report.SmallestGap)
}

// wait lets n queries come in.
func (k *killSite) wait(t *testing.T, ctx context.Context, n int) {
	t.Helper()
	for until := len(k.seek.Queries()) + n; len(k.seek.Queries()) < until; {
		select {
		case <-ctx.Done():
			t.Fatal(fmt.Errorf("waiting for %d queries: %w", n, ctx.Err()))
		case <-time.After(20 * time.Millisecond):
		}
	}
}
