package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"seekpoller/store"
)

const day = 24 * time.Hour

var kept = store.Retention{Payloads: 90 * day, Records: 400 * day}

// at is n events of a moment, for two destinations.
func at(from, n int, when time.Time) []store.Event {
	all := events(from, n, "ats", "spool")
	for i := range all {
		all[i].CreatedAt, all[i].StreamedAt = when, when
	}
	return all
}

// retain is a round of upkeep, after which everything must be true.
func (w *world) retain() store.Cleared {
	w.t.Helper()
	cleared := w.steps(w.s.NewUpkeep(kept, w.clock.wall, time.Now))
	w.check()
	w.checkCounts()
	writer, _ := w.s.Pools()
	var bound bool
	w.must(writer.QueryRow("PRAGMA foreign_keys").Scan(&bound))
	if !bound {
		w.t.Error("the writer no longer looks at references")
	}
	for name, c := range w.verify() {
		if len(c.Found) > 0 || c.Not != "" {
			w.t.Errorf("verify: %s: %q %s", name, c.Found, c.Not)
		}
	}
	return cleared
}

// aged is a database with a page of 3 settled events for each of so many days, two streams in turn.
func aged(t *testing.T, days int) *world {
	w := newWorld(t)
	w.destinations("ats", "spool")
	streams := []store.Cursor{w.live("applications"), w.live("positions")}
	for n := range days {
		c := streams[n%2]
		w.fetch(c.ID, fmt.Sprint("p", n), n%3 == 0, at(3*n, 3, w.clock.wall)...)
		w.deliver("ats", 3)
		w.deliver("spool", 3)
		w.clock.pass(day)
	}
	return w
}

func TestRetention(t *testing.T) {
	w := aged(t, 500)
	got := w.retain()
	want := store.Cleared{Payloads: 3 * 411, Events: 3 * 101, Deliveries: 6 * 101, Attempts: 6 * 101, Queries: 101}
	near := func(got, want int64) bool { return got >= want-6 && got <= want+6 }
	if !near(got.Payloads, want.Payloads) || !near(got.Events, want.Events) || got.Deliveries != 2*got.Events || got.Attempts != 2*got.Events || got.Queries != got.Events/3 || got.Cursors != 0 {
		t.Errorf("removed %+v, want about %+v", got, want)
	}
	if n := w.count("SELECT count(*) FROM events WHERE node IS NOT NULL AND received_at < '" + w.clock.wall.Add(-kept.Payloads).Format(time.RFC3339) + "'"); n != 0 {
		t.Errorf("%d payloads are too old", n)
	}
	if again := w.retain(); again.Any() {
		t.Errorf("a second round removed %+v", again)
	}
	w.clock.pass(5000 * day)
	w.retain()
	if n := w.count("SELECT count(*) FROM events"); n != 0 {
		t.Errorf("%d events are left after 5000 days", n)
	}
	if n := w.count("SELECT count(*) FROM queries"); n != 8 {
		t.Errorf("%d queries are left, want the 8 by which the slot is known", n)
	}
	w.fetch(w.live("applications").ID, "on", false, at(9000, 3, w.clock.wall)...)
	w.retain()
}

// What somebody waits for keeps payload and record; what was settled, or sent again by SEEK, within the time keeps its record.
func TestRetentionKeepsWhatIsNeeded(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, at(1, 6, w.clock.wall)...)
	c = w.rewind(c.ID, store.Place{Stream: "applications", Kind: "live", Position: "p1", Fingerprint: "f1"})
	for range 10 {
		w.fetch(c.ID, "p1", true)
	}
	w.deliver("spool", 6)
	claimed := w.claim("ats", 4) // 5 and 6 are never tried
	w.settle("ats", w.result(claimed[0], store.Delivered), w.result(claimed[1], store.Dead), w.result(claimed[2], store.Retry), w.result(claimed[3], store.Delivered))
	w.clock.pass(300 * day)
	seen := at(4, 1, event(4).StreamedAt)
	w.fetch(c.ID, "p2", true, seen...)
	w.clock.pass(300 * day)
	w.retain()
	if got := w.ids("SELECT id FROM events"); got != "2 3 4 5 6" {
		t.Errorf("known: %s", got)
	}
	if got := w.ids("SELECT id FROM events WHERE node IS NOT NULL"); got != "2 3 5 6" {
		t.Errorf("with their payloads: %s", got)
	}
	_, err := w.s.Discard(context.Background(), w.deed("deliveries discard"), store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Owed, store.Dead}})
	w.must(err)
	w.retain()
	if got := w.ids("SELECT id FROM events") + ", " + w.ids("SELECT id FROM events WHERE node IS NOT NULL"); got != "2 3 4 5 6, " {
		t.Errorf("after they were settled: %s", got)
	}
	w.clock.pass(401 * day)
	w.retain()
	if got := w.ids("SELECT id FROM events"); got != "" {
		t.Errorf("in the end: %s", got)
	}
}

