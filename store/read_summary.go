package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Summary is the whole in a few figures.
type Summary struct {
	Events                  int64 // stored so far, purged ones too
	Destinations            []DestinationSummary
	Missing                 int64     // of Events: places where SEEK had an event that it could not give
	LastMissingAt           time.Time // when the last of them was met; zero: never
	DatabaseBytes, WALBytes int64
}

// DestinationSummary is what a destination is owed.
type DestinationSummary struct {
	Name, State  string
	Owed         int64
	OldestOwedAt time.Time // when the oldest of them was received; zero: none
	Dead         int64     // waiting for a person
}

// Summary reads the figures. Nothing is counted for it: the figures are kept beside what they count, by the same transactions.
func (s *Store) Summary(ctx context.Context) (Summary, error) {
	var sum Summary
	err := s.reader.QueryRowContext(ctx, `
		SELECT (SELECT coalesce(sum(events), 0) FROM cursors), count(*), max(received_at)
		FROM events
		WHERE type = 'missing'`).Scan(&sum.Events, &sum.Missing, at{&sum.LastMissingAt})
	if err != nil {
		return Summary{}, fmt.Errorf("count the events: %w", err)
	}
	sum.Destinations, err = list(ctx, s.reader, "count what is owed", scanDestinationSummary, `
		SELECT name, state, owed_now,
		       (SELECT received_at FROM events WHERE seq = (SELECT min(seq) FROM outbox INDEXED BY outbox_owed WHERE destination = name AND due_at IS NOT NULL)), dead_now
		FROM destinations
		ORDER BY name`)
	if err != nil {
		return Summary{}, err
	}
	if sum.DatabaseBytes, err = sizeOf(s.path); err == nil {
		sum.WALBytes, err = sizeOf(s.path + "-wal")
	}
	return sum, err
}

func scanDestinationSummary(row scanner) (DestinationSummary, error) {
	var d DestinationSummary
	err := row.Scan(&d.Name, &d.State, &d.Owed, at{&d.OldestOwedAt}, &d.Dead)
	return d, err
}

// Space is how many bytes are left, to those without privileges, of how many on the file system that the database is on.
func (s *Store) Space() (left, size int64, err error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(s.path), &stat); err != nil {
		return 0, 0, fmt.Errorf("measure the disk: %w", err)
	}
	return int64(stat.Bavail) * stat.Bsize, int64(stat.Blocks) * stat.Bsize, nil
}

// sizeOf is 0 for a file that is not there.
func sizeOf(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("measure the database: %w", err)
	}
	return info.Size(), nil
}
