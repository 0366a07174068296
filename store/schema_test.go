package store_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A change of the schema must show in a review.
func TestSchema(t *testing.T) {
	w := newWorld(t)
	rows, err := w.shell().Query("SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid")
	w.must(err)
	var all strings.Builder
	for rows.Next() {
		var statement string
		w.must(rows.Scan(&statement))
		all.WriteString(statement + "\n\n")
	}
	w.must(rows.Err())
	const golden = "testdata/schema.sql"
	if *update {
		w.must(os.MkdirAll("testdata", 0o755))
		w.must(os.WriteFile(golden, []byte(all.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
	if n := len(store.Migrations()); n != w.count("PRAGMA user_version") {
		t.Errorf("%d migrations, version %d", n, w.count("PRAGMA user_version"))
	}
	if got := w.count("PRAGMA application_id"); got != 0x534b504c {
		t.Errorf("application_id %#x", got)
	}
}

// A person with a sqlite3 shell, which may be years older than ours, can read the tables beside the running daemon.
func TestShellReadsTables(t *testing.T) {
	shell, err := exec.LookPath("sqlite3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have the sqlite3 shell")
		}
		t.Skip("there is no sqlite3 shell on this machine")
	}
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	w.fetch(c.ID, "after-1", false, events(1, 3, "ats")...)
	claimed := w.claim("ats", 2)
	w.settle("ats", w.result(claimed[0], store.Delivered), w.result(claimed[1], store.Dead))
	ask := func(query string) string {
		t.Helper()
		out, err := exec.Command(shell, "-readonly", "-header", w.path, query).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", query, err, out)
		}
		return string(out)
	}
	want := "id|stream|kind|state|last_event_at|caught_up_at|last_error_kind|last_error|last_error_at|next_query_at|last_query_at|last_answer_at|events|pages|failures|since|until|created_at|ended_at|position|fingerprint|last_query_id|last_selection|suspect|wait_ms|wait_from|wait_boot_ms|wait_boot_id|seen|ledger_begins|types|deliver|made_by|ended_by\n" +
		"1|applications|live|caught up|2026-03-01T11:00:01.003Z|2026-03-01T12:00:01.000Z|||||2026-03-01T12:00:00.000Z|2026-03-01T12:00:01.000Z|3|1|0|||2026-03-01T12:00:00.000Z||after-1|f1|1|ids|0|0|2026-03-01T12:00:01.000Z|3601000|boot-1|3|||||\n"
	if diff := cmp.Diff(want, ask("SELECT * FROM cursors")); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
	for query, want := range map[string]string{
		"SELECT event, destination, state FROM deliveries":                        "event|destination|state\nseekAnz:event:000001|ats|delivered\nseekAnz:event:000002|ats|dead\nseekAnz:event:000003|ats|pending\n",
		"SELECT event, destination FROM dead_letters":                             "event|destination\nseekAnz:event:000002|ats\n",
		"SELECT * FROM gaps":                                                      "",
		"SELECT * FROM hurries":                                                   "",
		"SELECT json_extract(node, '$.id.value') AS id FROM events WHERE seq = 1": "id\nseekAnz:event:000001\n",
		"SELECT attempt, outcome, latency_ms FROM attempts":                       "attempt|outcome|latency_ms\n1|delivered|120\n1|dead|120\n",
	} {
		if diff := cmp.Diff(want, ask(query)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// The tables themselves hold the state machine, also against a hand that edits them.
func TestTablesRefuseNonsense(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	w.fetch(c.ID, "p", false, events(1, 2, "ats")...)
	for _, nonsense := range []string{
		"UPDATE outbox SET due_at = NULL",
		"UPDATE outbox SET dead_at = created_at",
		"UPDATE outbox SET due_at = '2026-03-01 12:00'",
		"UPDATE outbox SET due_at = NULL, delivered_at = created_at",
		"UPDATE outbox SET refusals = 1",
		"UPDATE cursors SET state = 'finished'",
		"UPDATE cursors SET state = 'ended'",
		"UPDATE cursors SET position = ''",
		"UPDATE queries SET outcome = NULL",
		"UPDATE queries SET outcome = 'transient'",
		"UPDATE events SET identifiers = '{'",
		"INSERT INTO cursors (stream, kind, state, fingerprint, created_at) SELECT stream, kind, state, fingerprint, created_at FROM cursors",
		"UPDATE destinations SET state = 'off'",
	} {
		if _, err := w.shell().Exec(nonsense); err == nil {
			t.Errorf("accepted: %s", nonsense)
		}
	}
}
