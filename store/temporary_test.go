package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"

	"seekpoller/store"

	"github.com/mattn/go-sqlite3"
)

// bigPage does not fit into what is free in a small database.
func bigPage() store.Page {
	page := store.Page{Events: events(1, 100, "ats"), Position: "p", State: store.Behind, More: true, Status: 200}
	for i := range page.Events {
		page.Events[i].Node = bytes.Repeat([]byte("x"), 10_000)
	}
	return page
}

// trouble begins something that keeps w from writing, and returns what ends it.
type trouble func(w *world) (end func())

// full: the limit is the connection's, and the store closes a connection that met it, so the next one finds room.
func full(w *world) func() {
	writer, _ := w.s.Pools()
	_, err := writer.Exec("PRAGMA max_page_count = 1") // SQLite takes it for the size that the file has now
	w.must(err)
	return func() {}
}

// busy: somebody else holds the write lock. Nobody waits for it here.
func busy(w *world) func() {
	writer, _ := w.s.Pools()
	_, err := writer.Exec("PRAGMA busy_timeout = 0")
	w.must(err)
	other := w.shell()
	other.SetMaxOpenConns(1)
	_, err = other.Exec("BEGIN IMMEDIATE")
	w.must(err)
	return func() {
		_, err := other.Exec("ROLLBACK")
		w.must(err)
	}
}

// TestTemporaryTroubles: a full disk and a lock of somebody else's may pass. Nothing of the page is applied before, all of it afterwards.
func TestTemporaryTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		begin trouble
		code  sqlite3.ErrNo
	}{
		"full": {full, sqlite3.ErrFull},
		"busy": {busy, sqlite3.ErrBusy},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.destinations("ats")
			q := w.take(w.live("applications").ID)
			before := w.dump()
			end := c.begin(w)
			_, err := w.s.SavePage(context.Background(), q, bigPage(), w.clock.now())
			var e sqlite3.Error
			if !errors.As(err, &e) || e.Code != c.code || !store.Temporary(err) {
				t.Errorf("save: %v, temporary %v; want SQLite's error %d", err, store.Temporary(err), c.code)
			}
			if w.dump() != before {
				t.Error("something of the page was applied")
			}
			end()
			saved, err := w.s.SavePage(context.Background(), q, bigPage(), w.clock.now())
			w.must(err)
			if saved.Fresh != 100 || saved.Deliveries != 100 {
				t.Errorf("saved %+v", saved)
			}
			w.check()
		})
	}
}

// TestWhatIsNotTemporary: trying again would not help, or would build on a file that cannot be trusted.
func TestWhatIsNotTemporary(t *testing.T) {
	w := newWorld(t)
	broken := w.s.Write(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO cursors (stream, kind, state, fingerprint, created_at) VALUES ('s', 'sideways', 'new', 'f', 't')")
		return err
	})
	var e sqlite3.Error
	if !errors.As(broken, &e) || e.Code != sqlite3.ErrConstraint {
		t.Fatalf("a broken constraint is %v", broken)
	}
	for _, err := range []error{
		nil, broken, errors.New("disk is full"), context.Canceled, store.ErrAnswered, store.ErrCursorMoved, store.ErrReadOnly, store.ErrFileReplaced,
		&store.TooSoonError{}, sqlite3.Error{Code: sqlite3.ErrCorrupt}, sqlite3.Error{Code: sqlite3.ErrIoErr}, sqlite3.Error{Code: sqlite3.ErrNotADB},
		sqlite3.Error{Code: sqlite3.ErrError}, sqlite3.Error{Code: sqlite3.ErrMisuse},
	} {
		if store.Temporary(err) {
			t.Errorf("%v is called temporary", err)
		}
	}
}

// TestTemporaryThroughWrapping: every kind that may pass, however deep it is wrapped.
func TestTemporaryThroughWrapping(t *testing.T) {
	for _, code := range []sqlite3.ErrNo{sqlite3.ErrFull, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrNomem, sqlite3.ErrReadonly, sqlite3.ErrCantOpen} {
		err := fmt.Errorf("save page: %w", fmt.Errorf("insert events: %w", sqlite3.Error{Code: code}))
		if !store.Temporary(err) {
			t.Errorf("%v is not called temporary", err)
		}
	}
}
