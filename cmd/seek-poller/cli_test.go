package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// cli runs the program in-process.
func cli(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// TestWrongUse: whoever types something wrong is told what, and what would be right; data stays off stderr and errors off stdout.
func TestWrongUse(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "none.yaml")
	tests := []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"statsu"}, exitUsage, []string{`unknown verb "statsu"`, `"status"`, "--help"}},
		{[]string{"frobnicate"}, exitUsage, []string{"unknown verb", "there are:", "run"}},
		{[]string{"status", "--databse", "x"}, exitUsage, []string{"--databse", "see: seek-poller status --help"}},
		{[]string{"status", "extra"}, exitUsage, []string{"takes no argument", `"extra"`}},
		{[]string{"status", "-o", "xml"}, exitUsage, []string{`"xml"`, "table or json"}},
		{[]string{"events"}, exitUsage, []string{"needs a verb", "list, show"}},
		{[]string{"events", "lst"}, exitUsage, []string{`unknown verb "lst"`}},
		{[]string{"events", "show"}, exitUsage, []string{"exactly one event id"}},
		{[]string{"run", "--config", missing}, exitConfig, []string{missing + ": does not exist\n  give the path of a file"}},
		{[]string{"check", "--config", missing}, exitConfig, []string{missing}},
		{[]string{"status", "--database", filepath.Join(dir, "none.db")}, exitFailed, []string{"none.db"}},
		{[]string{"simulate", "--listen", "0.0.0.0:9400"}, exitUsage, []string{"not a loopback address", "127.0.0.1"}},
		{[]string{"simulate", "--listen", "127.0.0.1:99999"}, exitUsage, []string{"not an address with a port"}},
		{[]string{"run", "--database", "x"}, exitUsage, []string{"seek-poller run takes no --database", "database: in the config"}},
		{[]string{"--database=x", "check"}, exitUsage, []string{"seek-poller check takes no --database"}},
		{[]string{"demo", "--database", "x"}, exitUsage, []string{"seek-poller demo takes no --database"}},
		{[]string{"simulate", "--database", "x"}, exitUsage, []string{"seek-poller simulate takes no --database"}},
		{[]string{"status", "--database", "x", "-o", "xml"}, exitUsage, []string{`"xml"`, "table or json"}},
		{[]string{"--database", filepath.Join(dir, "none.db"), "cursors", "list"}, exitFailed, []string{"none.db"}},
		{[]string{"simulate", "--fault", "503"}, exitUsage, []string{"NAME=SHARE", "503=0.1"}},
		{[]string{"simulate", "--fault", "flood=0.1"}, exitUsage, []string{"flood", "cut"}},
		{[]string{"simulate", "--rate", "-1"}, exitUsage, []string{"must not be negative"}},
		{[]string{"demo", "--for", "-1s"}, exitUsage, []string{"negative"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			code, stdout, stderr := cli(t, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if stdout != "" {
				t.Errorf("stdout: %q, want nothing", stdout)
			}
			for _, want := range test.says {
				if !strings.Contains(stderr, want) {
					t.Errorf("stderr does not say %q:\n%s", want, stderr)
				}
			}
			if strings.Contains(stderr, "goroutine") {
				t.Errorf("a stack trace:\n%s", stderr)
			}
		})
	}
}

// TestReadingVerbs: what a verb shows as a table it also shows as JSON, from the files that a demo left.
func TestReadingVerbs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "demo")
	stage(t, dir)
	config := filepath.Join(dir, "seek-poller.yaml")
	var events []eventJSON
	readJSON(t, &events, "events", "list", "--config", config)
	if len(events) != 50 {
		t.Fatalf("%d events, want a page of 50", len(events))
	}
	id := events[0].ID
	for _, args := range [][]string{
		{"cursors", "list"}, {"events", "list"}, {"events", "show", id}, {"deliveries", "list"}, {"deliveries", "attempts", id},
	} {
		args = append(args, "--config", config)
		code, table, stderr := cli(t, args...)
		if code != exitDone || table == "" {
			t.Errorf("%v ended with %d: %s", args, code, stderr)
		}
		var v any
		readJSON(t, &v, args...)
	}
	for _, format := range []string{"table", "json"} {
		if code, stdout, stderr := cli(t, "status", "--config", config, "-o", format); code != exitUnhealthy || !strings.Contains(stdout, "applications") {
			t.Errorf("status -o %s ended with %d, want 3: no daemon runs\n%s%s", format, code, stdout, stderr)
		}
	}
	if code, _, stderr := cli(t, "events", "show", "seekAnz:event:events:none", "--config", config); code != exitFailed || !strings.Contains(stderr, "no event") {
		t.Errorf("an unknown event ended with %d: %s", code, stderr)
	}
	var next []eventJSON
	readJSON(t, &next, "events", "list", "--config", config, "--before", "51", "--limit", "1000")
	if len(next) == 0 || next[0].Seq >= 51 {
		t.Errorf("paging: %d events from %+v", len(next), next[:min(1, len(next))])
	}
}

func readJSON(t *testing.T, v any, args ...string) {
	t.Helper()
	code, stdout, stderr := cli(t, append(args, "-o", "json")...)
	if code != exitDone {
		t.Fatalf("%v ended with %d: %s", args, code, stderr)
	}
	if err := json.Unmarshal([]byte(stdout), v); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stdout)
	}
}

// TestSecondDaemonIsRefused: it is told who holds the database.
func TestSecondDaemonIsRefused(t *testing.T) {
	k := newKillSite(t, 10)
	first, _ := k.program(t, t.Context())
	defer first.Process.Kill()
	<-k.asked
	second, out := k.program(t, t.Context())
	if err := second.Wait(); err == nil {
		t.Error("the second daemon ended without an error")
	}
	host, _ := os.Hostname()
	for _, want := range []string{"in use by process", host, "stop that one first"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

// TestEveryVerbHasHelp: each verb explains itself, and those that do something show examples.
func TestEveryVerbHasHelp(t *testing.T) {
	for _, verb := range []string{"run", "demo", "simulate", "check", "status", "cursors list", "events list", "events show", "deliveries list", "deliveries attempts"} {
		code, stdout, _ := cli(t, append(strings.Fields(verb), "--help")...)
		if code != exitDone || !strings.Contains(stdout, "Examples:") {
			t.Errorf("%s --help ended with %d:\n%s", verb, code, stdout)
		}
	}
	if code, stdout, _ := cli(t, "completion", "bash"); code != exitDone || !strings.Contains(stdout, "complete") {
		t.Errorf("completion bash ended with %d", code)
	}
	var v versionInfo
	readJSON(t, &v, "version")
	if v.Name != "seek-poller" || v.SQLite == "" {
		t.Errorf("version: %+v", v)
	}
}
