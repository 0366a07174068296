package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"seekpoller/store"
)

// size is how much is made.
type size struct {
	Events, Destinations, Days int
	Now                        time.Time // when the last of it happened
}

// fill makes the database. Its tables, cursors and destinations are the store's own; then the rows are put in without the store, because
// one durable transaction for each page would take hours.
func fill(ctx context.Context, path string, z size, out io.Writer) error {
	if z.Events < 1 || z.Destinations < 1 || z.Days < 1 {
		return errors.New("at least one event, destination and day")
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s exists already", path)
	}
	cursors, err := found(ctx, path, z)
	if err != nil {
		return err
	}
	f, err := openFiller(ctx, path, out)
	if err != nil {
		return err
	}
	return errors.Join(f.fill(ctx, z, cursors), f.db.Close())
}

// found makes an empty database with its streams and destinations.
func found(ctx context.Context, path string, z size) (cursors map[string]int64, err error) {
	begin := z.Now.AddDate(0, 0, -z.Days)
	started := store.Instant{Wall: begin, Boot: time.Hour, BootID: "bulk"}
	s, err := store.Open(ctx, path, store.Options{Create: true, Started: started})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var specs []store.DestinationSpec
	for i := range z.Destinations {
		specs = append(specs, store.DestinationSpec{Name: destination(i), Kind: "webhook"})
	}
	if err := s.SyncDestinations(ctx, specs, begin); err != nil {
		return nil, err
	}
	cursors = map[string]int64{}
	for _, stream := range streams {
		c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: stream.name, Kind: "live", Fingerprint: "bulk"}, started)
		if err != nil {
			return nil, err
		}
		cursors[stream.name] = c.ID
	}
	return cursors, nil
}

func destination(i int) string {
	if i == 0 {
		return "ats"
	}
	return fmt.Sprintf("other-%d", i)
}

// filler writes rows as fast as SQLite can: no journal, no waiting for the disk, and up to 9 GB of memory. A run that is broken off leaves a file for the bin.
type filler struct {
	db    *sql.DB
	out   io.Writer
	begun time.Time
}

// openFile opens a database without the store.
func openFile(path string) (*sql.DB, error) { return sql.Open("sqlite3", "file:"+path+"?mode=rw") }

func openFiller(ctx context.Context, path string, out io.Writer) (*filler, error) {
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	for _, pragma := range []string{"journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE", "cache_size=-9000000", "temp_store=FILE", "threads=2", "ignore_check_constraints=ON"} {
		if _, err := db.ExecContext(ctx, "PRAGMA "+pragma); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return &filler{db, out, time.Now()}, nil
}

func (f *filler) fill(ctx context.Context, z size, cursors map[string]int64) error {
	indexes, err := f.dropIndexes(ctx)
	if err != nil {
		return err
	}
	if err := f.events(ctx, z, cursors); err != nil {
		return err
	}
	if err := f.deliveries(ctx, z); err != nil {
		return err
	}
	for _, create := range append(indexes, figures...) {
		if _, err := f.db.ExecContext(ctx, create); err != nil {
			return fmt.Errorf("%s: %w", create, err)
		}
		f.say("%.60s", strings.Join(strings.Fields(create), " "))
	}
	_, err = f.db.ExecContext(ctx, "PRAGMA journal_mode=WAL")
	f.say("done")
	return err
}

// dropIndexes takes away what is quicker to make at the end, and returns how. The indexes of events are not among it: an index that is made of rows that are
// there is packed to the brim, and the next insert into each of its pages splits it. In one that grew with its events there is room.
func (f *filler) dropIndexes(ctx context.Context) (creates []string, err error) {
	rows, err := f.db.QueryContext(ctx, `
		SELECT name, sql
		FROM sqlite_schema
		WHERE type = 'index'
		  AND sql IS NOT NULL
		  AND tbl_name <> 'events'
		ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, create string
		if err := rows.Scan(&name, &create); err != nil {
			return nil, err
		}
		names, creates = append(names, name), append(creates, create)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for _, name := range names {
		if _, err := f.db.ExecContext(ctx, "DROP INDEX "+name); err != nil {
			return nil, err
		}
	}
	return creates, nil
}

// say prints a line of progress.
func (f *filler) say(format string, args ...any) {
	fmt.Fprintf(f.out, "%7.1fs  %s\n", time.Since(f.begun).Seconds(), fmt.Sprintf(format, args...))
}

// figures are what the store keeps beside the rows, counted once.
var figures = []string{
	`INSERT INTO tallies
	 SELECT stream, type, substr(at, 1, 13), count(*)
	 FROM events
	 GROUP BY 1, 2, 3`,
	`UPDATE destinations
	 SET owed_now  = (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL),
	     dead_now  = (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL),
	     dead      = (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL),
	     delivered = (SELECT count(*) FROM outbox WHERE destination = name AND delivered_at IS NOT NULL),
	     last_success_at = (SELECT delivered_at FROM outbox WHERE destination = name AND delivered_at IS NOT NULL ORDER BY seq DESC LIMIT 1)`,
}
