package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"
)

// write does one transaction, BEGIN IMMEDIATE to COMMIT, and wraps its error with what it was for. A cancelled ctx stops the wait for
// the connection; once the transaction has begun it is not torn in half. kind is its name for Options.Timed.
func (s *Store) write(ctx context.Context, kind, what string, do func(*sql.Tx) error) error {
	if s.writer == nil {
		return fmt.Errorf("%s: %w", what, ErrReadOnly)
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer conn.Close()
	defer s.timed(kind)()
	if err := transact(context.WithoutCancel(ctx), conn, do); err != nil {
		dropIfBroken(conn, err)
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// timed tells whoever watches that a transaction begins; what it returns is called at its end.
func (s *Store) timed(kind string) (ended func()) {
	if s.watch == nil {
		return func() {}
	}
	return s.watch(kind)
}

func transact(ctx context.Context, conn *sql.Conn, do func(*sql.Tx) error) error {
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// dropIfBroken closes a connection whose disk failed. After a failed fsync the kernel may say "ok" to the next one although the data is gone,
// so nothing that this connection believes is on the disk may be built upon: the next one reads the file anew. One that found the file read-only,
// or could not open its log, would never write again by itself.
func dropIfBroken(conn *sql.Conn, err error) {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return
	}
	switch e.Code {
	case sqlite3.ErrIoErr, sqlite3.ErrCorrupt, sqlite3.ErrNotADB, sqlite3.ErrFull, sqlite3.ErrReadonly, sqlite3.ErrCantOpen:
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// one runs a statement that must touch exactly one row, else it returns otherwise.
func one(tx *sql.Tx, otherwise error, statement string, args ...any) error {
	done, err := tx.Exec(statement, args...)
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if n != 1 {
		return otherwise
	}
	return nil
}
