package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckPrint: what is printed is a config that prints the same, without its secrets, and data alone is on stdout.
func TestCheckPrint(t *testing.T) {
	text := strings.Replace(checkedConfig, "destinations:\n", `destinations:
  - {name: run, exec: {command: [/bin/cat], env: {KEY: `+canary+`}}}
  - {name: ats, webhook: {url: "http://127.0.0.1:1/x?key=`+canary+`", secret_file: ats-secret}}
`, 1) + "heartbeat: {url: https://hc.example.com/" + canary + "}\n"
	path := checkDir(t, text)
	t.Setenv("SEEK_POLLER_LOG_LEVEL", "debug")
	code, first, stderr := cli(t, "check", "--print", "--config", path)
	if code != exitDone || stderr != "" || !strings.Contains(first, "\n  level: debug # SEEK_POLLER_LOG_LEVEL\n") || !strings.Contains(first, filepath.Dir(path)+"/seek-poller.db # line 1\n") {
		t.Errorf("ended with %d\n%s%s", code, first, stderr)
	}
	again := filepath.Join(t.TempDir(), "again.yaml")
	if err := os.WriteFile(again, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	var values [2]map[string]any
	for i, file := range []string{path, again} {
		code, stdout, stderr := cli(t, "check", "--print", "-o", "json", "--config", file)
		if err := json.Unmarshal([]byte(stdout), &values[i]); err != nil || code != exitDone || stderr != "" {
			t.Errorf("%s: ended with %d, %v\n%s", file, code, err, stderr)
		}
		if strings.Contains(first+stdout, canary) || strings.Contains(first+stdout, secret) {
			t.Errorf("a secret is shown:\n%s%s", first, stdout)
		}
	}
	one, _ := json.Marshal(values[0])
	other, _ := json.Marshal(values[1])
	if string(one) != string(other) || len(one) < 500 {
		t.Errorf("printed\n%s\nand, read again,\n%s", one, other)
	}
}

// TestCheckJSON says what programs ask of a config that is right.
func TestCheckJSON(t *testing.T) {
	path := checkDir(t, strings.Replace(checkedConfig, "{path: spool}", "{path: later}", 1))
	code, stdout, _ := cli(t, "check", "-o", "json", "--config", path)
	var said checked
	if err := json.Unmarshal([]byte(stdout), &said); err != nil || code != exitDone || said.Streams != 2 || said.Destinations != 1 || len(said.Warnings) != 1 {
		t.Errorf("ended with %d, %v\n%s", code, err, stdout)
	}
}
