package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"seekpoller/internal/simulator"
)

// machine is where an operator works: a real SEEK, a real receiver, and the daemon as a service. systemctl's part is played.
type machine struct {
	*killSite
	t       *testing.T
	service *exec.Cmd // nil: stopped
	out     *output
}

// TestOperateCommands runs every command of docs/operate.md, in order: a restart, a reload, a backup, a restore over the database, a move. Through all of it
// SEEK's rules hold and nothing is lost. Paths are moved into the test's directory, and users are left as they are.
func TestOperateCommands(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operate.md")
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{killSite: newKillSite(t, 400), t: t}
	m.start()
	t.Cleanup(func() {
		if m.service != nil {
			m.service.Process.Kill()
		}
	})
	commands := shellCommands(string(text))
	if len(commands) < 12 {
		t.Fatalf("only %d commands found: %q", len(commands), commands)
	}
	for _, command := range commands {
		m.awaitQuery()
		t.Run(command, func(t *testing.T) { m.do(t, command) })
	}
	m.seek.Add(30) // for the life after the last command
	m.killSite.finish(t)
	for _, v := range m.seek.Report().Violations {
		t.Errorf("SEEK saw a broken rule: %+v", v)
	}
	if c := simulator.Compare(m.seek, m.receiver.Accepted()); len(c.Lost) > 0 || c.Owed < 300 {
		t.Errorf("of %d events, lost %v", c.Owed, c.Lost)
	}
}

func (m *machine) do(t *testing.T, command string) {
	t.Helper()
	command = strings.NewReplacer("/var/lib/seek-poller/", m.dir+"/", "/var/backups/", m.dir+"/backup-of-", " -o seek-poller -g seek-poller", "").Replace(command)
	words := strings.Fields(command)
	switch words[0] {
	case "systemctl":
		m.systemctl(t, words[1:])
	case "journalctl":
		if words[1] != "-u" || words[2] != "seek-poller" {
			t.Errorf("that is another unit's log")
		}
	case "seek-poller":
		args := words[1:]
		if !strings.Contains(command, "--database") {
			args = append(args, "--socket", filepath.Join(m.dir, "admin.sock"))
		}
		if code, stdout, stderr := cli(t, args...); code != exitDone {
			t.Errorf("ended with %d\n%s%s", code, stdout, stderr)
		}
	case "mv", "rm", "install":
		runShell(t, command)
	default:
		t.Errorf("nobody runs %q", command)
	}
}

func (m *machine) systemctl(t *testing.T, words []string) {
	t.Helper()
	if words[len(words)-1] != "seek-poller" {
		t.Errorf("that is another unit")
	}
	switch words[0] {
	case "status":
	case "reload":
		if err := m.service.Process.Signal(syscall.SIGHUP); err != nil {
			t.Error(err)
		}
		if err := eventually(func() bool { return strings.Contains(m.out.String(), "config reloaded") }); err != nil {
			t.Errorf("no reload: %v\n%s", err, tail(m.out.String()))
		}
	case "restart":
		m.stop(t)
		m.start()
	case "stop":
		m.stop(t)
	case "disable":
		if words[1] != "--now" {
			t.Error("it would go on")
		}
		m.stop(t)
	case "start":
		m.start()
	default:
		t.Errorf("nobody plays systemctl %v", words)
	}
}

// awaitQuery lets the daemon, if it runs, come to a query between two commands.
func (m *machine) awaitQuery() {
	if m.service != nil {
		m.killSite.awaitQuery(m.t)
	}
}

func (m *machine) start() { m.service, m.out = m.program(m.t, context.Background()) }

func (m *machine) stop(t *testing.T) {
	t.Helper()
	if err := m.service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(m.service); err != nil {
		t.Errorf("stopped, it ended with %v\n%s", err, tail(m.out.String()))
	}
	m.checkOutput(t, m.out.String())
	m.service = nil
}
