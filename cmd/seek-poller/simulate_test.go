package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestSimulateAsPasted: the lines that simulate prints for a shell, pasted into one, leave a config that is right and that run polls with.
func TestSimulateAsPasted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var shown, errs output
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"simulate", "--listen", "127.0.0.1:0", "--interval", "200ms", "--quiet", "1500ms", "--latency", "0s"}, &shown, &errs)
	}()
	defer func() {
		cancel()
		if code := <-ended; code != exitDone {
			t.Errorf("simulate ended with %d\n%s%s", code, shown.String(), errs.String())
		}
	}()
	lines := regexp.MustCompile(`(?s)\n(cd .*?\nEND)\n`)
	if err := eventually(func() bool { return lines.MatchString(shown.String()) }); err != nil {
		t.Fatalf("no lines for a shell: %v\n%s%s", err, shown.String(), errs.String())
	}
	paste := exec.Command("sh", "-ec", lines.FindStringSubmatch(shown.String())[1]+"\npwd")
	paste.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	where, err := paste.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, where)
	}
	dir := strings.TrimSpace(string(where))
	config := filepath.Join(dir, "seek-poller.yaml")

	code, stdout, stderr := cli(t, "check", "--config", config, "--connect")
	if code != exitDone || stderr != "" || !strings.Contains(stdout, " is right: 1 stream, 1 destination\n") {
		t.Errorf("check ended with %d\n%s%s", code, stdout, stderr)
	}
	polling, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan int, 1)
	var log output
	go func() { done <- run(polling, []string{"run", "--config", config}, &log, &log) }()
	err = eventually(func() bool {
		files, err := os.ReadDir(filepath.Join(dir, "spool"))
		return err == nil && len(files) >= 200
	})
	stop()
	if code := <-done; code != exitDone || err != nil {
		t.Errorf("run ended with %d, the spool directory: %v\n%s", code, err, tail(log.String()))
	}
}

// TestSimulateOnATakenPort: the call is right, the port is not free.
func TestSimulateOnATakenPort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	code := run(ctx, []string{"simulate", "--listen", taken.Addr().String()}, &out, &errs)
	if code != exitFailed || !strings.Contains(errs.String(), "already in use") || !strings.Contains(errs.String(), "--listen 127.0.0.1:0") {
		t.Errorf("ended with %d: %s", code, errs.String())
	}
}
