package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDocumentedCommands runs every command in a sh block of the README and of docs/, as it stands, in a directory where a demo has run
// and its config is called seek-poller.yaml. Commands that go on until stopped are stopped.
func TestDocumentedCommands(t *testing.T) {
	commands := documentedCommands(t)
	if len(commands) < 10 {
		t.Fatalf("only %d commands found: %q", len(commands), commands)
	}
	dir := filepath.Join(t.TempDir(), "demo")
	stage(t, dir)
	t.Chdir(dir)
	for _, command := range commands {
		t.Run(command, func(t *testing.T) { runDocumented(t, command) })
	}
}

func documentedCommands(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	var commands []string
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "```") {
			if block, ok := strings.CutPrefix(part, "sh\n"); ok && i%2 == 1 {
				commands = append(commands, strings.Split(strings.TrimSpace(block), "\n")...)
			}
		}
	}
	return commands
}

// stage runs a short demo that leaves its files in dir.
func stage(t *testing.T, dir string) {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"demo", "--for", "6s", "--dir", dir}, &out, &errs); code != exitDone {
		t.Fatalf("demo ended with %d\n%s%s", code, out.String(), errs.String())
	}
	for _, want := range []string{"0 violations, 0 lost, 0 delivered twice", "CandidateApplicationCreated", "legal only on loopback"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the demo does not say %q:\n%s", want, out.String())
		}
	}
}

func runDocumented(t *testing.T, command string) {
	words := strings.Fields(command)
	switch {
	case words[0] == "sqlite3":
		runShell(t, command)
	case words[0] == "seek-poller":
		runVerb(t, words[1:])
	case command == "go run ./cmd/seek-poller demo", command == "go test ./...", strings.HasPrefix(command, "go build "), strings.HasPrefix(command, "go test "):
		// The first is what stage ran; the others are this run, and CI's.
	default:
		t.Errorf("nobody runs %q", command)
	}
}

// runShell runs a command that needs a program which a contributor may lack.
func runShell(t *testing.T, command string) {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have the sqlite3 shell")
		}
		t.Skip("the sqlite3 shell is not installed")
	}
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func runVerb(t *testing.T, args []string) {
	t.Helper()
	for i, arg := range args {
		args[i] = strings.Trim(arg, `"'`)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	want := exitDone
	switch {
	case args[0] == "run" || args[0] == "simulate":
		time.AfterFunc(2*time.Second, cancel) // as Ctrl-C does
	case args[0] == "check" && args[len(args)-1] == "--connect":
		want = exitFailed // the demo's SEEK is gone
	}
	var out, errs bytes.Buffer
	if code := run(ctx, args, &out, &errs); code != want {
		t.Errorf("ended with %d, want %d\n%s%s", code, want, out.String(), errs.String())
	}
}
