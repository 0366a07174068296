package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// isTrial says of a documented command that it tries a sample handler.
func isTrial(command string) bool {
	return strings.Contains(command, "docs/handlers/") || strings.Contains(command, "try/")
}

// TestTriedHandlers runs the commands of docs/receive.md that try the sample handlers, as they stand, on other ports: after each start of SEEK
// and the daemon, a handler stores events and gets a profile.
func TestTriedHandlers(t *testing.T) {
	t.Parallel()
	tr := newBeginner(t)
	tried := 0
	for _, command := range tr.commands {
		switch {
		case strings.HasPrefix(command, "docs/handlers/try"):
			tr.stage = command
		case strings.HasPrefix(command, ". try/env"):
			tried++
			t.Run(command, func(t *testing.T) { tr.try(t, command) })
		default:
			t.Run(command, func(t *testing.T) { tr.look(t, command) })
		}
	}
	if tried < 5 {
		t.Errorf("only %d handlers were tried: %q", tried, tr.commands)
	}
}

// beginner is a copy of what somebody has who has the source and has built the program.
type beginner struct {
	dir      string
	env      []string
	commands []string
	stage    string // the command that starts SEEK and the daemon
	kept     bool   // the handler that was tried last has stored something
}

func newBeginner(t *testing.T) *beginner {
	t.Helper()
	tr := &beginner{dir: t.TempDir(), env: append(os.Environ(), "TRY_SEEK="+freeAddress(t), "HANDLER_LISTEN="+freeAddress(t))}
	text, err := os.ReadFile("../../docs/receive.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range shellCommands(string(text)) {
		if isTrial(command) {
			tr.commands = append(tr.commands, command)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(tr.dir, "docs/handlers"), os.DirFS(handlersDir)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		copied, err := os.ReadFile("../../" + name)
		if err == nil {
			err = os.WriteFile(filepath.Join(tr.dir, name), copied, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	script := fmt.Sprintf("#!/bin/sh\nTEST_AS_PROGRAM=1 exec %s \"$@\"\n", self)
	if err := os.WriteFile(filepath.Join(tr.dir, "seek-poller"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return tr
}

// try begins anew and runs one handler until it has a profile.
func (tr *beginner) try(t *testing.T, command string) {
	tr.kept = false
	for word, tools := range map[string][]string{"try/env": {"openssl"}, "python3": {"python3"}, "node": {"node"}, "shell": {"bash", "sqlite3", "curl", "jq", "socat"}} {
		for _, tool := range tools {
			if strings.Contains(command, word) {
				needTool(t, tool)
			}
		}
	}
	for _, name := range []string{"try/handler.db", "try/handler.jsonl"} {
		if err := os.RemoveAll(filepath.Join(tr.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	stage := tr.start(t, tr.stage)
	if err := eventually(func() bool { return strings.Contains(stage.String(), "page saved") }); err != nil {
		t.Fatalf("nothing is polled: %v\n%s", err, stage.String())
	}
	handler := tr.start(t, command)
	stored := func() int {
		if strings.Contains(command, "node") {
			return readJournal(t, filepath.Join(tr.dir, "try/handler.jsonl")).stored()
		}
		return readDatabase(t, filepath.Join(tr.dir, "try/handler.db")).stored()
	}
	for range 6 {
		if eventually(func() bool { return stored() > 0 }) == nil {
			tr.kept = true
			return
		}
	}
	t.Errorf("no profile was stored:\n%s\n%s", tail(stage.String()), tail(handler.String()))
}

// stored counts the profiles that SEEK gave.
func (k kept) stored() int {
	n := 0
	for _, list := range k.work {
		for _, w := range list {
			if w.outcome == "stored" {
				n++
			}
		}
	}
	return n
}

// start runs a command in the background until the test ends, as Ctrl-C ends it.
func (tr *beginner) start(t *testing.T, command string) *output {
	t.Helper()
	out := new(output)
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = tr.dir, tr.env, out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		if err := awaitEnd(cmd); errors.Is(err, errOverdue) {
			t.Errorf("%s: %v\n%s", command, err, tail(out.String()))
		}
	})
	return out
}

// look runs a command that shows what was stored.
func (tr *beginner) look(t *testing.T, command string) {
	needSQLite(t)
	if !tr.kept {
		t.Skip("the handler before it in the document stored nothing here, see there why")
	}
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = tr.dir
	if out, err := cmd.CombinedOutput(); err != nil || len(out) == 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestShellSignature: the shell's own HMAC is the same as everybody's, whatever is in the secret and however long it is.
func TestShellSignature(t *testing.T) {
	for _, tool := range []string{"bash", "openssl", "sqlite3"} {
		needTool(t, tool)
	}
	body := `{"events":[{"id":"e","type":"t"}]}`
	for _, key := range []string{secret, "100%s %d \\x41 \\n 'quoted' \"$HOME\" ünïcode", strings.Repeat("k", 127), strings.Repeat("k", 128), strings.Repeat("%", 129), strings.Repeat("ß", 127)} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for signature, want := range map[string]string{sign(key, body): "HTTP/1.1 200", sign(key+"\n", body): "HTTP/1.1 401", hex.EncodeToString(make([]byte, sha512.Size)): "HTTP/1.1 401"} {
			cmd := exec.Command("bash", handlersDir+"/shell/hook.sh")
			cmd.Env = append(os.Environ(), "HANDLER_DATABASE="+dir+"/handler.db", "HANDLER_SECRET_FILE="+dir+"/secret")
			cmd.Stdin = strings.NewReader(fmt.Sprintf("POST /seek HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\nseek-signature: %s\r\n\r\n%s", len(body), signature, body))
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.HasPrefix(out, []byte(want)) {
				t.Errorf("secret %q: got %q (%v), want %s", key, out, err, want)
			}
		}
	}
}
