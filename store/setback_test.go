package store_test

import (
	"os"
	"testing"
)

// TestOlderCopyInItsPlace: a database that is put back beside the lock of a newer one knows that it was, over restarts, until the next slot.
func TestOlderCopyInItsPlace(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, event(1))
	w.must(w.s.Close())
	older, err := os.ReadFile(w.path)
	w.must(err)
	w.open(false)
	if w.s.SetBack() {
		t.Error("set back after an ordinary restart")
	}
	w.fetch(c.ID, "p2", true, event(2))
	w.must(w.s.Close())
	w.must(os.WriteFile(w.path, older, 0o600))
	w.open(false)
	for range 2 {
		if !w.s.SetBack() {
			t.Error("it does not know that it was set back")
		}
		w.restart()
	}
	w.take(c.ID)
	if w.s.SetBack() {
		t.Error("set back after a slot was taken")
	}
}
