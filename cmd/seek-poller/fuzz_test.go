package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// inTable says whether the man page knows the exit code.
func inTable(code int) bool {
	for _, known := range exitCodes {
		if known.code == code {
			return true
		}
	}
	return false
}

// FuzzArguments: whatever somebody types, the program ends with a code of the table, says why where it failed, and shows neither a stack nor anything that
// moves a terminal. A line is an argument; DB stands for a small database, a copy for each run.
func FuzzArguments(f *testing.F) {
	for _, args := range []string{
		"statsu", "events\nlst", "events\nshow", "help\nnope", "--version", "-o\nxml\nversion", "completion\nbash", "status\n--databse\nx", "\x1b[31m", "events\nlist\n--\x07",
		"check\n--print\n-o\njson", "events\n\xff\u202e",
	} {
		f.Add(args)
	}
	for _, verb := range []string{
		"status", "cursors\nlist", "cursors\nhistory\nall\n--cursor\n1", "events\nlist\n--since\n2026-01-01\n--limit\n0", "events\nshow\ne1", "events\nexplain\n--hirer\nh",
		"deliveries\nlist\n--state\ndead", "deliveries\nattempts\ne1", "destinations\nlist", "actions\n--before\n-1", "verify", "backfill\nlist", "backfill\nfollow\n1",
		"deliveries\nretry\n--destination\nats\n--yes\n--reason\nwhy", "destinations\npause\nats\n--yes\n--reason\nwhy", "purge\n--candidate\nc\n--yes\n--reason\nwhy",
		"cursors\nrewind\nall\n--to-time\n2026-01-01", "events\nreplay\n--destination\nats\n--since\n2026-01-01", "backfill\nstart\n--stream\nall\n--from\n2026-01-01\n--to\n2026-01-02",
		"reconcile\nall\n--yes\n--reason\nwhy", "backfill\ncancel\n9223372036854775807\n--yes\n--reason\nwhy",
	} {
		f.Add(verb + "\n--database\nDB")
	}
	small, err := os.ReadFile(hostileDatabase(f))
	if err != nil {
		f.Fatal(err)
	}
	dir := f.TempDir()
	f.Setenv("SEEK_POLLER_CONFIG", filepath.Join(dir, "none.yaml"))
	f.Setenv("SEEK_POLLER_SOCKET", filepath.Join(dir, "none.sock"))
	f.Fuzz(func(t *testing.T, lines string) {
		args := strings.Split(lines, "\n")
		if !harmless(args) {
			return
		}
		path := filepath.Join(memoryDir(t), "copy.db")
		for i, arg := range args {
			if arg == "DB" {
				args[i] = path
			}
		}
		if slices.Contains(args, path) {
			if err := os.WriteFile(path, small, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		checkArguments(t, args)
	})
}

// harmless says that the arguments reach no network and no file but the copy.
func harmless(args []string) bool {
	cmd, _, err := newRoot().Find(args)
	if err == nil && slices.Contains([]string{"run", "demo", "simulate", "backup"}, cmd.Name()) {
		return false
	}
	for i, arg := range args {
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case name == "--connect", name == "--socket", name == "--config":
			return false
		case name == "--database" && (joined && value != "" || !joined && i+1 < len(args) && args[i+1] != "DB"):
			return false
		}
	}
	return true
}

func checkArguments(t *testing.T, args []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	code := run(ctx, args, &out, &errs)
	if !inTable(code) {
		t.Errorf("%q: ended with %d", args, code)
	}
	if code != exitDone && code != exitUnhealthy && !strings.Contains(errs.String(), "seek-poller: ") && out.Len() == 0 {
		t.Errorf("%q: ended with %d and said %q", args, code, errs.String())
	}
	for _, text := range []string{out.String(), errs.String()} {
		if strings.ContainsFunc(text, movesTerminal) || !utf8.ValidString(text) || strings.Contains(text, "goroutine ") {
			t.Errorf("%q: printed %q", args, text)
		}
	}
}

func movesTerminal(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029')
}

// FuzzInert: what is printed moves nobody's terminal, what was harmless is left as it is, and a text has the lines that it had.
func FuzzInert(f *testing.F) {
	f.Add(hostileName)
	f.Add("\x00\xff\u202e\u2028\U000e0041\ufeff")
	f.Add("plain, Zoë 日本 🙂\nsecond line\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := inert(text)
		if strings.ContainsFunc(got, movesTerminal) || strings.ContainsAny(got, "\n\t") || !utf8.ValidString(got) {
			t.Errorf("%q: got %q", text, got)
		}
		if inert(got) != got {
			t.Errorf("%q: %q becomes %q", text, got, inert(got))
		}
		if utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool { return movesTerminal(r) || r == '\n' || r == '\t' || r == utf8.RuneError }) && got != text {
			t.Errorf("%q was harmless and became %q", text, got)
		}
		if lines := inertLines(text); strings.Count(lines, "\n") != strings.Count(text, "\n") || strings.ContainsFunc(lines, movesTerminal) {
			t.Errorf("%q: got the lines %q", text, lines)
		}
	})
}
