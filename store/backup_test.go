package store_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"seekpoller/store"
)

// TestBackup: a copy made beside a writer is whole, sound, nobody else's to read, and packed; and it is gone when it is closed.
func TestBackup(t *testing.T) {
	w := stocked(t, 400)
	w.exec("UPDATE events SET node = hex(zeroblob(10000))")
	w.exec("UPDATE events SET node = NULL") // most of the file is free now
	before, err := os.Stat(w.path)
	w.must(err)
	b, err := w.s.Backup(context.Background(), "")
	w.must(err)
	if b.Bytes*2 > before.Size() {
		t.Errorf("the copy has %d bytes of %d: free pages were copied", b.Bytes, before.Size())
	}
	info, err := os.Stat(b.Path)
	w.must(err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	to := filepath.Join(t.TempDir(), "restored.db")
	w.must(os.Rename(b.Path, to))
	w.must(b.Close())
	if left, _ := filepath.Glob(w.path + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	r, err := store.OpenReader(context.Background(), to)
	w.must(err)
	defer r.Close()
	events, _, err := r.Deliveries(context.Background(), store.DeliveryFilter{Limit: 1000})
	w.must(err)
	if len(events) != 400 {
		t.Errorf("%d deliveries in the copy, want 400", len(events))
	}
}

// TestCheckCopy: a copy that was damaged on its way is found out.
func TestCheckCopy(t *testing.T) {
	w := stocked(t, 400)
	b, err := w.s.Backup(context.Background(), "")
	w.must(err)
	defer b.Close()
	text, err := os.ReadFile(b.Path)
	w.must(err)
	for i := len(text) / 2; i < len(text)/2+4096; i++ {
		text[i] ^= 0x55
	}
	w.must(os.WriteFile(b.Path, text, 0o600))
	if err := store.CheckCopy(context.Background(), b.Path); err == nil {
		t.Error("a damaged copy passed")
	}
}