// ids are the numbers of events, in order.
func (w *world) ids(query string) string {
	w.t.Helper()
	rows, err := w.shell().Query(query + " ORDER BY seq")
	w.must(err)
	defer rows.Close()
	text := ""
	for rows.Next() {
		var id string
		var n int
		w.must(rows.Scan(&id))
		_, err := fmt.Sscanf(id, "seekAnz:event:%d", &n)
		w.must(err)
		if text != "" {
			text += " "
		}
		text += fmt.Sprint(n)
	}
	return text
}

// A clock that was wrong when an event came makes it neither older than SEEK says it is, nor keeps others from growing old.
func TestRetentionWithWrongClocks(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	right := w.clock.wall
	come := func(n int, received, streamed time.Time) {
		w.clock.wall = received
		w.fetch(c.ID, fmt.Sprint("p", n), true, at(n, 1, streamed)...)
		w.deliver("ats", 1)
		w.deliver("spool", 1)
	}
	come(1, right.Add(-500*day), right.Add(-500*day))
	come(2, right.AddDate(50, 0, 0), right.Add(-500*day))     // ours was ahead
	come(3, right.Add(-500*day), right.AddDate(50, 0, 0))     // SEEK's is ahead
	come(4, right.AddDate(50, 0, 0), right.AddDate(50, 0, 0)) // nothing is known
	come(5, right.AddDate(-50, 0, 0), right.Add(-time.Hour))  // ours was behind
	w.clock.wall = right
	w.exec("UPDATE outbox SET delivered_at = '1990-01-01T00:00:00.000Z'")
	w.steps(w.s.NewUpkeep(kept, w.clock.wall, time.Now))
	if got := w.ids("SELECT id FROM events") + ", " + w.ids("SELECT id FROM events WHERE node IS NOT NULL"); got != "4 5, 4 5" {
		t.Errorf("known, and with their payloads: %s", got)
	}
}

// Ended cursors go with their last query; open ones stay, however long nobody has asked for them, and their place is still proven.
func TestRetentionOfCursors(t *testing.T) {
	w := newWorld(t)
	quiet, moved := w.live("quiet"), w.live("moved")
	w.fetch(quiet.ID, "q1", false)
	w.fetch(moved.ID, "m1", false)
	w.fetch(moved.ID, "m2", false)
	w.rewind(moved.ID, store.Place{Stream: "moved", Kind: "live", Position: "m1", Fingerprint: "f1"})
	busy := w.live("busy")
	w.clock.pass(401 * day)
	for n := range 10 {
		w.fetch(busy.ID, fmt.Sprint("b", n), true)
	}
	if got := w.retain(); got.Queries != 3 || got.Cursors != 1 {
		t.Errorf("removed %+v", got)
	}
	if n := w.count("SELECT count(*) FROM cursors WHERE stream IN ('quiet', 'moved') AND ended_at IS NULL AND position = ledger_begins"); n != 2 {
		t.Errorf("%d open cursors stand where their ledger begins, want 2", n)
	}
}

// A round goes on where a failed step was, and a step that failed has not been counted.
func TestRetentionGoesOnAfterAFault(t *testing.T) {
	w := aged(t, 150)
	w.clock.pass(400 * day)
	u := w.s.NewUpkeep(kept, w.clock.wall, time.Now)
	faults := 0
	for _, when := range []string{"BEFORE UPDATE OF node ON events", "BEFORE DELETE ON outbox", "BEFORE DELETE ON events", "BEFORE UPDATE ON tallies", "BEFORE DELETE ON queries", "BEFORE UPDATE OF ledger_begins ON cursors"} {
		w.exec("CREATE TRIGGER fault " + when + " BEGIN SELECT RAISE(ABORT, 'planted'); END")
		for more := true; more; {
			var err error
			if more, _, err = u.Step(context.Background()); err != nil {
				faults++
				break
			}
		}
		w.exec("DROP TRIGGER fault")
	}
	if faults != 6 {
		t.Errorf("%d faults fired, want 6", faults)
	}
	got := w.steps(u)
	if got.Events != 450 || got.Deliveries != 900 || got.Attempts != 900 || got.Payloads != 450 || got.Queries != 142 {
		t.Errorf("removed %+v", got)
	}
	w.retain()
}
