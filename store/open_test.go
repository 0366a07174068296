package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"seekpoller/store"

	"golang.org/x/sys/unix"
)

// openers are the two ways in.
var openers = map[string]func(path string) (*store.Store, error){
	"writer": func(path string) (*store.Store, error) {
		return store.Open(context.Background(), path, store.Options{Create: true, Started: newClock().now()})
	},
	"reader": func(path string) (*store.Store, error) { return store.OpenReader(context.Background(), path) },
}

// made is the path of a closed database with one event.
func made(t *testing.T) string {
	t.Helper()
	w := newWorld(t)
	w.fetch(w.live("applications").ID, "p", false, event(1))
	w.must(w.s.Close())
	return w.path
}

func edit(t *testing.T, path, statement string) {
	t.Helper()
	db := sql.OpenDB(shellConnector{"file:" + path})
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What is not our database is refused in words by both openers, and stays as it is.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(path string)
		kind  error
		words string // DB stands for the path
	}{
		{"missing", func(p string) { must(t, os.Remove(p)) }, store.ErrMissing, ""},
		{"empty", func(p string) { must(t, os.Truncate(p, 0)) }, store.ErrDamaged,
			"the database DB is empty (0 bytes)\nrestore a backup; only if there never was one, delete the empty file and start again"},
		{"foreign text", func(p string) { must(t, os.WriteFile(p, []byte(strings.Repeat("Dear diary. ", 1000)), 0o600)) }, store.ErrForeign,
			"the file DB is not an SQLite database, or its first page is destroyed\ncheck the path of the database, or restore a backup; nothing was changed"},
		{"foreign database", func(p string) { must(t, os.Remove(p)); edit(t, p, "CREATE TABLE t (a)") }, store.ErrForeign,
			"the file DB is an SQLite database, but not one of seek-poller\ncheck the path of the database; nothing was changed"},
		{"newer", func(p string) { edit(t, p, "PRAGMA user_version = 99") }, store.ErrNewer,
			"the database DB has schema 99, and this version knows schema 2\nrun the newer version of seek-poller again, or restore a copy from before the upgrade; nothing was changed"},
		{"of no version", func(p string) { edit(t, p, "PRAGMA user_version = -1") }, store.ErrDamaged,
			"the database DB is damaged: its schema has the number -1\nkeep the file, restore a backup, and start again: what came since is asked for once more"},
		{"symbolic link", func(p string) { must(t, os.Rename(p, p+".real")); must(t, os.Symlink(p+".real", p)) }, store.ErrUnsafePlace,
			"the database DB is a symbolic link\nname the plain file itself"},
		{"hard link", func(p string) { must(t, os.Link(p, p+".twin")) }, store.ErrUnsafePlace,
			"the database DB is a hard link: the file has a second name\nname the plain file itself"},
		{"pipe", func(p string) { must(t, os.Remove(p)); must(t, syscall.Mkfifo(p, 0o600)) }, store.ErrUnsafePlace,
			"the database DB is not a regular file\nname the plain file itself"},
		{"directory", func(p string) { must(t, os.Remove(p)); must(t, os.Mkdir(p, 0o700)) }, store.ErrUnsafePlace,
			"the database DB is a directory\nname the plain file itself"},
	} {
		for name, open := range openers {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				path := made(t)
				c.spoil(path)
				before := content(path)
				s, err := open(path)
				if err == nil {
					s.Close()
					t.Fatal("opened")
				}
				if !errors.Is(err, c.kind) {
					t.Errorf("kind of %v", err)
				}
				if words := strings.ReplaceAll(c.words, "DB", path); words != "" && err.Error() != words {
					t.Errorf("got  %q\nwant %q", err, words)
				}
				if content(path) != before {
					t.Error("the file was changed")
				}
			})
		}
	}
}

// content is what is at the path, pipes aside.
func content(path string) string {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() {
		return fmt.Sprint(err)
	}
	text, err := os.ReadFile(path)
	return fmt.Sprint(err) + string(text)
}

func TestOlderIsMigratedByTheWriterOnly(t *testing.T) {
	path := made(t)
	edit(t, path, "PRAGMA user_version = 0")
	if _, err := openers["reader"](path); !errors.Is(err, store.ErrOlder) {
		t.Errorf("reader: %v", err)
	}
}

