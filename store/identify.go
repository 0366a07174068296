package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// identify proves, without changing a byte, that the file is ours and of a schema that this version knows.
// With migrates an older schema is fine.
func identify(ctx context.Context, path string, migrates bool) (err error) {
	db := openPool(path, probing)
	defer func() { err = errors.Join(err, db.Close()) }()
	var owner, version int
	if err := db.QueryRowContext(ctx, "PRAGMA application_id").Scan(&owner); err != nil {
		return explain(path, err)
	}
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return explain(path, err)
	}
	newest := len(migrations())
	switch {
	case owner != applicationID:
		return refusal{ErrForeign, "the file " + path + " is an SQLite database, but not one of seek-poller",
			"check the path of the database; nothing was changed"}
	case version < 0:
		return damaged(path, fmt.Sprintf("its schema has the number %d", version))
	case version > newest:
		return refusal{ErrNewer, fmt.Sprintf("the database %s has schema %d, and this version knows schema %d", path, version, newest),
			"run the newer version of seek-poller again, or restore a copy from before the upgrade" + newestCopy(path) + "; nothing was changed"}
	case version < newest && !migrates:
		return refusal{ErrOlder, fmt.Sprintf("the database %s has schema %d, and this version reads schema %d", path, version, newest),
			"start the daemon of this version once; it brings the database up to date"}
	}
	return nil
}

// smallFile is what can be read as a whole in a second or so.
const smallFile = 256 << 20

// readAtStart is what may be read as a whole before the daemon is ready: a quarter of a second on a busy machine.
const readAtStart = 64 << 20

// quickCheck refuses a file in which a page or an index does not hold together. It reads a file below readAtStart as a whole; of a larger one
// only what says where the streams and destinations stand, because a start must not wait for the rest: SQLite notices a page that makes no sense when it
// is met, a file that was cut off is refused, and Verify reads it all.
func quickCheck(ctx context.Context, path string, db *sql.DB) error {
	size, err := sizeOf(path)
	if err != nil {
		return err
	}
	parts := []string{"1"}
	if size >= readAtStart {
		parts = []string{"cursors", "destinations", "chores"}
		if err := checkLength(ctx, path, size, db); err != nil {
			return err
		}
	}
	for _, part := range parts {
		var found string
		if err := db.QueryRowContext(ctx, "PRAGMA quick_check("+part+")").Scan(&found); err != nil {
			return explain(path, err)
		}
		if found != "ok" {
			return damaged(path, found)
		}
	}
	return nil
}

// checkLength refuses a file that was cut off. Pages that are in the log yet may lie behind its end.
func checkLength(ctx context.Context, path string, size int64, db *sql.DB) error {
	if log, err := sizeOf(path + "-wal"); err != nil || log > 0 {
		return err
	}
	var whole int64
	if err := db.QueryRowContext(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").Scan(&whole); err != nil {
		return explain(path, err)
	}
	if size < whole {
		return damaged(path, fmt.Sprintf("%d of its %d bytes are missing", whole-size, whole))
	}
	return nil
}

// explain turns what SQLite says of a file that it cannot use into words; other errors pass.
func explain(path string, err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("open the database %s: %w", path, err)
	}
	switch e.Code {
	case sqlite3.ErrNotADB:
		return refusal{ErrForeign, "the file " + path + " is not an SQLite database, or its first page is destroyed",
			"check the path of the database, or restore a backup; nothing was changed"}
	case sqlite3.ErrCorrupt:
		return damaged(path, e.Error())
	case sqlite3.ErrFull, sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrIoErr:
		return obstacle("open the database "+path, err)
	case sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return refusal{ErrUnsafePlace, fmt.Sprintf("the database %s cannot be opened by this user (%v)", path, e),
			"run as the user who owns the database, and check that its directory may be written by that user"}
	}
	return fmt.Errorf("open the database %s: %w", path, err)
}

func damaged(path, found string) error {
	return refusal{ErrDamaged, "the database " + path + " is damaged: " + found,
		"keep the file, restore a backup, and start again: what came since is asked for once more"}
}

// isBusy says that another connection holds the lock that was asked for.
func isBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}
