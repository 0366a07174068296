package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
	"github.com/mattn/go-sqlite3"
)

// A reader works beside the daemon, after a clean stop and after a kill, sees what was committed, and writes nothing.
func TestReader(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p", false, event(1))
	look := func(when string) {
		t.Helper()
		r, err := store.OpenReader(context.Background(), w.path)
		must(t, err)
		defer r.Close()
		found, err := r.Events(context.Background(), store.EventFilter{})
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %d events, %v", when, len(found), err)
		}
		if _, err := r.TakeSlot(context.Background(), w.ask(c.ID), w.clock.now()); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("%s: slot %v", when, err)
		}
		_, reader := r.Pools()
		if _, err := reader.Exec("DELETE FROM events"); err == nil {
			t.Errorf("%s: the reader writes", when)
		}
	}
	look("beside the daemon")
	must(t, w.s.Close())
	before := content(w.path)
	look("after a clean stop")
	if content(w.path) != before {
		t.Error("the reader changed the file")
	}
	w.open(false)
}

// Each connection of each pool has its settings, not only the first.
func TestEveryConnectionHasItsPragmas(t *testing.T) {
	w := newWorld(t)
	writer, reader := w.s.Pools()
	conns := func(db *sql.DB, n int) (all []*sql.Conn) {
		for range n {
			conn, err := db.Conn(context.Background())
			must(t, err)
			t.Cleanup(func() { conn.Close() })
			all = append(all, conn)
		}
		return all
	}
	for _, c := range []struct {
		conns []*sql.Conn
		want  map[string]string
	}{
		{conns(writer, 1), map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0", "secure_delete": "1", "page_size": "8192", "cache_size": "-4000", "journal_size_limit": "16777216"}},
		{conns(reader, 4), map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "1"}},
	} {
		for i, conn := range c.conns {
			for pragma, want := range c.want {
				var got string
				must(t, conn.QueryRowContext(context.Background(), "PRAGMA "+pragma).Scan(&got))
				if got != want {
					t.Errorf("connection %d: %s is %s, want %s", i, pragma, got, want)
				}
			}
		}
	}
}

// A COMMIT that fails is an error, leaves nothing, and the next transaction is a new one.
func TestCommitFails(t *testing.T) {
	w := newWorld(t)
	err := w.s.Write(func(tx *sql.Tx) error {
		_, err := tx.Exec(`PRAGMA defer_foreign_keys = ON;
			INSERT INTO queries (cursor_id, sent_at, request_id, selection, first, interval_ms, timeout_ms, sent_boot_ms, boot_id, started_boot_ms)
			VALUES (99, '', '', '', 1, 0, 0, 0, '', 0)`)
		must(t, err)
		return nil
	})
	var e sqlite3.Error
	if !errors.As(err, &e) || e.ExtendedCode != sqlite3.ErrConstraintForeignKey {
		t.Errorf("commit: %v", err)
	}
	if n := w.count("SELECT count(*) FROM queries"); n != 0 {
		t.Errorf("%d rows", n)
	}
	w.fetch(w.live("applications").ID, "p", false, event(1))
	w.check()
}

// After a failure of the disk nothing is built on the connection that had it.
func TestBrokenConnectionIsDropped(t *testing.T) {
	w := newWorld(t)
	mark := func() error {
		return w.s.Write(func(tx *sql.Tx) error {
			_, err := tx.Exec("CREATE TEMP TABLE mark (a)") // seen by one connection only
			return err
		})
	}
	must(t, mark())
	if err := mark(); err == nil {
		t.Fatal("another connection, although nothing failed")
	}
	for _, code := range []sqlite3.ErrNo{sqlite3.ErrIoErr, sqlite3.ErrFull, sqlite3.ErrCorrupt} {
		err := w.s.Write(func(*sql.Tx) error { return sqlite3.Error{Code: code} })
		var e sqlite3.Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%v: got %v", code, err)
		}
		if err := mark(); err != nil {
			t.Errorf("the same connection after %v", code)
		}
	}
}

// The disk is full: the page is refused whole, and saved once there is room.
func TestDiskFull(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	q := w.take(c.ID)
	page := store.Page{Events: events(1, 100, "ats"), Position: "p1", State: store.CaughtUp}
	before := w.dump()
	writer, _ := w.s.Pools()
	_, err := writer.Exec("PRAGMA max_page_count = 1") // of this connection; SQLite takes what is used already as the least
	must(t, err)
	_, err = w.s.SavePage(context.Background(), q, page, w.clock.now())
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrFull {
		t.Errorf("full disk: %v", err)
	}
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("left something (-before +after):\n%s", diff)
	}
	w.save(q, page)
	w.check()
}
