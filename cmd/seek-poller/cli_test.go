package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/admin"
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
		{[]string{"events"}, exitUsage, []string{"needs a verb", "list, replay, show"}},
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
		{[]string{"purge"}, exitUsage, []string{"one of these flags is needed: --candidate, --hirer, --before\n", "see: seek-poller purge --help"}},
		{[]string{"purge", "--hirer", "a", "--candidate", "b"}, exitUsage, []string{"only one of these flags can be given: --candidate, --hirer\n"}},
		{[]string{"backfill", "start", "--stream", "a"}, exitUsage, []string{"these flags are needed too: --from, --to\n", "see: seek-poller backfill start --help"}},
		{[]string{"status", "--socket", filepath.Join(dir, "none.sock")}, exitNoDaemon, []string{"no daemon answers at", "seek-poller run", "--database FILE"}},
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
	database := filepath.Join(dir, "seek-poller.db")
	var events admin.Events
	readJSON(t, &events, "events", "list", "--database", database)
	if len(events.Events) != 50 || events.Next == "" {
		t.Fatalf("%d events and then %q, want a page of 50 and more", len(events.Events), events.Next)
	}
	id := events.Events[0].ID
	for _, args := range [][]string{
		{"cursors", "list"}, {"cursors", "history"}, {"cursors", "history", "applications"}, {"events", "list"}, {"events", "show", id}, {"events", "explain", id},
		{"deliveries", "list"}, {"deliveries", "attempts", id}, {"destinations", "list"}, {"actions"},
	} {
		args = append(args, "--database", database)
		code, table, stderr := cli(t, args...)
		if code != exitDone || table == "" {
			t.Errorf("%v ended with %d: %s", args, code, stderr)
		}
		var v map[string]any
		readJSON(t, &v, args...)
	}
	for _, format := range []string{"table", "json"} {
		if code, stdout, stderr := cli(t, "status", "--database", database, "-o", format); code != exitUnhealthy || !strings.Contains(stdout, "applications") {
			t.Errorf("status -o %s ended with %d, want 3: no daemon runs\n%s%s", format, code, stdout, stderr)
		}
	}
	for _, args := range [][]string{{"events", "show", "seekAnz:event:events:none"}, {"events", "explain", "seekAnz:event:events:none"}} {
		if code, _, stderr := cli(t, append(args, "--database", database)...); code != exitFailed || !strings.Contains(stderr, "no event") || !strings.Contains(stderr, "applications: not polling: no daemon runs") {
			t.Errorf("%v, an unknown event, ended with %d: %s", args, code, stderr)
		}
	}
	var next admin.Events
	readJSON(t, &next, "events", "list", "--database", database, "--before", string(events.Next), "--limit", "1000")
	if last := events.Events[49].StreamedAt; len(next.Events) == 0 || next.Events[0].StreamedAt.After(last.Time) {
		t.Errorf("paging: %d events from %+v", len(next.Events), next.Events[:min(1, len(next.Events))])
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
	k.awaitQuery(t)
	second, out := k.program(t, t.Context())
	if err := awaitEnd(second); err == nil {
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
	for _, verb := range []string{"run", "demo", "simulate", "check", "status", "cursors list", "cursors history", "cursors rewind", "backfill plan", "backfill start", "backfill list", "backfill follow", "backfill cancel", "reconcile", "events list", "events show", "events explain", "deliveries list", "events replay", "deliveries attempts", "deliveries retry", "deliveries discard", "destinations list", "destinations pause", "destinations resume", "actions"} {
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
