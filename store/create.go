package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// create makes a new database at path and says whether it did; false means that another process was first.
//
// It is built in a directory beside path and moved there when it is whole and on the disk. If we crash before the move there is no database,
// and the next start makes one; after it there is a complete one. There never is an empty or half-made file at path.
func create(ctx context.Context, path string) (bool, error) {
	made, err := createIn(ctx, path)
	if err != nil {
		return false, obstacle("make the database "+path, err)
	}
	return made, nil
}

// clearDrafts removes what a crash left of earlier tries, and of backups. Only the holder of the lock may: without it, another process may be writing one.
func clearDrafts(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return obstacle("clear old drafts of the database", err)
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), filepath.Base(path)+draftMark) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(filepath.Dir(path), entry.Name())); err != nil {
			return obstacle("clear old drafts of the database", err)
		}
	}
	return nil
}

const draftMark = ".new-"

func createIn(ctx context.Context, path string) (made bool, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), filepath.Base(path)+draftMark+"*")
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	draft := filepath.Join(dir, "draft")
	if err := writeDraft(ctx, draft); err != nil {
		return false, err
	}
	return publish(draft, path)
}

// writeDraft makes an empty database of the newest schema, all of it in the file itself and nothing in a log.
func writeDraft(ctx context.Context, draft string) error {
	f, err := os.OpenFile(draft, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Chmod(0o600), f.Close()); err != nil {
		return err
	}
	db := openPool(draft, drafting)
	err = migrate(ctx, db)
	if err == nil {
		err = checkpoint(db)
	}
	return errors.Join(err, db.Close())
}

// publish moves the draft to path unless something is there already, and makes the move durable.
func publish(draft, path string) (bool, error) {
	err := unix.Renameat2(unix.AT_FDCWD, draft, unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EEXIST) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("move it into place: %w", err)
	}
	return true, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the directory: %w", err)
	}
	return nil
}
