package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
)

// firstVersion is a database that the first version left when it was killed: 38 events, of which the directory has all and the receiver, which was down, none.
func firstVersion(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "seek-poller.db")
	dump, err := os.ReadFile("testdata/version-1.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("PRAGMA page_size = 8192;" + string(dump) + "PRAGMA application_id = 0x534b504c; PRAGMA user_version = 1"); err != nil {
		t.Fatal(err)
	}
	return path
}

var upgradedAt = store.Instant{Wall: time.Date(2026, 11, 22, 1, 43, 0, 0, time.UTC), Boot: time.Hour, BootID: "boot-1"}

// TestUpgradeCopiesFirst: the copy is what was there before, nobody else's to read, told of before it is begun, and named with its time. What was owed is
// owed afterwards.
func TestUpgradeCopiesFirst(t *testing.T) {
	path := firstVersion(t)
	var told store.Upgrade
	s, err := store.Open(context.Background(), path, store.Options{Started: upgradedAt, Upgrading: func(u store.Upgrade) { told = u }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	up := s.Upgraded()
	if up == nil || up.From != 1 || up.To != len(store.Migrations()) || up.Copy != path+".before-schema-1-20261122T014300Z.backup" {
		t.Fatalf("upgraded: %+v", up)
	}
	if diff := cmp.Diff(*up, told); diff != "" {
		t.Errorf("it was told of something else (-did +told):\n%s", diff)
	}
	info, err := os.Stat(up.Copy)
	if err != nil {
		t.Fatal(err)
	}
	if up.Bytes < info.Size()/2 || up.Bytes > 2*info.Size() {
		t.Errorf("%d bytes are told, and the copy has %d", up.Bytes, info.Size())
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the copy has mode %v", info.Mode())
	}
	if got := shellCount(t, up.Copy, "PRAGMA user_version"); got != 1 {
		t.Errorf("the copy has schema %d", got)
	}
	for _, file := range []string{path, up.Copy} {
		if got := shellCount(t, file, "SELECT count(*) FROM outbox WHERE due_at IS NOT NULL"); got != 38 {
			t.Errorf("%s owes %d events, want 38", file, got)
		}
	}
	if got := shellCount(t, path, "SELECT sum(owed_now) FROM destinations"); got != 38 {
		t.Errorf("%d are said to be owed, want 38", got)
	}
	if got := shellCount(t, path, "SELECT sum(events) FROM tallies"); got != 38 {
		t.Errorf("%d events are tallied, want 38", got)
	}
	checks, err := s.Verify(context.Background(), store.Examination{Now: upgradedAt.Wall, Alone: true})
	if err != nil || len(checks) == 0 {
		t.Fatalf("verify: %v", err)
	}
	for _, c := range checks {
		if len(c.Found) > 0 {
			t.Errorf("after the upgrade: %+v", c)
		}
	}
	if left, _ := filepath.Glob(path + ".new-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := store.Open(context.Background(), up.Copy, store.Options{Started: upgradedAt, WithoutCopy: true}); err != nil {
		t.Errorf("the copy cannot be used: %v", err)
	}
}

func shellCount(t *testing.T, path, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestUpgradeHappensOnce: what is up to date is neither copied nor told of, and a copy that is not wanted is not made.
func TestUpgradeHappensOnce(t *testing.T) {
	path := firstVersion(t)
	for i, want := range []bool{true, false} {
		s, err := store.Open(context.Background(), path, store.Options{Started: upgradedAt, WithoutCopy: true})
		if err != nil {
			t.Fatal(err)
		}
		if up := s.Upgraded(); (up != nil) != want || up != nil && up.Copy != "" {
			t.Errorf("start %d: upgraded %+v", i+1, up)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(path + ".*backup"); len(left) > 0 {
		t.Errorf("copies: %v", left)
	}
}

// TestUpgradeWithoutRoom: it is refused before anything is changed, with the way out.
func TestUpgradeWithoutRoom(t *testing.T) {
	path := firstVersion(t)
	err := store.CopyBefore(path, store.Upgrade{From: 1, Bytes: 1 << 60, Copy: path + ".before"})
	if !errors.Is(err, store.ErrNoRoom) || !strings.Contains(err.Error(), "--upgrade-without-copy") {
		t.Errorf("got %v", err)
	}
	if left, _ := filepath.Glob(path + "?*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestOldCopiesGo: they hold personal data. What a person named and put there stays.
func TestOldCopiesGo(t *testing.T) {
	w := newWorld(t)
	names := []string{".before-schema-1-20261101T000000Z.backup", ".before-schema-1-20261121T000000Z.backup", ".before-schema-mine.backup", ".backup"}
	for _, name := range names {
		w.must(os.WriteFile(w.path+name, nil, 0o600))
	}
	removed, err := w.s.RemoveOldCopies(upgradedAt.Wall, 14*24*time.Hour)
	w.must(err)
	if diff := cmp.Diff([]string{w.path + names[0]}, removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	for i, name := range names {
		if _, err := os.Stat(w.path + name); (err == nil) != (i > 0) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNewerSchemaNamesTheCopy: who went back to an older program is told what to restore.
func TestNewerSchemaNamesTheCopy(t *testing.T) {
	w := newWorld(t)
	w.must(w.s.Close())
	for _, at := range []string{"20261101T000000Z", "20261102T000000Z", "20261030T000000Z"} {
		w.must(os.WriteFile(w.path+".before-schema-1-"+at+".backup", nil, 0o600))
	}
	edit(t, w.path, "PRAGMA user_version = 99")
	_, err := store.Open(context.Background(), w.path, store.Options{Started: upgradedAt})
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "before-schema-1-20261102T000000Z.backup") {
		t.Errorf("got %v", err)
	}
}

// released are the migrations that databases out there were made with. A line is never changed, only added.
var released = []string{
	"7acdbdd6d9bd41b8c2dfa858ffb5629840545771959a3ed730c97e20dd2ebd1d",
	"38342b28b4b77633167bda1252680839ebaefcf97c7190ec4dcb06073dc50756",
}

// TestReleasedMigrationsStay: two databases that say they have the same schema have the same schema.
func TestReleasedMigrationsStay(t *testing.T) {
	for i, name := range store.Migrations() {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(text)); i >= len(released) || sum != released[i] {
			t.Errorf("%s has the sum %s: make another file for another change, and add it here", name, sum)
		}
	}
}
