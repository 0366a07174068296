package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"
)

// SQLite's secure_delete overwrites a deleted row with zeros where it lies. But when SQLite packs a page anew (rebuildPage in its btree.c) the
// rows move to the page's end, and their old bytes stay in the unused space before them, where a later delete does not look for them.
// Wiping zeroes that space on every page. Nothing else of the file is touched: by the file format those bytes mean nothing, to anybody
// (https://sqlite.org/fileformat2.html#b_tree_pages).
//
// The bytes are written past SQLite, so nobody may write meanwhile, nothing may be in the log that would bring an old page back, and no
// connection that writes may keep such a page: the writer is held, its log emptied first, and it is opened anew afterwards.

// ErrLogInUse says that a reader keeps the log from being emptied. It may be tried again in a moment.
var ErrLogInUse = errors.New("somebody reads the database, so its log cannot be emptied now")

// NewWiping begins a round that only removes what a Purge left between rows.
func (s *Store) NewWiping(clock func() time.Time) *Upkeep {
	return &Upkeep{s: s, clock: clock, chores: []chore{(*Upkeep).wipe}}
}

// wantWiping notes, in the transaction that purges, that a round of wiping must begin after it.
func wantWiping(tx *sql.Tx, now time.Time) error {
	_, err := tx.Exec(`
		INSERT INTO chores (name, since)
		VALUES ('wipe', ?)
		ON CONFLICT (name) DO UPDATE
		SET wanted = wanted + 1`, stamp(now))
	return err
}

// wiping is how far a round is.
type wiping struct {
	wanted int64 // what it does away with; if it is wanted again meanwhile, that is for the next round
	file   *os.File
	size   int64 // of a page
	pages  int64
	next   int64 // from 0
}

const wipedPages = 256 // in one step: 2 MiB

// wipe does one step: it reads some pages beside everybody else, and holds the writer only if there is something to wipe on them.
func (u *Upkeep) wipe(ctx context.Context) (more bool, held time.Duration, err error) {
	if u.wiping == nil {
		if u.wiping, held, err = u.s.beginWiping(ctx, u.clock); err != nil || u.wiping == nil {
			return false, held, err
		}
		return true, held, nil
	}
	w := u.wiping
	if w.next >= w.pages {
		held, err = u.s.endWiping(ctx, w, u.clock)
		return false, held, err
	}
	found, err := w.look()
	if err != nil {
		return false, 0, fmt.Errorf("wipe unused space: %w", err)
	}
	if len(found) > 0 {
		if held, err = u.s.alone(ctx, u.clock, func() error { return w.clear(found) }); err != nil {
			return false, held, fmt.Errorf("wipe unused space: %w", err)
		}
	}
	w.next += wipedPages
	return true, held, nil
}

// beginWiping brings the log into the file, so that everything is there. nil: nothing is wanted.
func (s *Store) beginWiping(ctx context.Context, clock func() time.Time) (*wiping, time.Duration, error) {
	wanted, err := first(ctx, s.reader, "see what is to be wiped", scanSeq, "SELECT coalesce(max(wanted), 0) FROM chores WHERE name = 'wipe'")
	if err != nil || wanted == 0 {
		return nil, 0, err
	}
	held, err := s.alone(ctx, clock, func() error { return nil })
	if err != nil {
		return nil, held, err
	}
	w := &wiping{wanted: wanted}
	if err := s.checkFileKept(); err != nil {
		return nil, held, err
	}
	if w.file, err = s.raw.open(s.path); err != nil {
		return nil, held, err
	}
	if w.size, err = first(ctx, s.reader, "ask for the size of a page", scanSeq, "PRAGMA page_size"); err != nil {
		return nil, held, err
	}
	size, err := sizeOf(s.path)
	w.pages = size / w.size
	return w, held, err
}

// endWiping makes the zeros durable and empties the log once more, in which there may be pages of before they were wiped.
func (s *Store) endWiping(ctx context.Context, w *wiping, clock func() time.Time) (time.Duration, error) {
	if err := w.file.Sync(); err != nil {
		return 0, fmt.Errorf("wipe unused space: %w", err)
	}
	held, err := s.alone(ctx, clock, func() error { return nil })
	if err != nil {
		return held, err
	}
	return held, s.write(ctx, "upkeep", "note that unused space was wiped", func(tx *sql.Tx) error {
		_, err := tx.Exec("DELETE FROM chores WHERE name = 'wipe' AND wanted = ?", w.wanted)
		return err
	})
}

// alone empties the log and does something while nobody writes, and opens the writer anew.
func (s *Store) alone(ctx context.Context, clock func() time.Time, do func() error) (held time.Duration, err error) {
	if s.writer == nil {
		return 0, ErrReadOnly
	}
	conn, err := s.writer.Conn(ctx)
	if err != nil {
		return 0, err
	}
	begun := clock()
	defer func() {
		drop(conn)
		conn.Close()
		held = clock().Sub(begun)
	}()
	ctx = context.WithoutCancel(ctx)
	if err := s.emptyLog(ctx, conn); err != nil {
		return 0, err
	}
	tx, err := conn.BeginTx(ctx, nil)
	if isBusy(err) {
		return 0, ErrLogInUse
	}
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	// Another process may have written in between.
	if n, err := sizeOf(s.path + "-wal"); err != nil || n > 0 {
		return 0, errors.Join(ErrLogInUse, err)
	}
	return 0, do()
}

// emptyLog does not wait for readers: the writer would stand still meanwhile.
func (s *Store) emptyLog(ctx context.Context, conn *sql.Conn) error {
	if _, err := conn.ExecContext(ctx, "PRAGMA busy_timeout = 0"); err != nil {
		return err
	}
	var busy, frames, moved int
	err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if busy != 0 || isBusy(err) {
		return ErrLogInUse
	}
	return err
}

// look reads the next pages and says which of them have something in their unused space.
func (w *wiping) look() (found []int64, err error) {
	n := min(wipedPages, w.pages-w.next)
	pages := make([]byte, n*w.size)
	if _, err := w.file.ReadAt(pages, w.next*w.size); err != nil {
		return nil, err
	}
	for i := range n {
		page := pages[i*w.size:][:w.size]
		if from, to := leftover(page, w.next+i); from < to {
			found = append(found, w.next+i)
		}
	}
	return found, nil
}

// clear reads the pages again, now that nobody writes them, and wipes them.
func (w *wiping) clear(found []int64) error {
	page, zeros := make([]byte, w.size), make([]byte, w.size)
	for _, n := range found {
		offset := n * int64(w.size)
		if _, err := w.file.ReadAt(page, offset); err != nil {
			return err
		}
		from, to := leftover(page, n)
		if from >= to {
			continue
		}
		if _, err := w.file.WriteAt(zeros[from:to], offset+int64(from)); err != nil {
			return err
		}
	}
	return nil
}
