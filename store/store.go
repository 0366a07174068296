// Package store is the memory of seek-poller: one SQLite file, and every transaction on it.
//
// One exported method that writes is one transaction and one fact. When it returns nil the fact is on the disk (synchronous=FULL); when it
// returns an error, nothing of it is, but for one case: where the sync of a commit fails, or the note after a slot, nobody knows, and the fact may be
// found by the next process. Whoever asks again then finds it done. After a crash there is nothing to repair: opening is always the way of recovery.
//
// The store is told the time and asks no clock, it decides no policy (when to ask, when to try again), and it talks to nobody.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
)

// Store is an open database. It is safe for concurrent use.
type Store struct {
	path     string
	writer   *sql.DB // one connection: the only writer of this process; nil if opened by OpenReader
	reader   *sql.DB // query_only
	lock     *lock   // nil if shared or opened by OpenReader
	file     os.FileInfo
	started  Instant
	created  bool
	setBack  atomic.Bool
	upgraded *Upgrade
	raw      rawFile
	watch    func(transaction string) (ended func()) // Options.Timed
}

// Options say how Open may treat the path.
type Options struct {
	// Create permits a new database, and only where the directory holds no trace of an earlier one.
	Create bool
	// Shared leaves the daemon's lock alone, for several processes on one database that share its slot.
	Shared bool
	// WithoutCopy leaves out the copy that is made of an older database before it is brought up to date.
	WithoutCopy bool
	// Upgrading is told of an upgrade before it begins: to copy and rewrite a large database takes minutes. May be nil.
	Upgrading func(Upgrade)
	// Started is the process's first reading of the clock. It must be set: after a reboot it is all that a wait can be counted from.
	Started Instant
	// Timed is called when a writing transaction has the writer's connection, with one of a few words for what it does (slot, page, failure,
	// claim, settle, destination, deed, reconcile, upkeep, start); what it returns is called when the transaction has ended. The clock is the
	// caller's: the store has none. nil: nobody watches.
	Timed func(transaction string) (ended func())
}

// Open opens the database at path for reading and writing, after making it (if there is none, nothing speaks against it and o.Create is set)
// or bringing it up to this version's schema, for which it makes a copy first (see Upgraded). It takes the lock that keeps a second daemon off.
//
// A file of less than 64 MiB is read once and proven sound. Of a larger one that is done for the cursors and destinations alone; how sound the rest
// is, Verify tells.
//
// It returns ErrMissing, ErrForeign, ErrDamaged, ErrNewer, ErrNoRoom, ErrUnsafePlace or *LockedError, wrapped with words for the operator.
// A file that others may read is closed to them (mode 0600).
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.Started.BootID == "" {
		return nil, errors.New("open the store: Options.Started is not set")
	}
	f, err := locate(path, o.Create)
	if err != nil {
		return nil, err
	}
	s := &Store{path: f.path, started: o.Started, watch: o.Timed}
	if !o.Shared {
		if s.lock, err = takeLock(f.path); err != nil {
			return nil, err
		}
	}
	if err := s.begin(ctx, f, o); err != nil {
		return nil, errors.Join(err, s.abandon())
	}
	return s, nil
}

// begin does what Open does under the lock.
func (s *Store) begin(ctx context.Context, f file, o Options) error {
	if s.lock != nil {
		if err := clearDrafts(f.path); err != nil {
			return err
		}
	}
	if !f.exists {
		made, err := create(ctx, f.path)
		if err != nil {
			return err
		}
		s.created = made
	}
	if err := tighten(f.path); err != nil {
		return err
	}
	if err := identify(ctx, f.path, true); err != nil {
		return err
	}
	if err := s.connect(ctx, o); err != nil {
		return err
	}
	if err := s.compare(ctx); err != nil || s.lock == nil {
		return err
	}
	return s.lock.sign(o.Started)
}

// connect opens both pools, brings the schema up to date, and proves a small file sound.
func (s *Store) connect(ctx context.Context, o Options) error {
	s.writer = openPool(s.path, writing)
	s.reader = openPool(s.path, reading)
	if err := s.upgrade(ctx, o); err != nil {
		return err
	}
	if err := quickCheck(ctx, s.path, s.writer); err != nil {
		return err
	}
	if err := s.reader.PingContext(ctx); err != nil {
		return explain(s.path, err)
	}
	var err error
	s.file, err = os.Lstat(s.path)
	return err
}

// OpenReader opens an existing database for reading. It never creates, migrates or writes, and works beside a running daemon as well as
// after a clean stop. Methods that write return ErrReadOnly. It returns the errors of Open, and ErrOlder where Open would migrate.
func OpenReader(ctx context.Context, path string) (*Store, error) {
	f, err := locate(path, false)
	if err != nil {
		return nil, err
	}
	if err := identify(ctx, f.path, false); err != nil {
		return nil, err
	}
	s := &Store{path: f.path, reader: openPool(f.path, visiting)}
	if err := s.reader.PingContext(ctx); err != nil {
		return nil, errors.Join(explain(f.path, err), s.abandon())
	}
	return s, nil
}

// ReadOnly says that it was opened by OpenReader.
func (s *Store) ReadOnly() bool { return s.writer == nil }

// Created says whether Open made the database.
func (s *Store) Created() bool { return s.created }

// Close brings the log into the database file and lets go of both. What was committed is safe without it.
func (s *Store) Close() error {
	var err error
	if s.writer != nil {
		err = checkpoint(s.writer)
	}
	return errors.Join(err, s.abandon())
}

// abandon closes what is open, the lock last, so that no second daemon starts while this one still holds the file.
func (s *Store) abandon() error {
	var errs []error
	for _, pool := range []*sql.DB{s.reader, s.writer} {
		if pool != nil {
			errs = append(errs, pool.Close())
		}
	}
	errs = append(errs, s.raw.close())
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

// checkpoint moves the log into the database. SQLite would do it at the last close, but would keep an error to itself.
// A reader in the way is no error: the log stays, and the next open reads it.
func checkpoint(db *sql.DB) error {
	var busy, frames, moved int
	err := db.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err != nil && !isBusy(err) {
		return fmt.Errorf("move the log into the database: %w", err)
	}
	return nil
}
