package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// file is what is known of the database's path before it is opened.
//
// The file itself is only ever opened by SQLite: closing any other descriptor of it would drop SQLite's locks in this process
// (https://sqlite.org/howtocorrupt.html, "Posix advisory locks canceled by a separate thread").
type file struct {
	path   string // absolute
	exists bool
}

// locate looks at the path and refuses what must not become, or is not, a database. With create it makes the directory, mode 0700.
func locate(path string, create bool) (file, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return file{}, fmt.Errorf("find the database: %w", err)
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil:
		return file{path: path, exists: true}, errors.Join(checkFile(path, info), checkPlace(filepath.Dir(path)))
	case !errors.Is(err, fs.ErrNotExist):
		return file{}, obstacle("find the database", err)
	case !create:
		return file{}, refusal{ErrMissing, "there is no database at " + path,
			"`seek-poller run` makes one; if there was one, check that its disk is mounted, or restore a backup"}
	}
	return file{path: path}, prepare(path)
}

// checkFile refuses what is not a plain file of its own.
func checkFile(path string, info os.FileInfo) error {
	unsafe := func(what string) error {
		return refusal{ErrUnsafePlace, "the database " + path + " is " + what, "name the plain file itself"}
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return unsafe("a symbolic link")
	case info.IsDir():
		return unsafe("a directory")
	case !info.Mode().IsRegular():
		return unsafe("not a regular file")
	case info.Sys().(*syscall.Stat_t).Nlink > 1:
		return unsafe("a hard link: the file has a second name")
	case info.Size() == 0:
		return refusal{ErrDamaged, "the database " + path + " is empty (0 bytes)",
			"restore a backup; only if there never was one, delete the empty file and start again"}
	}
	return nil
}

// prepare makes sure that a new database may be made at path.
func prepare(path string) error {
	dir := filepath.Dir(path)
	if err := makeDir(dir); err != nil {
		return obstacle("make the directory of the database", err)
	}
	if err := checkPlace(dir); err != nil {
		return err
	}
	return checkTraces(path)
}

// makeDir makes the directory if there is none, and its name durable: with the name a power cut would take the database that was made in it, and
// the next start would find no trace of one. A directory that is there may be from a start that was cut short, so its name is synced too; where
// that cannot be done, somebody else made it.
func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		_ = syncDir(filepath.Dir(dir))
		return nil
	}
	if err == nil {
		// Whatever the umask took away, and nothing more.
		err = os.Chmod(dir, 0o700)
	}
	if err == nil {
		err = syncDir(filepath.Dir(dir))
	}
	return err
}

// checkTraces refuses a directory in which a database was, so that an unmounted disk or a deleted file never leads to a silent new start.
// A lock that nobody has signed is no trace: a process signs it only once the database exists.
func checkTraces(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return obstacle("look for traces of an earlier database", err)
	}
	for _, entry := range entries {
		if !isTrace(filepath.Base(path), entry) {
			continue
		}
		return refusal{ErrMissing,
			fmt.Sprintf("there is no database at %s, but %s beside it is a trace of one", path, entry.Name()),
			"restore the database; only if it is not wanted any more, move that file away and start again"}
	}
	return nil
}

func isTrace(base string, entry fs.DirEntry) bool {
	rest, ours := strings.CutPrefix(entry.Name(), base)
	if !ours {
		return false
	}
	switch rest {
	case "-wal", "-shm", "-journal":
		return true
	case ".lock":
		info, err := entry.Info()
		return err != nil || info.Size() > 0
	}
	return strings.Contains(rest, "bak") || strings.Contains(rest, "backup")
}

// checkPlace refuses network file systems, on which neither SQLite's write-ahead log nor our lock can be trusted
// (https://sqlite.org/wal.html, "does not work over a network filesystem").
func checkPlace(dir string) error {
	var stat unix.Statfs_t
	if err := unix.Statfs(dir, &stat); err != nil {
		return obstacle("look at the file system of "+dir, err)
	}
	name := networkFS(int64(stat.Type))
	if name == "" {
		return nil
	}
	return refusal{ErrUnsafePlace, fmt.Sprintf("%s is on a network file system (%s)", dir, name),
		"put the database on a local disk"}
}

// networkFS names the network file system of a statfs(2) type; "" for every other one.
func networkFS(magic int64) string {
	switch uint32(magic) {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC:
		return "SMB"
	case unix.V9FS_MAGIC:
		return "9p"
	case unix.CEPH_SUPER_MAGIC:
		return "Ceph"
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
		return "AFS"
	case unix.CODA_SUPER_MAGIC:
		return "Coda"
	}
	return ""
}

// tighten closes the database and its log to everybody but the owner. SQLite gives new log files the mode of the database.
func tighten(path string) error {
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && info.Mode().Perm()&^0o600 != 0 {
			err = os.Chmod(name, 0o600)
		}
		if err != nil {
			return refusal{ErrUnsafePlace, fmt.Sprintf("%s may be read by others, and that cannot be changed: %v", name, err),
				"make this user its owner, or set its mode to 0600"}
		}
	}
	return nil
}

// checkFileKept sees whether the path still names the file that was opened. Writing on into a deleted file would lose everything at exit.
func (s *Store) checkFileKept() error {
	info, err := os.Lstat(s.path)
	if err == nil && os.SameFile(info, s.file) {
		return nil
	}
	return refusal{ErrFileReplaced, "the database " + s.path + " was moved, deleted or replaced while in use",
		"stop, put the right file back, and start again"}
}
