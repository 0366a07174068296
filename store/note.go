package store

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"syscall"
)

// note is what the lock's file remembers beside the ledger: the last query. A database that was restored from a backup, or brought from another machine, has a
// ledger that ends earlier than what SEEK saw of us, and nothing in it tells. The file is not synced: it has to outlive this process, and
// after a power cut the whole time is waited anyway.
type note struct {
	file  string // device and inode of the file that it was written into: a copy of it tells nothing
	query int64  // the newest in the ledger; unknown if nobody wrote it down
}

const (
	noteFormat = "file: %s\nlast query: %019d\n" // of one length, so that it is overwritten whole
	unknown    = math.MaxInt64
)

// recall reads the note of whoever held the lock before. The file of a version that left none counts as its own witness.
func (l *lock) recall() error {
	info, err := l.file.Stat()
	if err != nil {
		return obstacle("look at the lock of the database", err)
	}
	sys := info.Sys().(*syscall.Stat_t)
	l.note = note{file: fmt.Sprintf("%d:%d", sys.Dev, sys.Ino), query: unknown}
	text, err := os.ReadFile(l.file.Name())
	if err != nil {
		return obstacle("read the lock of the database", err)
	}
	var was note
	if _, after, noted := strings.Cut(string(text), "file: "); !noted {
		if len(text) > 0 {
			l.note.query = 0
		}
	} else if _, err := fmt.Sscanf("file: "+after, noteFormat, &was.file, &was.query); err == nil && was.file == l.note.file {
		l.note.query = was.query
	}
	return nil
}

// write puts holder and note into the file.
func (l *lock) write() error {
	text := l.holder + fmt.Sprintf(noteFormat, l.note.file, l.note.query)
	if _, err := l.file.WriteAt([]byte(text), 0); err != nil {
		return obstacle("sign the lock of the database", err)
	}
	if err := l.file.Truncate(int64(len(text))); err != nil {
		return obstacle("sign the lock of the database", err)
	}
	return nil
}

// SetBack says whether queries may have been made that this database knows nothing of: it was restored from a backup or came from another machine. Then no wait
// can be worked out from it, and the whole quiet period has to pass before the next query. It stays so, over restarts, until that is made.
func (s *Store) SetBack() bool { return s.setBack.Load() }

// compare finds out whether the database was set back, once it is open.
func (s *Store) compare(ctx context.Context) error {
	if s.lock == nil {
		return nil
	}
	if err := s.lock.recall(); err != nil {
		return err
	}
	var last int64
	if err := s.reader.QueryRowContext(ctx, "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'queries'), 0)").Scan(&last); err != nil {
		return explain(s.path, err)
	}
	if s.created {
		s.lock.note.query = last
	}
	s.setBack.Store(s.lock.note.query > last)
	return nil
}
