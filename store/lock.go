package store

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// lock is the flock(2) that keeps a second daemon off the database. It is on a file beside the database, never on the database itself:
// closing a second descriptor of that would drop SQLite's own locks. The kernel lets go of it when the process dies.
//
// The file stays when the lock is released: signed, it is the trace that says a database was here, and what its last query was.
type lock struct {
	file   *os.File
	holder string // who signed, in lines
	note   note
}

// takeLock takes the lock of the database at path, or says in a *LockedError who has it.
func takeLock(path string) (*lock, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, obstacle("open the lock of the database", err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = readHolder(f, path)
	} else if err == nil {
		err = f.Chmod(0o600)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &lock{file: f}, nil
}

const holderFormat = "host: %s\npid: %d\nsince: %s\n"

// readHolder reads who signed the lock. A text that does not read is a holder that has not signed yet.
func readHolder(f *os.File, path string) error {
	held := &LockedError{Path: path}
	text := make([]byte, 1024)
	n, _ := f.ReadAt(text, 0)
	var since string
	if _, err := fmt.Sscanf(string(text[:n]), holderFormat, &held.Host, &held.PID, &since); err != nil {
		return &LockedError{Path: path}
	}
	held.Since, _ = time.Parse(layout, since)
	return held
}

// Holder says which process runs on this database: its *LockedError, or nil if none does. A copy of a database is run on by nobody.
func (s *Store) Holder() (*LockedError, error) { return HolderOf(s.path) }

// HolderOf is Holder of the database at path, which is not opened and need not be there.
func HolderOf(path string) (*LockedError, error) {
	f, err := os.OpenFile(path+".lock", os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, obstacle("look at the lock of the database", err)
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); !errors.Is(err, unix.EWOULDBLOCK) {
		return nil, err
	}
	var held *LockedError
	errors.As(readHolder(f, path), &held)
	return held, nil
}

// sign writes into the lock who holds it. It is done once the database exists, because a signed lock without a database means that one was lost.
func (l *lock) sign(started Instant) error {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "unknown"
	}
	l.holder = fmt.Sprintf(holderFormat, host, os.Getpid(), started.Wall.UTC().Format(layout))
	return l.write()
}

func (l *lock) release() error { return l.file.Close() }
