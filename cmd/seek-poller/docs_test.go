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
	background, stop := context.WithCancel(t.Context())
	defer stop()
	for _, command := range commands {
		t.Run(command, func(t *testing.T) { runDocumented(t, background, command) })
	}
}

// TestReadmeConfig: the README's config is right once the README's commands have made what it names, and the secrets were put in.
func TestReadmeConfig(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "\n```yaml\n")
	config, rest, _ := strings.Cut(rest, "\n```\n")
	_, rest, _ = strings.Cut(rest, "\n```sh\n")
	commands, _, found := strings.Cut(rest, "\n```\n")
	if !found || !strings.HasPrefix(commands, "install ") {
		t.Fatalf("the README has no config with commands after it, but %q", commands)
	}
	t.Chdir(t.TempDir())
	runShell(t, commands)
	for _, name := range []string{"seek-client-secret", "ats-secret", "seek-poller.yaml"} {
		text := map[bool]string{true: config, false: secret}[name == "seek-poller.yaml"]
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, stdout, stderr := cli(t, "check", "--config", "seek-poller.yaml")
	if code != exitDone || strings.Count(stderr, "warning: ") != 1 || !strings.Contains(stderr, "seek.client_id: is the placeholder") {
		t.Errorf("ended with %d, want the placeholder pointed out and nothing else\n%s%s", code, stdout, stderr)
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
		switch filepath.Base(file) {
		case "support.md", "operate.md", "alerts.md", "metrics.md": // for people beside a running service: TestSupportCommands, TestOperateCommands, TestWatchingCommands
			continue
		case "install.md": // for people at a new machine: deploy/trial
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands = append(commands, shellCommands(string(text))...)
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

func runDocumented(t *testing.T, background context.Context, command string) {
	words := arguments(command)
	switch {
	case isTrial(command): // run by TestTriedHandlers
	case words[0] == "sqlite3":
		needSQLite(t)
		runShell(t, command)
	case words[0] == "install", words[0] == "touch", words[0] == "chmod":
		runShell(t, command)
	case words[0] == "./seek-poller": // where go build has put it
		runVerb(t, background, words[1:])
	case command == "go run ./cmd/seek-poller demo", command == "go test ./...", strings.HasPrefix(command, "go build "), strings.HasPrefix(command, "go test "):
		// The first is what stage ran; the others are this run, and CI's.
	default:
		t.Errorf("nobody runs %q", command)
	}
}

// needSQLite skips where a contributor lacks the shell of SQLite.
func needSQLite(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have the sqlite3 shell")
		}
		t.Skip("the sqlite3 shell is not installed")
	}
}

func runShell(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// runVerb runs a documented command. The daemon goes on until the test ends, because later commands ask it.
func runVerb(t *testing.T, background context.Context, args []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	want := exitDone
	switch args[0] {
	case "run":
		startDocumented(t, background, args)
		return
	case "simulate":
		args = append(args, "--listen", "127.0.0.1:0") // its own port may be taken on this machine
		time.AfterFunc(2*time.Second, cancel)          // as Ctrl-C does
	case "check":
		if args[len(args)-1] == "--connect" {
			want = exitFailed // likewise
		}
	}
	var out, errs bytes.Buffer
	code := run(ctx, args, &out, &errs)
	if args[0] == "status" && code == exitUnhealthy {
		code = want // sooner or later: the demo's SEEK is gone
	}
	if code != want {
		t.Errorf("ended with %d, want %d\n%s%s", code, want, out.String(), errs.String())
	}
}

// startDocumented runs the daemon until background ends, and returns when it answers.
func startDocumented(t *testing.T, background context.Context, args []string) {
	t.Helper()
	log := new(output)
	go run(background, args, log, log)
	if err := eventually(func() bool { return strings.Contains(log.String(), "answers people") }); err != nil {
		t.Errorf("the daemon does not answer: %v\n%s", err, log.String())
	}
}
