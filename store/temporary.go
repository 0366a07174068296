package store

import (
	"errors"

	"github.com/mattn/go-sqlite3"
)

// Temporary says whether a write failed for a reason that may pass by itself: the disk is full, somebody else holds the file, or the file
// system refuses writes for now. The same write may be tried again. Any other error of SQLite says that the file cannot be trusted any more.
func Temporary(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite3.ErrFull, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrNomem, sqlite3.ErrReadonly, sqlite3.ErrCantOpen:
		return true
	}
	return false
}

// Damaged says that SQLite found what is in the file not to hold together.
func Damaged(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB)
}
