package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

const supportConfig = `
database: seek-poller.db
admin: {socket: admin.sock, listen: ""}
seek:
  endpoint: http://%[1]s/graphql
  token_url: http://%[1]s/oauth/token
  client_id: partner
  client_secret_file: secret
  query_interval: 200ms
  quiet_period: 2s
streams:
  - {name: applications, scheme: seekAnz, event_types: [CandidateApplicationCreated], start: earliest, schedule: "@every 1s"}
  - {name: positions, scheme: seekAnz, event_types: [PositionProfilePosted, PositionProfileClosed], start: earliest, schedule: "@every 1s"}
destinations:
  - name: ats
    webhook: {url: "http://%[2]s/seek", secret_file: secret, timeout: 5s}
`

// supportDesk is a running daemon with a history of weeks and a dead letter, as support staff meet it: through its socket.
type supportDesk struct {
	t          *testing.T
	dir        string
	dead       string    // the event that the receiver refuses
	candidate  string    // of it
	documented time.Time // the day on which the examples were written
}

// TestSupportCommands runs every command of docs/support.md, in order, as it stands. Only what is different on every machine is put in: ids, and
// dates, which are moved so that the day of writing is today.
func TestSupportCommands(t *testing.T) {
	t.Parallel()
	d := newSupportDesk(t)
	text, err := os.ReadFile("../../docs/support.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := shellCommands(string(text))
	if len(commands) < 25 {
		t.Fatalf("only %d commands found: %q", len(commands), commands)
	}
	for _, command := range commands {
		t.Run(command, func(t *testing.T) { d.do(t, command) })
	}
}

func newSupportDesk(t *testing.T) *supportDesk {
	d := &supportDesk{t: t, dir: memoryDir(t), documented: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	seek := simulator.New(simulator.Options{Seed: 5, Interval: 200 * time.Millisecond, Quiet: 2 * time.Second, Plain: true, Canary: canary})
	seek.AddHistory(900, 24*24*time.Hour)
	d.dead = seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated", StreamedAt: time.Now().Add(-time.Hour)})[0]
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Fault: func(a simulator.Attempt) simulator.ReceiverFault {
		if slices.Contains(a.IDs, d.dead) {
			return simulator.ReceiverFault{Status: http.StatusBadRequest, Message: "no such job"}
		}
		return simulator.ReceiverFault{}
	}})
	for name, content := range map[string]string{"config.yaml": fmt.Sprintf(supportConfig, listen(t, seek), listen(t, receiver)), "secret": secret} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	log := new(output)
	go func() { done <- run(ctx, []string{"run", "--config", filepath.Join(d.dir, "config.yaml")}, log, log) }()
	t.Cleanup(func() {
		cancel()
		if code := <-done; code != exitDone {
			t.Errorf("the daemon ended with %d\n%s", code, tail(log.String()))
		}
		for _, v := range seek.Report().Violations {
			t.Errorf("SEEK saw a broken rule: %+v", v)
		}
	})
	d.await(func() bool { return d.text("SELECT count(*) FROM dead_letters") == "1" })
	d.candidate = d.text("SELECT candidate_id FROM events WHERE id = '" + d.dead + "'")
	return d
}

// await waits, on a real clock, for what takes several tries.
func (d *supportDesk) await(condition func() bool) {
	d.t.Helper()
	for range 60 {
		if eventually(condition) == nil {
			return
		}
	}
	d.t.Fatal("it never happened")
}

// text asks the database for one value; "" if there is none yet.
func (d *supportDesk) text(query string) string {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(d.dir, "seek-poller.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	var value string
	_ = db.QueryRow(query).Scan(&value)
	return value
}

var documentedDate = regexp.MustCompile(`\b2026-11-\d\d\b`)

// do runs one command of the document.
func (d *supportDesk) do(t *testing.T, command string) {
	words := strings.Fields(command)
	if words[0] != "seek-poller" {
		t.Fatalf("nobody runs %q", command)
	}
	if command == "seek-poller destinations resume ats" {
		d.verb(t, exitDone, "destinations", "pause", "ats", "--yes", "--reason", "so that it can be resumed")
		defer d.verb(t, exitDone, "destinations", "resume", "ats", "--yes", "--reason", "as it was")
	}
	command = strings.NewReplacer("EVENT_ID", d.dead, "CANDIDATE_ID", d.candidate, "seek-poller.db", filepath.Join(d.dir, "seek-poller.db")).Replace(command)
	command = documentedDate.ReplaceAllStringFunc(command, d.today)
	want := exitDone
	if words[1] == "status" {
		want = exitUnhealthy // there is a dead letter
	}
	d.verb(t, want, arguments(command)[1:]...)
}

// today moves a documented date by the time that has passed since the document was written.
func (d *supportDesk) today(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		d.t.Fatal(err)
	}
	return day.Add(time.Now().UTC().Truncate(24 * time.Hour).Sub(d.documented)).Format(time.DateOnly)
}

func (d *supportDesk) verb(t *testing.T, want int, args ...string) {
	t.Helper()
	if !slices.Contains(args, "--database") {
		args = append(args, "--socket", filepath.Join(d.dir, "admin.sock"))
	}
	code, stdout, stderr := cli(t, args...)
	if code != want || stdout == "" {
		t.Errorf("%q ended with %d, want %d and something on stdout\n%s%s", args, code, want, stdout, stderr)
	}
	if strings.Contains(stdout+stderr, canary) || strings.Contains(stdout+stderr, secret) {
		t.Errorf("%q shows personal data or a secret\n%s%s", args, stdout, stderr)
	}
}

// arguments splits a command as a shell does, as far as the documents use it: words, and words in double quotes.
func arguments(command string) []string {
	var words []string
	for i, part := range strings.Split(command, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

// shellCommands are the lines of the sh blocks of a document.
func shellCommands(text string) []string {
	var commands []string
	for i, part := range strings.Split(text, "```") {
		if block, ok := strings.CutPrefix(part, "sh\n"); ok && i%2 == 1 {
			commands = append(commands, strings.Split(strings.TrimSpace(block), "\n")...)
		}
	}
	return commands
}
