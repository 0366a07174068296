package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/store"
)

// Room on the disk of the database. Under the least, a commit may fail at any time; then nothing more is asked.
const (
	leastRoom = 64 << 20
	goodRoom  = 1 << 30
)

func (c *connection) tryDisk(context.Context) finding {
	dir := filepath.Dir(c.cfg.Database)
	var s unix.Statfs_t
	if err := unix.Statfs(existing(dir), &s); err != nil {
		return failure(fmt.Errorf("%s: %w", dir, err), "correct the path of the database")
	}
	var database int64
	if info, err := os.Stat(c.cfg.Database); err == nil {
		database = info.Size()
	}
	return room(dir, int64(s.Bavail)*s.Bsize, int64(s.Blocks)*s.Bsize, database)
}

// room judges what is left of a disk, where a database of some size is.
func room(dir string, left, disk, database int64) finding {
	f := ok("%s of %s left at %s", size(left), size(disk), dir)
	switch {
	case left < leastRoom:
		f.State, f.Todo = wrong, fmt.Sprintf("make room, or put the database on another disk: under %s nothing may be written at any time", size(leastRoom))
	case left < goodRoom:
		f.State, f.Todo = doubtful, fmt.Sprintf("make room: %s is little for what comes in while you are away", size(left))
	case left < database:
		f.State, f.Todo = doubtful, fmt.Sprintf("make room: an upgrade or a backup makes a copy of the database, which has %s", size(database))
	}
	return f
}

// existing is the nearest directory above that there is.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func effectiveUser() int { return os.Geteuid() }

// access asks the kernel what the effective user may do.
func access(path string, mode uint32) error {
	return unix.Faccessat(unix.AT_FDCWD, path, mode, unix.AT_EACCESS)
}

// tryPermissions says what this user may do with database, socket and secrets. Loading the config has read the secrets.
func (c *connection) tryPermissions(context.Context) finding {
	who := admin.UserName(c.uid)
	for _, look := range []func() (string, string){c.databasePlace, c.databaseFiles, c.socketPlace} {
		if what, todo := look(); what != "" {
			return finding{State: wrong, Says: "as " + who + ": " + what, Todo: todo}
		}
	}
	f := ok("as %s: database and socket can be made or used, %s read", who, counted(len(c.cfg.SecretFiles()), "secret file"))
	switch owner, known := ownerOf(c.cfg.Database); {
	case known && owner != c.uid:
		f.State, f.Says = doubtful, fmt.Sprintf("as %s; but the database belongs to %s", who, admin.UserName(owner))
		f.Todo = "check as the daemon's user: sudo -u " + sudoName(owner) + " seek-poller check --connect"
	case !known && c.uid == 0:
		f.State, f.Says, f.Todo = doubtful, "as "+who+", who may do everything", "check as the daemon's user, and start the daemon as that one: sudo -u USER seek-poller check --connect"
	}
	return f
}

// sudoName is a user as sudo -u takes it.
func sudoName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return "'#" + id + "'"
}

func ownerOf(path string) (uid int, known bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	return int(info.Sys().(*syscall.Stat_t).Uid), true
}

const asDaemon = "run as the daemon's user (sudo -u USER), or let this one: chown"

// databasePlace says what keeps the database from being made or opened; "": nothing. run makes one directory, and none above it.
func (c *connection) databasePlace() (what, todo string) {
	dir := filepath.Dir(c.cfg.Database)
	err := c.access(dir, unix.W_OK|unix.X_OK)
	if errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
		err = c.access(dir, unix.W_OK|unix.X_OK)
	}
	switch {
	case err == nil:
		return "", ""
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s, the directory above that of the database, does not exist", dir), "make it, or correct database in the config"
	case errors.Is(err, syscall.EROFS):
		return fmt.Sprintf("%s is on a file system that is mounted read-only", dir), "mount it for writing, or put the database elsewhere"
	}
	return fmt.Sprintf("may not write in %s, where the database is (%v)", dir, err), asDaemon + " it to whom runs the daemon"
}

func (c *connection) databaseFiles() (what, todo string) {
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		file := c.cfg.Database + end
		if err := c.access(file, unix.R_OK|unix.W_OK); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("may not read and write %s (%v)", file, err), asDaemon + " " + filepath.Base(file) + " to whom runs the daemon"
		}
	}
	return "", ""
}

func (c *connection) socketPlace() (what, todo string) {
	dir := filepath.Dir(c.cfg.Admin.Socket)
	near := existing(dir)
	switch err := c.access(near, unix.W_OK|unix.X_OK); {
	case err == nil:
		return "", ""
	case near != dir && c.cfg.Admin.Socket == config.DefaultSocket:
		return "", "" // systemd makes it with the service, and takes it away again
	case near != dir:
		return fmt.Sprintf("%s, where the admin socket belongs, does not exist and cannot be made", dir), "systemd makes it with the service (RuntimeDirectory=); without systemd make it, or set admin.socket"
	default:
		return fmt.Sprintf("may not make the admin socket in %s (%v)", dir, err), asDaemon + " it to whom runs the daemon; or set admin.socket"
	}
}

// tryDaemon looks who has the database's lock and who answers at the socket.
func (c *connection) tryDaemon(ctx context.Context) finding {
	ctx, cancel := context.WithTimeout(ctx, probing)
	defer cancel()
	holder, err := store.HolderOf(c.cfg.Database)
	if err != nil {
		return finding{State: doubtful, Says: err.Error(), Todo: "check as the daemon's user: sudo -u USER seek-poller check --connect"}
	}
	var report admin.Report
	silent := admin.Dial(c.cfg.Admin.Socket).Get(ctx, "/api/v1/status", nil, &report)
	return daemonFinding(holder, silent, report, c.cfg.Admin.Socket)
}

func daemonFinding(holder *store.LockedError, silent error, report admin.Report, socket string) finding {
	none, absent := errors.AsType[*admin.NoDaemonError](silent)
	switch {
	case holder == nil && absent && !none.Denied:
		return ok("none runs on this database")
	case holder == nil && silent == nil:
		return finding{State: wrong, Says: "another database's daemon answers at " + socket, Todo: "give each daemon a socket of its own with admin.socket"}
	case silent == nil && !report.Healthy:
		return finding{State: doubtful, Says: runs(holder) + ", and says that something is wrong", Todo: "see: seek-poller status"}
	case silent == nil:
		return ok("%s, and answers at %s", runs(holder), socket)
	case absent && none.Denied:
		return finding{State: doubtful, Says: none.Error(), Todo: "check as the daemon's user, or join the group that admin.group names"}
	}
	said := strings.SplitN(silent.Error(), "\n", 2)[0]
	return finding{State: doubtful, Says: fmt.Sprintf("%s, but %s", runs(holder), said), Todo: "is admin.socket as when it was started? Its log says where it answers"}
}

func runs(h *store.LockedError) string {
	if h == nil {
		return "nobody has the database"
	}
	if h.PID == 0 {
		return "one is just starting"
	}
	return fmt.Sprintf("process %d on %s has run since %s", h.PID, h.Host, h.Since.Format(time.RFC3339))
}
