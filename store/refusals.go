package store

import (
	"errors"
	"fmt"
	"time"
)

// Why a database is not opened, or a write not done. The errors that wrap these say in two lines what is wrong and what to do.
var (
	ErrMissing      = errors.New("the database is missing")
	ErrForeign      = errors.New("the file is not a database of seek-poller")
	ErrDamaged      = errors.New("the database is damaged")
	ErrNewer        = errors.New("the database belongs to a newer version")
	ErrOlder        = errors.New("the database belongs to an older version")
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
type FingerprintError struct{ Stream, Was, Is string }

func (e *FingerprintError) Error() string {
	return fmt.Sprintf("stream %s was begun with other settings of endpoint, audience, scheme or event types (%s, now %s)\n"+
		"put those settings back, or give the stream another name to begin a new one", e.Stream, e.Was, e.Is)
}
