// Package admin is what people are shown and what they may do: one report on how things stand, searches, timelines, and deeds, the same
// in every place where they appear.
//
// It reads the store and judges what it finds. It does not poll, does not deliver, and sends SEEK nothing.
package admin

import (
	"context"
	"fmt"
	"time"
)

// Report is how things stand. All times are UTC; every key is always there, and null where nothing is known.
type Report struct {
	At           Time          `json:"at"`
	Version      Text          `json:"version"`
	Daemon       string        `json:"daemon"` // who runs on this database, in words
	Healthy      bool          `json:"healthy"`
	Problems     []string      `json:"problems"` // what a person should look at, in words; empty if healthy
	Streams      []Stream      `json:"streams"`
	Destinations []Destination `json:"destinations"`
	Stretches    []OpenStretch `json:"stretches"` // backfills and reconciliations that have not ended
	Budget       Budget        `json:"budget"`
	Events       int64         `json:"events"`  // stored so far
	Missing      int64         `json:"missing"` // of them, places where SEEK had an event that it could not give
	Database     Database      `json:"database"`
}

// OpenStretch is a bounded part of a stream that is asked for beside the live cursor.
type OpenStretch struct {
	Cursor      int64  `json:"cursor"`
	Kind        string `json:"kind"` // backfill or reconcile
	Stream      string `json:"stream"`
	Since       Time   `json:"since"`
	Until       Time   `json:"until"`
	LastEventAt Time   `json:"last_event_at"`
	Percent     Number `json:"percent"` // of the time from since to until; null: nothing came yet, or it has no bounds
	Pages       int64  `json:"pages"`
	Seen        int64  `json:"seen"`   // events on them
	Events      int64  `json:"events"` // of these, new ones
	Failures    int    `json:"failures"`
	Error       Text   `json:"error"`
}

// Budget is how much of what SEEK permits was used in the last 24 hours.
type Budget struct {
	Sent       int   `json:"sent"`     // queries
	Possible   int   `json:"possible"` // one in each interval
	Percent    int   `json:"percent"`
	IntervalMS int64 `json:"interval_ms"`
}

// Database is the file's size and the room that it has, in bytes.
type Database struct {
	Bytes int64 `json:"bytes"`
	WAL   int64 `json:"wal_bytes"`
	Left  int64 `json:"left_bytes"` // on the disk
	Disk  int64 `json:"disk_bytes"`
}

// Gather reads the report. It takes a few milliseconds, whatever the size of the database.
func Gather(ctx context.Context, c Config) (Report, error) {
	if c.Interval == 0 {
		c.Interval = time.Minute
	}
	g := gathering{from: c, Report: Report{
		At: Time{c.Now().Wall.UTC()}, Version: Text(c.Version), Problems: []string{}, Streams: []Stream{}, Destinations: []Destination{}, Stretches: []OpenStretch{},
	}}
	for _, add := range []func(context.Context) error{g.addDaemon, g.addStreams, g.addBudget, g.addDestinations, g.addFindings, g.addFigures, g.addDisk} {
		if err := add(ctx); err != nil {
			return Report{}, err
		}
	}
	g.Healthy = len(g.Problems) == 0
	return g.Report, nil
}

// gathering is a report in the making.
type gathering struct {
	Report
	from    Config
	stopped bool // no daemon runs
}

func (g *gathering) problem(format string, args ...any) {
	g.Problems = append(g.Problems, fmt.Sprintf(format, args...))
}

func (g *gathering) addDaemon(context.Context) error {
	holder, err := g.from.Store.Holder()
	if err != nil {
		return err
	}
	if holder == nil {
		g.Daemon, g.stopped = "not running", true
		g.problem("no daemon runs on this database, so nothing is asked and nothing handed on: start it with seek-poller run")
		return nil
	}
	g.Daemon = fmt.Sprintf("running as process %d on %s since %s", holder.PID, holder.Host, second(holder.Since))
	return nil
}

const day = 24 * time.Hour

func (g *gathering) addBudget(ctx context.Context) error {
	possible := int(day / g.from.Interval)
	sent, err := g.from.Store.SentSince(ctx, g.At.Add(-day), min(possible+1, 100_000))
	g.Budget = Budget{Sent: sent, Possible: possible, Percent: 100 * sent / max(possible, 1), IntervalMS: g.from.Interval.Milliseconds()}
	return err
}

func (g *gathering) addFindings(ctx context.Context) error {
	found, err := stretchProblems(ctx, g.from.Store, g.At.Time)
	g.Problems = append(g.Problems, found...)
	return err
}

func (g *gathering) addFigures(ctx context.Context) error {
	summary, err := g.from.Store.Summary(ctx)
	if err != nil {
		return err
	}
	g.Events, g.Missing = summary.Events, summary.Missing
	g.Database.Bytes, g.Database.WAL = summary.DatabaseBytes, summary.WALBytes
	if summary.Missing > 0 && g.At.Sub(summary.LastMissingAt) < recent {
		g.problem("%d events are missing, the last since %s: SEEK has them and could not give them; see seek-poller events list --type missing, and tell SEEK", summary.Missing, second(summary.LastMissingAt))
	}
	if summary.WALBytes > largeWAL {
		g.problem("the write-ahead log of the database has grown to %d MiB: something reads for very long, such as a backup or a sqlite3 shell left open; end it", summary.WALBytes>>20)
	}
	return nil
}

const (
	recent   = 7 * day // a missing event is a problem for so long; afterwards it is a figure
	largeWAL = 64 << 20
)

func (g *gathering) addDisk(context.Context) error {
	space := g.from.Space
	if space == nil {
		space = g.from.Store.Space
	}
	left, size, err := space()
	if err != nil {
		return err
	}
	g.Database.Left, g.Database.Disk = left, size
	if left < size/20 || left < leastLeft && size > smallDisk {
		g.problem("the disk of the database has %d MiB left of %d: without room nothing is asked any more; make room, or give seek-poller a larger disk", left>>20, size>>20)
	}
	return nil
}

// A small disk is judged by its share alone.
const (
	leastLeft = 1 << 30
	smallDisk = 4 << 30
)

// second is how times stand in sentences.
func second(t time.Time) string { return t.UTC().Format(time.RFC3339) }
