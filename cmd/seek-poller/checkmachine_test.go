package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// TestCheckConnectRoom: where a disk gets tight.
func TestCheckConnectRoom(t *testing.T) {
	for _, c := range []struct {
		left, database int64
		want           verdict
		todo           string
	}{
		{leastRoom - 1, 0, wrong, "make room, or put the database on another disk: under 64.0 MiB nothing may be written at any time"},
		{leastRoom, 0, doubtful, "make room: 64.0 MiB is little for what comes in while you are away"},
		{goodRoom - 1, 0, doubtful, "make room: 1024.0 MiB is little for what comes in while you are away"},
		{goodRoom, goodRoom + 1, doubtful, "make room: an upgrade or a backup makes a copy of the database, which has 1.0 GiB"},
		{goodRoom, goodRoom, fine, ""},
	} {
		if got := room("/d", c.left, 100<<30, c.database); got.State != c.want || got.Todo != c.todo || !strings.Contains(got.Says, " of 100.0 GiB left at /d") {
			t.Errorf("%d left, a database of %d: %+v", c.left, c.database, got)
		}
	}
}

// TestCheckConnectPermissions: what this user may not do, and who it is.
func TestCheckConnectPermissions(t *testing.T) {
	type answer map[string]error
	for name, c := range map[string]struct {
		says  answer // of access; other places may be used
		uid   int
		owner int // of the database; -1: there is none
		want  string
	}{
		"all is well":  {nil, 4242, 4242, "ok as uid 4242: database and socket can be made or used, 2 secret files read\n"},
		"a first time": {nil, 4242, -1, "ok as uid 4242: database and socket can be made or used, 2 secret files read\n"},
		"as root":      {nil, 0, -1, "warn as root (uid 0), who may do everything\ncheck as the daemon's user, and start the daemon as that one: sudo -u USER seek-poller check --connect"},
		"as another":   {nil, 0, 4242, "warn as root (uid 0); but the database belongs to uid 4242\ncheck as the daemon's user: sudo -u '#4242' seek-poller check --connect"},
		"the directory": {answer{"db": syscall.EACCES}, 4242, 4242, "FAIL as uid 4242: may not write in DIR/db, where the database is (permission denied)\n" +
			"run as the daemon's user (sudo -u USER), or let this one: chown it to whom runs the daemon"},
		"a disk for reading": {answer{"db": syscall.EROFS}, 4242, 4242, "FAIL as uid 4242: DIR/db is on a file system that is mounted read-only\n" +
			"mount it for writing, or put the database elsewhere"},
		"no directory above": {answer{"db": syscall.ENOENT, "": syscall.ENOENT}, 4242, -1, "FAIL as uid 4242: DIR, the directory above that of the database, does not exist\n" +
			"make it, or correct database in the config"},
		"the file": {answer{"db/seek-poller.db": syscall.EACCES}, 4242, 4242, "FAIL as uid 4242: may not read and write DIR/db/seek-poller.db (permission denied)\n" +
			"run as the daemon's user (sudo -u USER), or let this one: chown seek-poller.db to whom runs the daemon"},
		"the lock": {answer{"db/seek-poller.db.lock": syscall.EACCES}, 4242, 4242, "FAIL as uid 4242: may not read and write DIR/db/seek-poller.db.lock (permission denied)\n" +
			"run as the daemon's user (sudo -u USER), or let this one: chown seek-poller.db.lock to whom runs the daemon"},
		"the socket": {answer{"sock": syscall.EACCES}, 4242, 4242, "FAIL as uid 4242: may not make the admin socket in DIR/sock (permission denied)\n" +
			"run as the daemon's user (sudo -u USER), or let this one: chown it to whom runs the daemon; or set admin.socket"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).with("socket: admin.sock", "socket: sock/admin.sock")
			for _, dir := range []string{"db", "sock"} {
				if err := os.Mkdir(filepath.Join(b.dir, dir), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if c.owner >= 0 {
				b.write("db/seek-poller.db", "x")
				if err := os.Chown(filepath.Join(b.dir, "db/seek-poller.db"), c.owner, -1); err != nil {
					t.Skip("only root can give files away")
				}
			}
			conn := b.connection()
			conn.uid = c.uid
			conn.access = func(path string, _ uint32) error {
				rel, err := filepath.Rel(b.dir, path)
				if err != nil {
					return err
				}
				return c.says[strings.TrimPrefix(rel, ".")]
			}
			f := conn.tryPermissions(t.Context())
			if got := strings.ReplaceAll(fmt.Sprintf("%s %s\n%s", f.State, f.Says, f.Todo), b.dir, "DIR"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	if err := access(t.TempDir()+"/none", unix.R_OK); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the kernel says %v of what is not there", err)
	}
}

// TestCheckConnectDaemon: who runs on the database, and who answers at the socket.
func TestCheckConnectDaemon(t *testing.T) {
	held := &store.LockedError{Host: "here", PID: 7, Since: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)}
	silent, denied := &admin.NoDaemonError{Socket: "/s"}, &admin.NoDaemonError{Socket: "/s", Denied: true}
	for _, c := range []struct {
		holder  *store.LockedError
		err     error
		healthy bool
		want    string
	}{
		{nil, silent, false, "ok none runs on this database; "},
		{held, nil, true, "ok process 7 on here has run since 2026-01-31T09:00:00Z, and answers at /s; "},
		{&store.LockedError{}, nil, true, "ok one is just starting, and answers at /s; "},
		{held, nil, false, "warn process 7 on here has run since 2026-01-31T09:00:00Z, and says that something is wrong; see: seek-poller status"},
		{held, silent, false, "warn process 7 on here has run since 2026-01-31T09:00:00Z, but no daemon answers at /s; is admin.socket as when it was started? Its log says where it answers"},
		{held, denied, false, "warn the admin socket /s is not for this user; check as the daemon's user, or join the group that admin.group names"},
		{nil, denied, false, "warn the admin socket /s is not for this user; check as the daemon's user, or join the group that admin.group names"},
		{nil, nil, true, "FAIL another database's daemon answers at /s; give each daemon a socket of its own with admin.socket"},
	} {
		f := daemonFinding(c.holder, c.err, admin.Report{Healthy: c.healthy}, "/s")
		if got := fmt.Sprintf("%s %s; %s", f.State, f.Says, f.Todo); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

// TestCheckConnectBesideADaemon: the lock of a real one is seen, and the check leaves no file.
func TestCheckConnectBesideADaemon(t *testing.T) {
	b := newBench(t)
	c := b.connection()
	if f := c.tryDaemon(t.Context()); f.Says != "none runs on this database" {
		t.Errorf("before there is one: %+v", f)
	}
	s, err := store.Open(t.Context(), c.cfg.Database, store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	before := tree(t, b.dir)
	if f := c.tryDaemon(t.Context()); f.State != doubtful || !strings.Contains(f.Says, fmt.Sprintf("process %d on", os.Getpid())) {
		t.Errorf("beside one: %+v", f)
	}
	if _, err := b.lines(t.Context(), c); err != nil {
		t.Error(err)
	}
	if after := tree(t, b.dir); after != before {
		t.Errorf("files before\n%s\nand after\n%s", before, after)
	}
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var b bytes.Buffer
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		fmt.Fprintln(&b, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
