package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Ask is what a slot is wanted for.
type Ask struct {
	CursorID             int64
	RequestID, Selection string
	First                int           // events a page
	Interval             time.Duration // from the end of one exchange to the start of the next
	Timeout              time.Duration // of the exchange; an open row counts as if it had lasted so long
}

// SlotWait is how long it takes until a slot is free; 0: free now. It only looks, so that TakeSlot may still find it taken.
func (s *Store) SlotWait(ctx context.Context, interval time.Duration, now Instant) (time.Duration, error) {
	rows, err := list(ctx, s.reader, "see when the slot is free", scanExchange, recentExchanges)
	if err != nil {
		return 0, err
	}
	return s.slotWait(rows, interval, now), nil
}

// TakeSlot takes the slot for one query and writes it into the ledger. When it returns nil the row is on the disk and exactly one request
// may be sent; if the process dies from here on, the row stays open and the slot counts as used for the whole time-out.
//
// It returns *TooSoonError if the slot is not free, ErrCursorMoved if the cursor has ended, ErrNotFound if there is none,
// and ErrFileReplaced if the file at the path is not the one that was opened.
func (s *Store) TakeSlot(ctx context.Context, a Ask, now Instant) (Query, error) {
	var q Query
	err := s.write(ctx, "slot", fmt.Sprintf("take a slot for cursor %d", a.CursorID), func(tx *sql.Tx) error {
		if err := s.checkFileKept(); err != nil {
			return err
		}
		recent, err := exchanges(tx)
		if err != nil {
			return err
		}
		if wait := s.slotWait(recent, a.Interval, now); wait > 0 {
			return &TooSoonError{Wait: wait}
		}
		cursor, err := askedCursor(tx, a.CursorID)
		if err != nil {
			return err
		}
		q, err = s.insertQuery(tx, cursor, a, now)
		return err
	})
	if err == nil && s.lock != nil {
		s.lock.note.query = q.ID
		err = s.lock.write()
		s.setBack.Store(false)
	}
	if err != nil {
		return Query{}, err
	}
	return q, nil
}

// askedCursor reads the cursor inside the transaction, so that the query asks for where the cursor stands and not for where it stood.
func askedCursor(tx *sql.Tx, id int64) (Cursor, error) {
	c, err := scanCursor(tx.QueryRow("SELECT "+cursorColumns+" FROM cursors c WHERE c.id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return Cursor{}, ErrNotFound
	}
	if err == nil && c.State == Ended {
		err = ErrCursorMoved
	}
	return c, err
}

func (s *Store) insertQuery(tx *sql.Tx, c Cursor, a Ask, now Instant) (Query, error) {
	done, err := tx.Exec(`
		INSERT INTO queries (cursor_id, sent_at, request_id, selection, first, cursor_before,
		                     interval_ms, timeout_ms, sent_boot_ms, boot_id, started_boot_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, stamp(now.Wall), a.RequestID, a.Selection, a.First, orNull(c.Position),
		ceilMS(a.Interval), ceilMS(a.Timeout), floorMS(now.Boot), now.BootID, ceilMS(s.started.Boot))
	if err != nil {
		return Query{}, err
	}
	id, err := done.LastInsertId()
	if err != nil {
		return Query{}, err
	}
	_, err = tx.Exec(`
		UPDATE cursors
		SET last_query_at = ?, last_query_id = ?
		WHERE id = ?`, stamp(now.Wall), id, c.ID)
	return Query{
		ID: id, Cursor: c, CursorBefore: c.Position, RequestID: a.RequestID, Selection: a.Selection, First: a.First,
		Interval: a.Interval, Timeout: a.Timeout, SentAt: now,
	}, err
}

// exchange is what a ledger row says about the slot.
type exchange struct {
	bootID     string
	endMS      int64 // of the boot clock: when it ended, or at the latest will have
	openMS     int64 // the time-out, if it has not ended; else 0
	retryAfter int64
}

// A row that is older than eight others cannot bind any more: they were all sent after its end and its Retry-After.
const recentExchanges = `
	SELECT boot_id, coalesce(ended_boot_ms, sent_boot_ms + timeout_ms),
	       CASE WHEN ended_boot_ms IS NULL THEN timeout_ms ELSE 0 END, retry_after_ms
	FROM queries
	ORDER BY id DESC
	LIMIT 8`

func scanExchange(row scanner) (exchange, error) {
	var e exchange
	err := row.Scan(&e.bootID, &e.endMS, &e.openMS, &e.retryAfter)
	return e, err
}

func exchanges(tx *sql.Tx) ([]exchange, error) {
	rows, err := tx.Query(recentExchanges)
	if err != nil {
		return nil, err
	}
	return collect(rows, scanExchange)
}

// slotWait is the longest that any recent exchange makes us wait.
func (s *Store) slotWait(recent []exchange, interval time.Duration, now Instant) time.Duration {
	var wait int64
	for _, e := range recent {
		wait = max(wait, e.wait(ceilMS(interval), now, s.started))
	}
	return fromMS(wait)
}

// wait is how many milliseconds this exchange keeps the slot. Times of another boot cannot be compared with ours: then only the time since
// the process started counts, and an exchange that did not end may have begun at that moment.
//
// A row that seems to lie in the future (another process read the clock after us) keeps the slot for its full time, counted from now.
func (e exchange) wait(interval int64, now, started Instant) int64 {
	needed := max(interval, e.retryAfter)
	if e.bootID != now.BootID || e.bootID == "" {
		return needed + e.openMS - elapsedMS(started, now)
	}
	return min(needed+e.openMS, e.endMS+needed-floorMS(now.Boot))
}

// elapsedMS is the time from the process's start to now, rounded down.
func elapsedMS(started, now Instant) int64 {
	if started.BootID != now.BootID {
		return 0
	}
	return max(0, floorMS(now.Boot)-ceilMS(started.Boot))
}
