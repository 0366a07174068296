package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// spoken is one thing that goes wrong, and what is said of it.
type spoken struct {
	wrong string // what is wrong
	typed string // what was typed, or what happened
	code  int    // the exit code; -1: the program goes on
	said  string
}

// chapter is the messages about one kind of things.
type chapter struct {
	title, about string
	messages     []spoken
}

const messagesHead = `# What is said when something is wrong

Every message that a person may meet, with what brought it about and the exit code of the program. Where there is no exit code the daemon goes on by itself, and the words
are those of ` + "`status`, `cursors list`, `deliveries attempts` or the log" + `. DIR stands for a directory, TIME for a time. The page is a test: ` + "`TestMessages`" + ` in
` + "`cmd/seek-poller`" + ` makes each of these mistakes and compares every word with this page. ` + "`go test ./cmd/seek-poller -run TestMessages -write`" + ` writes it anew, and then fails, so that
somebody reads the difference.
`

// TestMessages makes every mistake of the catalogue and compares what is said, and the exit code, with docs/messages.md.
func TestMessages(t *testing.T) {
	if testing.Short() {
		t.Skip("every message is compared in the tests that are not short")
	}
	const page = "../../docs/messages.md"
	chapters := []chapter{wrongUse(t), wrongFiles(t), wrongEnvironment(t), wrongDeeds(t), damagedDatabases(t), answersOfSEEK(t), answersOfReceivers(t), wrongConfigs(t)}
	var got strings.Builder
	got.WriteString(messagesHead)
	total := 0
	for _, c := range chapters {
		fmt.Fprintf(&got, "\n## %s\n\n%s\n\n```text\n", c.title, c.about)
		for _, m := range c.messages {
			total++
			checkMessage(t, m)
			fmt.Fprintf(&got, "%s%d  %s\n     %s\n%s", map[bool]string{true: "", false: "\n"}[m == c.messages[0]], total, headline(m), m.typed, indented(m.said))
		}
		got.WriteString("```\n")
	}
	if total < 200 {
		t.Errorf("the catalogue has %d cases, want at least 200", total)
	}
	if *writing {
		if err := os.WriteFile(page, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Fatal("written: read the difference, and run again without -write")
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, got.String(), string(want))
}

func headline(m spoken) string {
	if m.code < 0 {
		return m.wrong
	}
	return fmt.Sprintf("%s (exit code %d)", m.wrong, m.code)
}

func indented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		b.WriteString("     > " + line)
	}
	return b.String()
}

func compareLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		if i >= len(g) || i >= len(w) || g[i] != w[i] {
			t.Fatalf("docs/messages.md differs from line %d on: got\n%s\nwant\n%s", i+1, strings.Join(g[min(i, len(g)):min(i+4, len(g))], "\n"), strings.Join(w[min(i, len(w)):min(i+4, len(w))], "\n"))
		}
	}
}

// inside is what only a developer could make sense of: a stack, a Go type or a verb of fmt that had nothing to print, an address of memory.
var inside = regexp.MustCompile(`goroutine |panic:|%!|\*?\b(admin|bufio|bytes|config|errors|exec|fs|graphql|http|io|json|main|net|os|outbox|poller|sql|sqlite3|store|strconv|syscall|time|tls|url|x509|yaml)\.[A-Z][a-zA-Z]+\b|0x[0-9a-f]{6,}`)

// checkMessage is the law of all messages.
func checkMessage(t *testing.T, m spoken) {
	t.Helper()
	if m.code >= 0 && !inTable(m.code) {
		t.Errorf("%s: exit code %d", m.wrong, m.code)
	}
	if found := inside.FindString(m.said); found != "" {
		t.Errorf("%s: shows the inside, %q:\n%s", m.wrong, found, m.said)
	}
	for _, word := range []string{secret, canary, "c4n4ry", "Bearer ", "/tmp/", "/dev/shm", "/work/"} {
		if strings.Contains(m.said, word) {
			t.Errorf("%s: shows %q:\n%s", m.wrong, word, m.said)
		}
	}
	if !utf8.ValidString(m.said) || strings.ContainsFunc(m.said, movesTerminal) {
		t.Errorf("%s: moves the terminal: %q", m.wrong, m.said)
	}
	lines := strings.Split(strings.TrimSpace(m.said), "\n")
	if m.code > 0 && m.code != exitUnhealthy && (!strings.HasPrefix(m.said, "seek-poller: ") || len(lines) < 2) {
		t.Errorf("%s: does not say what is wrong and what to do:\n%s", m.wrong, m.said)
	}
	for _, line := range lines {
		if n := utf8.RuneCountInString(line); n == 0 || n > 400 && !strings.Contains(line, strings.Repeat("no ", 100)) {
			t.Errorf("%s: has a line of %d characters:\n%s", m.wrong, n, m.said)
		}
	}
}

// mishap is a directory in which one mistake is made.
type mishap struct {
	t   *testing.T
	dir string
}

// oneMistake types a line, in which DIR is the directory, and notes what is said.
func (b mishap) oneMistake(wrong, typed string) spoken {
	b.t.Helper()
	args := strings.Split(strings.ReplaceAll(typed, "DIR", b.dir), " ")
	for i, arg := range args {
		args[i] = strings.ReplaceAll(arg, "␣", " ")
	}
	if typed == "" {
		args = nil
	}
	ctx, cancel := context.WithTimeout(b.t.Context(), 10*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	code := run(ctx, args, &out, &errs)
	return spoken{wrong, strings.TrimSpace("$ seek-poller " + inert(strings.ReplaceAll(typed, "␣", " "))), code, b.plain(errs.String())}
}

var aTime = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)

// plain takes out of a text what is another at each run.
func (b mishap) plain(text string) string {
	text = strings.ReplaceAll(text, b.dir, "DIR")
	return aTime.ReplaceAllStringFunc(text, func(at string) string {
		if t, err := time.Parse(time.RFC3339, at); err == nil && time.Since(t).Abs() < 24*time.Hour {
			return "TIME"
		}
		return at
	})
}

func (b mishap) write(name, text string) {
	b.t.Helper()
	path := filepath.Join(b.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// goodConfig names a database and a secret in its own directory, and a SEEK that nobody plays.
const goodConfig = `database: seek-poller.db
admin: {socket: none.sock, listen: ""}
seek:
  endpoint: http://127.0.0.1:1/graphql
  token_url: http://127.0.0.1:1/oauth/token
  client_id: partner
  client_secret_file: secret
streams:
  - {name: all, scheme: seekAnz, start: earliest, schedule: "*/15 * * * *"}
destinations:
  - {name: spool, directory: {path: spool}}
`

// newMishap is a directory with a config that is right, its secret, and the database that a demo leaves, as copy.db. No daemon answers.
func newMishap(t *testing.T, database []byte) mishap {
	t.Helper()
	b := mishap{t, memoryDir(t)}
	b.write("good.yaml", goodConfig)
	b.write("secret", secret)
	if err := os.Mkdir(filepath.Join(b.dir, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	if database != nil {
		b.write("copy.db", string(database))
	}
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "SEEK_POLLER_") || name == "CREDENTIALS_DIRECTORY" || name == "NOTIFY_SOCKET" {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	t.Setenv("SEEK_POLLER_SOCKET", filepath.Join(b.dir, "none.sock"))
	return b
}
