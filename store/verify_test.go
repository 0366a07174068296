package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"seekpoller/store"
)

// lived is a database in which everything has happened that leaves a row, closed.
func lived(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, person(1, "c1"), person(2, "c2"), person(3, "c3"))
	w.fetch(c.ID, "p2", true, person(4, "c4"), person(5, "c5"))
	w.fetch(w.live("positions").ID, "q1", false, event(6))
	w.deliver("spool", 5)
	claimed := w.claim("ats", 4)
	w.settle("ats", w.result(claimed[0], store.Delivered), w.result(claimed[1], store.Retry), w.result(claimed[2], store.Dead))
	w.purge(store.Purge{Candidate: "c1"})
	w.wipe()
	w.must(w.s.Close())
	return w
}

func (w *world) verify() map[string]store.Check {
	w.t.Helper()
	checks, err := w.s.Verify(context.Background(), store.Examination{Now: w.clock.wall.Add(2 * time.Hour)})
	w.must(err)
	found := map[string]store.Check{}
	for _, c := range checks {
		if c.Proves == "" {
			w.t.Errorf("%s does not say what it proves", c.Name)
		}
		found[c.Name] = c
	}
	return found
}

// Each kind of damage is named by the check that is for it, and what is sound by none.
func TestVerifyFindsDamage(t *testing.T) {
	sound := lived(t)
	whole, err := os.ReadFile(sound.path)
	must(t, err)
	all := []string{"ledger chain", "query spacing", "pages", "references", "deliveries", "purged events", "figures of destinations", "figures of hours", "deeds", "database file"}
	for _, c := range []struct {
		damage string
		off    []string
	}{
		{"SELECT 1", nil},
		{"DELETE FROM queries WHERE id = 1", []string{"ledger chain", "references"}},
		{"UPDATE queries SET cursor_before = 'elsewhere' WHERE id = 2", []string{"ledger chain"}},
		{"UPDATE cursors SET position = 'elsewhere' WHERE id = 1", []string{"ledger chain"}},
		{"UPDATE cursors SET ledger_begins = 'elsewhere' WHERE id = 1", []string{"ledger chain"}},
		{"UPDATE queries SET sent_boot_ms = sent_boot_ms - 1 WHERE id = 2", []string{"query spacing"}},
		{"UPDATE queries SET retry_after_ms = 3600000 WHERE id = 1", []string{"query spacing"}},
		{"UPDATE queries SET fresh = 4 WHERE id = 1", []string{"pages"}},
		{"UPDATE queries SET outcome = 'transient', more = NULL WHERE id = 3", []string{"ledger chain", "pages"}},
		{"DELETE FROM events WHERE seq = 4", []string{"pages", "deliveries", "figures of hours"}},
		{"DELETE FROM events WHERE seq = 6", []string{"pages", "figures of hours"}},
		{"UPDATE events SET query_id = 99 WHERE seq = 6", []string{"pages", "references"}},
		{"UPDATE events SET purge = 99 WHERE seq = 1", []string{"references"}},
		{"UPDATE queries SET cursor_id = 99 WHERE id = 3", []string{"ledger chain", "references"}},
		{"UPDATE cursors SET made_by = 99", []string{"references"}},
		{"DELETE FROM outbox WHERE seq = 1 AND destination = 'ats'", []string{"deliveries"}},
		{"UPDATE outbox SET destination = 'nowhere' WHERE seq = 5 AND destination = 'ats'", []string{"deliveries", "figures of destinations"}},
		{"UPDATE attempts SET attempt = 7 WHERE seq = 1", []string{"deliveries"}},
		{"UPDATE outbox SET due_at = NULL, dead_at = created_at WHERE seq = 5 AND destination = 'ats'", []string{"figures of destinations"}},
		{"UPDATE destinations SET owed_now = owed_now + 1", []string{"figures of destinations"}},
		{"UPDATE destinations SET dead_now = 0", []string{"figures of destinations"}},
		{"UPDATE tallies SET events = events + 1 WHERE stream = 'positions'", []string{"figures of hours"}},
		{"DELETE FROM tallies WHERE stream = 'applications'", []string{"figures of hours"}},
		{"INSERT INTO tallies VALUES ('closed', 'any', '2026-02-28T23', 1)", []string{"figures of hours"}},
		{"UPDATE events SET hirer_id = 'h' WHERE seq = 1", []string{"purged events"}},
		{"UPDATE attempts SET detail = 'he said' WHERE seq = 1", []string{"purged events"}},
		{"UPDATE outbox SET last_detail = 'he said' WHERE seq = 1", []string{"purged events"}},
		{"UPDATE outbox SET delivered_at = NULL, discarded_at = NULL, due_at = created_at WHERE seq = 1 AND destination = 'spool'; UPDATE destinations SET owed_now = owed_now + 1 WHERE name = 'spool'", []string{"purged events"}},
		{"INSERT INTO chores (name, since) VALUES ('wipe', '2026-03-01T00:00:00.000Z')", []string{"purged events"}},
		{"UPDATE actions SET ended_at = NULL", []string{"deeds"}},
		{"PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX events_hirer ON events (hirer_id)' WHERE name = 'events_hirer'; PRAGMA schema_version = 99", []string{"database file"}},
	} {
		t.Run(c.damage, func(t *testing.T) {
			w := &world{t: t, clock: sound.clock, path: filepath.Join(t.TempDir(), "seek-poller.db")}
			must(t, os.WriteFile(w.path, whole, 0o600))
			w.open(false)
			t.Cleanup(func() { w.s.Close() })
			db := sql.OpenDB(shellConnector{"file:" + w.path + "?_foreign_keys=off"})
			_, err := db.Exec(c.damage)
			must(t, err)
			must(t, db.Close())
			checks := w.verify()
			if len(checks) != len(all) {
				t.Errorf("%d checks, want %d", len(checks), len(all))
			}
			for _, name := range all {
				check := checks[name]
				if off := len(check.Found) > 0; off != slices.Contains(c.off, name) || check.Not != "" {
					t.Errorf("%s: found %q, %s", name, check.Found, check.Not)
				}
			}
		})
	}
}

// However many places are off, 20 of them are named.
func TestVerifyNamesSomePlaces(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", false, events(1, 100)...)
	w.exec("UPDATE events SET purged_at = received_at")
	if found := w.verify()["purged events"].Found; len(found) != 20 {
		t.Errorf("%d places named", len(found))
	}
}
