package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnit: systemd understands every line of the unit, also with the drop-ins, and counts an exposure of at most 1.3 without them.
func TestUnit(t *testing.T) {
	needTool(t, "systemd-analyze")
	unit := layOutUnit(t)
	analyze(t, unit, "security", "--offline=true", "--threshold=13", "--no-pager", unit)
	analyze(t, unit, "verify", "--man=no", unit)
	for _, name := range []string{"exec.conf", "spool.conf", "group.conf"} {
		text, err := os.ReadFile("../../deploy/" + name)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(unit+".d", name), string(text))
	}
	analyze(t, unit, "verify", "--man=no", unit)
}

// layOutUnit puts the unit where it can have drop-ins, with a program that exists, since verify looks for it.
func layOutUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/seek-poller.service")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "seek-poller.service")
	writeFile(t, unit, strings.ReplaceAll(string(text), "/usr/bin/seek-poller", self))
	return unit
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// analyze fails the test if systemd-analyze complains, by its exit code or by a line about the unit: verify ends with 0 at a key that it does not know.
func analyze(t *testing.T, unit string, args ...string) {
	t.Helper()
	out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	for line := range strings.Lines(string(out)) {
		if args[0] == "verify" && strings.Contains(line, filepath.Dir(unit)) {
			t.Errorf("systemd-analyze verify: %s", line)
		}
	}
}