// Damage anywhere is found, or harms nothing: a flipped page never opens as sound and then answers wrongly.
func TestDamage(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	for i := range 20 {
		w.fetch(c.ID, fmt.Sprint("p", i), true, events(i*100, 100)...)
	}
	w.must(w.s.Close())
	whole, err := os.ReadFile(w.path)
	must(t, err)
	for name, spoil := range map[string]func() []byte{
		"cut in half":       func() []byte { return whole[:len(whole)/2/8192*8192] },
		"cut inside a page": func() []byte { return whole[:len(whole)-100] },
		"a page of zeros":   func() []byte { return overwrite(whole, 20*8192, make([]byte, 8192)) },
		"a page of text":    func() []byte { return overwrite(whole, 11*8192, []byte(strings.Repeat("x", 8192))) },
	} {
		t.Run(name, func(t *testing.T) {
			must(t, os.WriteFile(w.path, spoil(), 0o600))
			s, err := openers["writer"](w.path)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), "\nkeep the file, restore a backup") {
				t.Errorf("%v", err)
			}
		})
	}
}

// Of a file that is too large to be read at every start, a cut and damage of what the poller goes by are found at the start, and the rest when it is met.
func TestDamageOfALargeFile(t *testing.T) {
	w := newWorld(t)
	w.fetch(w.live("applications").ID, "p", true, events(0, 100)...)
	w.exec("CREATE TABLE ballast (b BLOB)")
	for range 9 {
		w.exec("INSERT INTO ballast VALUES (zeroblob(8 << 20))")
	}
	root := map[string]int{}
	for _, table := range []string{"cursors", "events"} {
		root[table] = w.count("SELECT rootpage FROM sqlite_schema WHERE name = '" + table + "'")
	}
	w.must(w.s.Close())
	info, err := os.Stat(w.path)
	must(t, err)
	sound := make([]byte, 8192)
	spoil := func(page int) {
		f, err := os.OpenFile(w.path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.ReadAt(sound, int64(page-1)*8192)
		must(t, err)
		_, err = f.WriteAt([]byte(strings.Repeat("x", 8192)), int64(page-1)*8192)
		must(t, err)
		must(t, f.Close())
	}
	refused := func(what string) {
		if s, err := openers["writer"](w.path); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
			if err == nil {
				s.Close()
			}
		}
	}
	spoil(root["cursors"])
	refused("the cursors are damaged")
	mend := func(page int) {
		f, err := os.OpenFile(w.path, os.O_RDWR, 0)
		must(t, err)
		_, err = f.WriteAt(sound, int64(page-1)*8192)
		must(t, err)
		must(t, f.Close())
	}
	mend(root["cursors"])
	spoil(root["events"])
	s, err := openers["writer"](w.path)
	must(t, err)
	if _, err := s.Event(context.Background(), event(1).ID); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a damaged event was read: %v", err)
	}
	must(t, s.Close())
	mend(root["events"])
	must(t, os.Truncate(w.path, info.Size()-100*8192))
	refused("it was cut")
}

func overwrite(whole []byte, offset int, with []byte) []byte {
	spoiled := append([]byte(nil), whole...)
	copy(spoiled[offset:], with)
	return spoiled
}

func TestReplacedFileGetsNoQuery(t *testing.T) {
	for name, replace := range map[string]func(w *world){
		"deleted": func(w *world) { must(t, os.Remove(w.path)) },
		"moved":   func(w *world) { must(t, os.Rename(w.path, w.path+".old")) },
		"replaced": func(w *world) {
			must(t, os.WriteFile(w.path+".copy", []byte("x"), 0o600))
			must(t, os.Rename(w.path+".copy", w.path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c := w.live("applications")
			replace(w)
			_, err := w.s.TakeSlot(context.Background(), w.ask(c.ID), w.clock.now())
			if !errors.Is(err, store.ErrFileReplaced) {
				t.Errorf("slot: %v", err)
			}
		})
	}
}

func TestNetworkFileSystems(t *testing.T) {
	for magic, want := range map[int64]string{
		unix.NFS_SUPER_MAGIC: "NFS", 0xff534d42: "SMB", int64(int32(-0x00acb2be)): "SMB", unix.SMB_SUPER_MAGIC: "SMB", unix.V9FS_MAGIC: "9p",
		unix.EXT4_SUPER_MAGIC: "", unix.TMPFS_MAGIC: "", unix.XFS_SUPER_MAGIC: "", unix.OVERLAYFS_SUPER_MAGIC: "", 0x65735546 /* fuse */ : "",
	} {
		if got := store.NetworkFS(magic); got != want {
			t.Errorf("%#x: got %q, want %q", magic, got, want)
		}
	}
}
