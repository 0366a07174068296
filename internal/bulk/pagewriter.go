package main

import (
	"context"
	"database/sql"
	"errors"
)

// together is how many pages are put in by one transaction.
const together = 500

// pageWriter puts in pages by statements that are prepared once.
type pageWriter struct {
	conn          *sql.Conn
	query, events *sql.Stmt
	begun         int // pages of the open transaction
}

func (f *filler) writer(ctx context.Context) (*pageWriter, error) {
	conn, err := f.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &pageWriter{conn: conn}
	if w.query, err = conn.PrepareContext(ctx, insertQuery); err == nil {
		w.events, err = conn.PrepareContext(ctx, insertEvents(perPage))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return w, nil
}

// write leaves its transaction open for the next pages.
func (w *pageWriter) write(ctx context.Context, p pageRows) error {
	if w.begun == 0 {
		if _, err := w.conn.ExecContext(ctx, "BEGIN"); err != nil {
			return err
		}
	}
	if _, err := w.query.ExecContext(ctx, p.args...); err != nil {
		return err
	}
	var err error
	if p.query.events == perPage {
		_, err = w.events.ExecContext(ctx, p.events...)
	} else {
		_, err = w.conn.ExecContext(ctx, insertEvents(p.query.events), p.events...)
	}
	if err != nil {
		return err
	}
	if w.begun++; w.begun == together {
		return w.commit()
	}
	return nil
}

func (w *pageWriter) commit() error {
	if w.begun == 0 {
		return nil
	}
	w.begun = 0
	_, err := w.conn.ExecContext(context.Background(), "COMMIT")
	return err
}

func (w *pageWriter) close() error { return errors.Join(w.commit(), w.abandon()) }

func (w *pageWriter) abandon() error {
	return errors.Join(w.query.Close(), w.events.Close(), w.conn.Close())
}
