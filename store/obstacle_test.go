package store_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/mattn/go-sqlite3"

	"seekpoller/store"
)

// What the machine puts in the way of opening is told in two lines: what, and what to do.
func TestObstacles(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(dir string) (path string)
		want  string // DIR stands for the directory, DB for the path
	}{
		{"no directory above", func(dir string) string { return dir + "/a/b/seek.db" },
			"make the directory of the database: mkdir DIR/a/b: no such file or directory\nmake the directory above it, or correct the path of the database"},
		{"below a file", func(dir string) string { must(t, os.WriteFile(dir+"/a", nil, 0o600)); return dir + "/a/seek.db" },
			"find the database: lstat DIR/a/seek.db: not a directory\ncorrect the path of the database: a part of it is a file, not a directory"},
		{"a link for a lock", func(string) string {
			path := made(t)
			must(t, os.Remove(path+".lock"))
			must(t, os.Symlink("x", path+".lock"))
			return path
		}, "open the lock of the database: open DB.lock: too many levels of symbolic links\nmove the symbolic link away: only a plain file is safe there"},
		{"a directory that may not be entered", func(dir string) string {
			if os.Geteuid() == 0 {
				return ""
			}
			must(t, os.Mkdir(dir+"/a", 0))
			return dir + "/a/seek.db"
		}, "find the database: lstat DIR/a/seek.db: permission denied\nrun as the user who owns the database, such as with sudo -u, or let this user use its directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			path := c.spoil(dir)
			if path == "" {
				t.Skip("root may enter every directory")
			}
			s, err := openers["writer"](path)
			if err == nil {
				s.Close()
				t.Fatal("opened")
			}
			if got := strings.NewReplacer(dir, "DIR", path, "DB").Replace(err.Error()); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

// Those that a test cannot put in the way. The cause stays in the error, the file of the schema that was being run does not show.
func TestRemedies(t *testing.T) {
	full := sqlite3.Error{Code: sqlite3.ErrFull}
	running := fmt.Errorf("run migrations/0001_first.sql: %w", full)
	lock := func(errno syscall.Errno) error { return &fs.PathError{Op: "open", Path: "/d/seek.db.lock", Err: errno} }
	for _, c := range []struct {
		got, cause error
		want       string
	}{
		{store.Obstacle("make the database /d/seek.db", running), full, "make the database /d/seek.db: database or disk is full\nmake room"},
		{store.Explain("/d/seek.db", running), full, "open the database /d/seek.db: database or disk is full\nmake room"},
		{store.Explain("/d/seek.db", sqlite3.Error{Code: sqlite3.ErrBusy}), nil, "open the database /d/seek.db: database is locked\nanother program"},
		{store.Explain("/d/seek.db", sqlite3.Error{Code: sqlite3.ErrIoErr, SystemErrno: syscall.ENOSPC}), nil, "make room"},
		{store.Obstacle("open the lock", lock(syscall.EROFS)), syscall.EROFS, "open /d/seek.db.lock: read-only file system\nmount"},
		{store.Obstacle("open the lock", lock(syscall.EACCES)), fs.ErrPermission, "permission denied\nrun as the user"},
		{store.Obstacle("open the lock", lock(syscall.EIO)), syscall.EIO, "input/output error\nlook at the disk"},
	} {
		text := c.got.Error()
		if !strings.Contains(text, c.want) || strings.Contains(text, "migrations") || strings.Count(text, "\n") != 1 {
			t.Errorf("got %q, want %q", text, c.want)
		}
		if c.cause != nil && !errors.Is(c.got, c.cause) {
			t.Errorf("%q has lost its cause", filepath.Base(text))
		}
	}
}
