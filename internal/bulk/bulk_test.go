package main

import (
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// laws must all give 0, on any database of seek-poller.
var laws = map[string]string{
	"gaps":                 "SELECT count(*) FROM gaps",
	"hurries":              "SELECT count(*) FROM hurries",
	"foreign keys broken":  "SELECT count(*) FROM pragma_foreign_key_check",
	"integrity":            "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
	"events not owed":      "SELECT (SELECT count(*) FROM events) * (SELECT count(*) FROM destinations) - (SELECT count(*) FROM outbox)",
	"pages without events": "SELECT count(*) FROM queries q LEFT JOIN (SELECT query_id, count(*) AS n FROM events GROUP BY query_id) e ON e.query_id = q.id WHERE q.outcome = 'answered' AND q.fresh <> coalesce(e.n, 0)",
	"destinations counted wrong": `SELECT count(*) FROM destinations
		WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL)
		   OR dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)
		   OR delivered <> (SELECT count(*) FROM outbox WHERE destination = name AND delivered_at IS NOT NULL)`,
	"hours tallied wrong": "SELECT count(*) FROM (SELECT stream, type, substr(at, 1, 13) AS hour, count(*) AS n FROM events GROUP BY 1, 2, 3) e FULL JOIN tallies t USING (stream, type, hour) WHERE e.n IS NOT t.events",
	"cursors counted wrong": `SELECT count(*) FROM cursors c
		WHERE events <> (SELECT sum(fresh) FROM queries WHERE cursor_id = c.id) OR pages <> (SELECT count(*) FROM queries WHERE cursor_id = c.id AND outcome = 'answered')`,
	"attempts not recorded": "SELECT (SELECT sum(attempts) FROM outbox) - (SELECT count(*) FROM attempts)",
	"received before sent":  "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE e.received_at <> q.ended_at OR e.streamed_at > q.ended_at OR e.created_at > e.streamed_at",
}

// TestFill: what is made keeps every law of a database that grew by itself, has the store's schema, and goes on growing; and all routes answer on it.
func TestFill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bulk.db")
	var out strings.Builder
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(fill(t.Context(), path, size{Events: 20_050, Destinations: 2, Days: 75, Now: time.Now().UTC()}, &out))
	db, err := openFile(path)
	must(err)
	defer db.Close()
	check := func() {
		t.Helper()
		for name, law := range laws {
			if n := count(t, db, law); n != 0 {
				t.Errorf("%s: %d, want 0", name, n)
			}
		}
	}
	check()
	checkShape(t, db)
	checkSchema(t, db)
	must(run(t.Context(), []string{"--measure", "--requests", "3", path}, &out))
	must(run(t.Context(), []string{"--busy", "1s", path}, &out))
	check()
	if !strings.Contains(out.String(), `"wal_bytes_at_most"`) {
		t.Errorf("it says:\n%s", out.String())
	}
	if err := fill(t.Context(), path, size{Events: 1, Destinations: 1, Days: 1, Now: time.Now()}, &out); err == nil {
		t.Error("a file that is there was filled")
	}
}

func count(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// checkShape: it is what support would meet.
func checkShape(t *testing.T, db *sql.DB) {
	t.Helper()
	for query, bounds := range map[string][2]int{
		"SELECT count(DISTINCT type) FROM events":   {7, 7},
		"SELECT count(DISTINCT stream) FROM events": {3, 3},
		"SELECT max(n) FROM (SELECT count(*) AS n FROM events WHERE candidate_id IS NOT NULL GROUP BY candidate_id)": {2, 3},
		"SELECT avg(n) FROM (SELECT count(*) AS n FROM events WHERE position_id IS NOT NULL GROUP BY position_id)":   {30, 70},
		"SELECT count(DISTINCT hirer_id) FROM events":                                                                {200, 500},
		"SELECT avg(length(node)) FROM events":                                                                       {250, 550},
		"SELECT julianday(max(at)) - julianday(min(at)) FROM events":                                                 {74, 75},
		"SELECT 100 * sum(id > lag) / count(*) FROM (SELECT id, lag(id) OVER (ORDER BY seq) AS lag FROM events)":     {40, 60},
		"SELECT sum(dead_now) FROM destinations":                                                                     {190, 210},
		"SELECT sum(owed_now) FROM destinations":                                                                     {390, 410},
	} {
		var n float64
		if err := db.QueryRow(query).Scan(&n); err != nil || int(n) < bounds[0] || int(n) > bounds[1] {
			t.Errorf("%s: %v, want %v (%v)", query, n, bounds, err)
		}
	}
}

// checkSchema: no index was lost on the way.
func checkSchema(t *testing.T, db *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fresh.db")
	s, err := store.Open(t.Context(), path, store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	fresh, err := openFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	if got, want := schema(t, db), schema(t, fresh); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func schema(t *testing.T, db *sql.DB) (all []string) {
	t.Helper()
	rows, err := db.Query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}
