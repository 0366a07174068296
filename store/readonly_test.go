package store_test

import (
	"context"
	"testing"

	"seekpoller/store"
)

// TestReadOnlyConnectionIsLeft: a disk that is mounted for reading only, and for writing again later, does not leave a writer that can only read.
func TestReadOnlyConnectionIsLeft(t *testing.T) {
	w := newWorld(t)
	writer, _ := w.s.Pools()
	_, err := writer.Exec("PRAGMA query_only = ON")
	w.must(err)
	sync := func() error {
		return w.s.SyncDestinations(context.Background(), []store.DestinationSpec{{Name: "ats", Kind: "webhook"}}, w.clock.wall)
	}
	if err := sync(); !store.Temporary(err) {
		t.Fatalf("got %v, want an error that may pass", err)
	}
	w.must(sync())
	w.check()
}
