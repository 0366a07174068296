package store

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/mattn/go-sqlite3"
)

// Why a database is not opened, or a write not done. The errors that wrap these say in two lines what is wrong and what to do.
var (
	ErrMissing      = errors.New("the database is missing")
	ErrForeign      = errors.New("the file is not a database of seek-poller")
	ErrDamaged      = errors.New("the database is damaged")
	ErrNewer        = errors.New("the database belongs to a newer version")
	ErrOlder        = errors.New("the database belongs to an older version")
	ErrNoRoom       = errors.New("the disk has too little room")
	ErrUnsafePlace  = errors.New("the place is not fit for a database")
	ErrFileReplaced = errors.New("the database file was moved, deleted or replaced while it was open")
	ErrReadOnly     = errors.New("the store was opened for reading only")

	// ErrNotFound: there is no such event, cursor or destination.
	ErrNotFound = errors.New("not found")
	// ErrCursorMoved: the cursor has ended, or stands elsewhere than the query started. Nothing was saved.
	ErrCursorMoved = errors.New("the cursor has moved or ended")
	// ErrAnswered: the query's ledger row is closed already, so its page or failure was recorded before. Nothing was changed.
	ErrAnswered = errors.New("the query is answered already")
)

// refusal is a sentinel with words for the person who has to act.
type refusal struct {
	kind     error
	what, do string
}

func (r refusal) Error() string { return r.what + "\n" + r.do }
func (r refusal) Unwrap() error { return r.kind }

// obstacle is what the machine put in the way of doing what, with what a person can do about it. Of SQLite's errors only its own words are
// shown: what it was just running says nothing to whoever has to act. An error of neither passes.
func obstacle(what string, err error) error {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return refusal{err, what + ": " + e.Error(), remedy(e.Code, e.SystemErrno)}
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return refusal{err, what + ": " + err.Error(), remedy(0, errno)}
	}
	return fmt.Errorf("%s: %w", what, err)
}

func remedy(code sqlite3.ErrNo, errno syscall.Errno) string {
	switch {
	case code == sqlite3.ErrFull || errno == syscall.ENOSPC || errno == syscall.EDQUOT:
		return "make room on the disk that the database is on, and start again"
	case code == sqlite3.ErrBusy || code == sqlite3.ErrLocked:
		return "another program holds the database, such as a shell in a transaction: end that, and start again"
	case errno == syscall.EACCES || errno == syscall.EPERM || code == sqlite3.ErrPerm:
		return "run as the user who owns the database, such as with sudo -u, or let this user use its directory"
	case errno == syscall.EROFS || code == sqlite3.ErrReadonly:
		return "mount that file system for writing, or put the database on another"
	case errno == syscall.ENOENT:
		return "make the directory above it, or correct the path of the database"
	case errno == syscall.ENOTDIR:
		return "correct the path of the database: a part of it is a file, not a directory"
	case errno == syscall.ELOOP:
		return "move the symbolic link away: only a plain file is safe there"
	}
	return "look at the disk, the directory and the path of the database, and start again"
}

// LockedError says that another process runs on this database.
type LockedError struct {
	Path  string    // of the database
	Host  string    // "" if the holder is only just starting
	PID   int       // 0 likewise
	Since time.Time // zero likewise
}

func (e *LockedError) Error() string {
	who := "another process that is just starting"
	if e.PID != 0 {
		who = fmt.Sprintf("process %d on host %s since %s", e.PID, e.Host, e.Since.Format(time.RFC3339))
	}
	return fmt.Sprintf("database %s is in use by %s\nstop that one first, or give this one a database of its own", e.Path, who)
}

// TooSoonError says that the slot for the next query is not free yet.
type TooSoonError struct{ Wait time.Duration }

func (e *TooSoonError) Error() string {
	return fmt.Sprintf("the next query may be sent in %s", e.Wait)
}

// FingerprintError says that a stream's cursor was begun under other settings, so that its position means nothing under these.
type FingerprintError struct {
	Stream, Was, Is string
	From            time.Time // of SEEK's stream: everything before it is here
	Database        string    // its path
}

func (e *FingerprintError) Error() string {
	return fmt.Sprintf("stream %s was begun with other settings of endpoint, audience, scheme or event types (%s, now %s)\n"+
		"put those settings back, or begin anew under these where the stream stands, while no daemon runs:\n"+
		"seek-poller cursors rewind %s --to-time %s --database %s --yes --reason \"settings changed\"",
		e.Stream, e.Was, e.Is, e.Stream, e.From.UTC().Format(layout), quoted(e.Database))
}

// quoted makes one word of a path for a shell.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+@", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
