package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDiskFullWhileRunning fills the disk under a running program, for strace answers each of its writes with "no space left on device": it stops asking
// SEEK, for a page that cannot be kept must not be fetched, and says so. With room again it goes on by itself.
func TestDiskFullWhileRunning(t *testing.T) {
	t.Parallel()
	needStrace(t)
	for name, events := range map[string]int{"with a page in hand": 2000, "in the quiet period": 50} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := newKillSite(t, events)
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
			defer cancel()
			cmd, out := k.program(t, ctx)
			k.wait(t, ctx, 1)
			time.Sleep(300 * time.Millisecond)
			room := fillDisk(t, ctx, cmd.Process.Pid)
			k.seek.Add(300)
			time.Sleep(500 * time.Millisecond) // a query that was under way comes in
			before := len(k.seek.Queries())
			time.Sleep(4 * time.Second) // more than the quiet period and a tick
			if now := len(k.seek.Queries()); now != before {
				t.Errorf("%d queries were made while nothing could be written", now-before)
			}
			if text := out.String(); !strings.Contains(text, "full") {
				t.Errorf("nobody was told that the disk is full: %s", tail(text))
			}
			room()
			k.wait(t, ctx, 3)
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			_ = cmd.Wait()
			k.checkOutput(t, out.String())
			k.finish(t)
			for _, v := range k.seek.Report().Violations {
				t.Errorf("violation: %+v", v)
			}
		})
	}
}

// fillDisk lets the writes of a process fail until room is called.
func fillDisk(t *testing.T, ctx context.Context, pid int) (room func()) {
	t.Helper()
	full := exec.CommandContext(ctx, "strace", "-f", "-p", fmt.Sprint(pid), "-o", "/dev/null", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC")
	said := new(output)
	full.Stderr = said
	if err := full.Start(); err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(said.String(), "attached") {
		if ctx.Err() != nil {
			t.Fatalf("strace does not attach: %s", said.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return func() {
		_ = full.Process.Signal(os.Interrupt)
		_ = full.Wait()
	}
}

// TestSlotIsOnTheDiskBeforeItsQuery reads the program's system calls: the last that it does before a query goes out is to sync the log with the slot in
// it, and to note the slot beside the database.
func TestSlotIsOnTheDiskBeforeItsQuery(t *testing.T) {
	t.Parallel()
	needStrace(t)
	k := newKillSite(t, 700)
	k.withoutDestinations(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(k.dir, "trace")
	cmd := exec.CommandContext(t.Context(), "strace", "-f", "-y", "-s", "16", "--seccomp-bpf", "-o", trace, "-e", "trace=fsync,fdatasync,pwrite64,write,sendto",
		self, "run", "--config", filepath.Join(k.dir, "config.yaml"))
	cmd.Env = append(os.Environ(), "TEST_AS_PROGRAM=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out := new(output)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	k.wait(t, ctx, 6)
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) // strace waits for the program to end
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("stopped, it ended with %v: %s", err, tail(out.String()))
	}
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(k.dir, "seek-poller.db")
	queries, last, before := 0, "", ""
	for line := range strings.Lines(string(text)) {
		now := ""
		switch {
		case strings.Contains(line, `"POST /graphql`):
			if queries++; before != "sync" || last != "note" {
				t.Errorf("query %d went out after a %s and a %s", queries, before, last)
			}
		case strings.Contains(line, database+".lock>"):
			now = "note"
		case !strings.Contains(line, database+"-wal>"):
		case strings.Contains(line, "sync("):
			now = "sync"
		default:
			now = "write"
		}
		if now != "" && now != last {
			before, last = last, now
		}
	}
	if queries < 6 {
		t.Errorf("only %d queries were seen: %s", queries, tail(out.String()))
	}
	t.Logf("%d queries", queries)
}

// withoutDestinations leaves the log to the poller.
func (k *killSite) withoutDestinations(t *testing.T) {
	t.Helper()
	path := filepath.Join(k.dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(text), "destinations:")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
}

func needStrace(t *testing.T) {
	t.Helper()
	err := exec.Command("strace", "-o", "/dev/null", "true").Run()
	if err == nil && os.Getuid() != 0 {
		err = fmt.Errorf("only root may trace a process that runs")
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true" && os.Getuid() == 0:
		t.Fatalf("strace does not work here: %v", err)
	default:
		t.Skipf("strace does not work here: %v", err)
	}
}
