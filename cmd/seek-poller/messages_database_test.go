package main

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// damagedDatabases is what is wrong with the database's file.
func damagedDatabases(t *testing.T) chapter {
	c := chapter{title: "The database", about: "Nothing was changed, and SEEK was not asked: where there is no sound database the daemon does not begin."}
	small := smallDatabase(t)
	const page = 8192
	for _, m := range []struct {
		wrong string
		spoil func(b mishap, path string)
	}{
		{"it is not there", func(_ mishap, p string) { os.Remove(p) }},
		{"it is not there, and a trace says that it was", func(b mishap, p string) { os.Remove(p); b.write("seek-poller.db-wal", "x") }},
		{"it is not there, and a backup lies beside", func(b mishap, p string) { os.Remove(p); b.write("seek-poller.db.backup", "x") }},
		{"it is empty", func(b mishap, _ string) { b.write("seek-poller.db", "") }},
		{"it is text", func(b mishap, _ string) { b.write("seek-poller.db", strings.Repeat("Dear diary. ", 1000)) }},
		{"it is one byte", func(b mishap, _ string) { b.write("seek-poller.db", "S") }},
		{"only its head is left", func(b mishap, _ string) { b.write("seek-poller.db", string(small[:100])) }},
		{"only its first page is left", func(b mishap, _ string) { b.write("seek-poller.db", string(small[:page])) }},
		{"it is cut in half", func(b mishap, _ string) { b.write("seek-poller.db", string(small[:len(small)/2/page*page])) }},
		{"it is cut inside a page", func(b mishap, _ string) { b.write("seek-poller.db", string(small[:3*page+100])) }},
		{"a bit of its first word is flipped", bitFlipped(small, 0)},
		{"its page size is another", bitFlipped(small, 16)},
		{"its mark is another program's", bitFlipped(small, 68)},
		{"the kind of its first page is flipped", bitFlipped(small, 100)},
		{"its second page is of zeros", func(b mishap, _ string) {
			b.write("seek-poller.db", string(overwritten(small, page, make([]byte, page))))
		}},
		{"its third page is of text", func(b mishap, _ string) {
			b.write("seek-poller.db", string(overwritten(small, 2*page, bytes.Repeat([]byte("x"), page))))
		}},
		{"it is another program's database", func(b mishap, p string) { os.Remove(p); b.sql(p, "CREATE TABLE t (a)") }},
		{"it is of a newer version", func(b mishap, p string) { b.sql(p, "PRAGMA user_version = 99") }},
		{"it is of a version below nothing", func(b mishap, p string) { b.sql(p, "PRAGMA user_version = -1") }},
		{"it is a symbolic link", func(b mishap, p string) { b.must(os.Rename(p, p+".real")); b.must(os.Symlink(p+".real", p)) }},
		{"it has a second name", func(b mishap, p string) { b.must(os.Link(p, p+".twin")) }},
		{"it is a directory", func(b mishap, p string) { os.Remove(p); b.must(os.Mkdir(p, 0o700)) }},
		{"it is a pipe", func(b mishap, p string) { os.Remove(p); b.must(syscall.Mkfifo(p, 0o600)) }},
		{"its lock is a link to itself", func(b mishap, p string) { b.must(os.Symlink(p+".lock", p+".lock")) }},
		{"its lock is a directory", func(b mishap, p string) { b.must(os.Mkdir(p+".lock", 0o700)) }},
		{"its log is a directory", func(b mishap, p string) { b.must(os.Mkdir(p+"-wal", 0o700)) }},
		{"another daemon holds it", func(b mishap, p string) { b.hold(p) }},
		{"a shell is in a transaction", func(b mishap, p string) { b.transaction(p) }},
	} {
		for _, typed := range []string{"run --config DIR/good.yaml", "status --database DIR/seek-poller.db"} {
			if strings.HasPrefix(typed, "run") && m.wrong == "it is not there" || strings.HasPrefix(typed, "status") && m.wrong == "a shell is in a transaction" {
				continue // that makes one, and the other waits for as long
			}
			b := newMishap(t, nil)
			path := filepath.Join(b.dir, "seek-poller.db")
			b.write("seek-poller.db", string(small))
			m.spoil(b, path)
			if said := b.oneMistake(m.wrong, typed); said.code != exitDone && said.said != "" {
				c.messages = append(c.messages, b.withoutLog(said))
			}
		}
	}
	return c
}

// withoutLog leaves of what the daemon says the last message: before that it logs.
func (b mishap) withoutLog(m spoken) spoken {
	if i := strings.Index(m.said, "seek-poller: "); i >= 0 {
		m.said = m.said[i:]
	}
	return m
}

func bitFlipped(whole []byte, at int) func(b mishap, path string) {
	return func(b mishap, _ string) {
		b.write("seek-poller.db", string(overwritten(whole, at, []byte{whole[at] ^ 0x40})))
	}
}

func overwritten(whole []byte, at int, with []byte) []byte {
	spoilt := bytes.Clone(whole)
	copy(spoilt[at:], with)
	return spoilt
}

// sql does a statement as a shell would.
func (b mishap) sql(path, statement string) {
	b.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	b.must(err)
	defer db.Close()
	_, err = db.Exec(statement)
	b.must(err)
}

// hold takes the lock of a daemon that has signed it.
func (b mishap) hold(path string) {
	b.t.Helper()
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	b.must(err)
	b.t.Cleanup(func() { f.Close() })
	_, err = f.WriteString("host: partner-1\npid: 4711\nsince: 2026-03-01T12:00:00.000Z\n")
	b.must(err)
	b.must(syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
}

// transaction leaves one open that writes.
func (b mishap) transaction(path string) {
	b.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?_txlock=exclusive&_locking_mode=EXCLUSIVE")
	b.must(err)
	b.t.Cleanup(func() { db.Close() })
	tx, err := db.Begin()
	b.must(err)
	b.t.Cleanup(func() { _ = tx.Rollback() })
}
