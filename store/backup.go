package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup is a copy of the database, made while others read and write: everything that was committed when it was begun, packed without
// free pages, sound, and on the disk. It belongs to whoever asked for it; Close removes it.
type Backup struct {
	Path  string // mode 0600, in a directory of its own of mode 0700
	Bytes int64
	dir   string
}

// Close removes the copy.
func (b *Backup) Close() error { return os.RemoveAll(b.dir) }

// Backup makes a copy in dir; "": beside the database. It needs room for a second database for as long as the copy is there, and holds a read transaction while it copies, so
// that the write-ahead log grows by what is written meanwhile. What a crash leaves beside the database is removed at the next start.
func (s *Store) Backup(ctx context.Context, dir string) (*Backup, error) {
	return s.backup(ctx, dir, false)
}

// backup is Backup; with older, also of a schema that has yet to be brought up to date.
func (s *Store) backup(ctx context.Context, dir string, older bool) (*Backup, error) {
	if dir == "" {
		dir = filepath.Dir(s.path)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	dir, err = os.MkdirTemp(dir, filepath.Base(s.path)+draftMark+"*")
	if err != nil {
		return nil, obstacle("make a copy of the database", err)
	}
	b := &Backup{Path: filepath.Join(dir, "copy"), dir: dir}
	if err := b.fill(ctx, s.path, older); err != nil {
		return nil, errors.Join(obstacle("make a copy of the database", err), b.Close())
	}
	return b, nil
}

func (b *Backup) fill(ctx context.Context, from string, older bool) error {
	f, err := os.OpenFile(b.Path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := vacuumInto(ctx, from, b.Path); err != nil {
		return err
	}
	if err := checkCopy(ctx, b.Path, older); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	b.Bytes, err = sizeOf(b.Path)
	return err
}

// vacuumInto leaves to the copy the journal mode that the verbs which read it expect.
func vacuumInto(ctx context.Context, from, to string) (err error) {
	db := openPool(from, copying)
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return explain(from, err)
	}
	draft := openPool(to, drafting)
	return errors.Join(draft.PingContext(ctx), draft.Close())
}

// CheckCopy reads a copy of a database as a whole, on which nobody works, and says whether it is ours and sound: ErrForeign, ErrNewer, ErrOlder or ErrDamaged.
func CheckCopy(ctx context.Context, path string) error { return checkCopy(ctx, path, false) }

func checkCopy(ctx context.Context, path string, older bool) (err error) {
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	if err := identify(ctx, path, older); err != nil {
		return err
	}
	db := openPool(path, proving)
	defer func() { err = errors.Join(err, db.Close()) }()
	var found string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&found); err != nil {
		return explain(path, err)
	}
	if found != "ok" {
		return damaged(path, found)
	}
	var broken int
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil {
		return explain(path, err)
	}
	if broken > 0 {
		return damaged(path, fmt.Sprintf("%d rows refer to nothing", broken))
	}
	return nil
}
