package store

import (
	"context"
	"slices"
	"time"
)

// Tally is how many events of one type there are in one hour of SEEK's stream time.
type Tally struct {
	Stream, Type string
	Hour         time.Time // its beginning
	Events       int64
}

// Tallies reads the hours from since on and before until; both are cut to the hour. Each pair of stream and type is looked at by itself,
// so that years of hours before since cost nothing.
func (s *Store) Tallies(ctx context.Context, since, until time.Time) ([]Tally, error) {
	pairs, err := s.typesOf(ctx, "", "")
	var found []Tally
	for _, p := range pairs {
		some, err := list(ctx, s.reader, "read the events of each hour", scanTally, hoursOf, p.stream, p.name, since.UTC().Format(hourLayout), until.UTC().Format(hourLayout))
		if err != nil {
			return nil, err
		}
		found = append(found, some...)
	}
	return found, err
}

// Tallied is how many events of a stream there are from since on and before until, both cut to the hour, and the first hour of them that has any. They
// are added up by SQLite: a report asks for each stream that is behind.
func (s *Store) Tallied(ctx context.Context, stream string, since, until time.Time) (events int64, from time.Time, err error) {
	t, err := first(ctx, s.reader, "add up the events of "+stream, func(row scanner) (t Tally, err error) {
		var begins string
		if err = row.Scan(&t.Events, &begins); err == nil && begins != "" {
			t.Hour, err = time.Parse(hourLayout, begins)
		}
		return t, err
	}, addHours, stream, since.UTC().Format(hourLayout), until.UTC().Format(hourLayout))
	return t.Events, t.Hour, err
}

const addHours = `
	WITH RECURSIVE ` + pairs + `
	SELECT coalesce(sum(t.events), 0), coalesce(min(t.hour), '')
	FROM pairs p
	CROSS JOIN tallies t ON t.stream = p.stream AND t.type = p.type AND t.hour >= ?2 AND t.hour < ?3
	WHERE p.stream = ?1`

const hoursOf = `
	SELECT stream, type, hour, events
	FROM tallies
	WHERE stream = ?
	  AND type = ?
	  AND hour >= ? AND hour < ?
	ORDER BY hour`

func scanTally(row scanner) (Tally, error) {
	var t Tally
	err := row.Scan(&t.Stream, &t.Type, hour{&t.Hour}, &t.Events)
	return t, err
}

// StreamsAndTypes are the names that events came under, each sorted.
func (s *Store) StreamsAndTypes(ctx context.Context) (streams, types []string, err error) {
	pairs, err := s.typesOf(ctx, "", "")
	for _, p := range pairs {
		streams, types = append(streams, p.stream), append(types, p.name)
	}
	slices.Sort(streams)
	slices.Sort(types)
	return slices.Compact(streams), slices.Compact(types), err
}

const hourLayout = "2006-01-02T15"

// hour is where the hour of a tally is scanned to.
type hour struct{ to *time.Time }

// Scan reads the text.
func (h hour) Scan(v any) (err error) {
	s, _ := v.(string)
	*h.to, err = time.Parse(hourLayout, s)
	return err
}

// Pace is how the newest attempts at a destination went.
type Pace struct {
	Latencies []time.Duration // of attempts at the newest events, newest first; those that failed too
	Looked    int             // how many of the oldest deliveries owed were looked at
	Retrying  int             // of them, those that were tried at least once
}

// Pace looks at no more than most attempts and as many deliveries, however many there are.
func (s *Store) Pace(ctx context.Context, dest string, most int) (Pace, error) {
	var p Pace
	var err error
	p.Latencies, err = list(ctx, s.reader, "read the latencies of "+dest, func(row scanner) (d time.Duration, err error) {
		err = row.Scan(ms{&d})
		return d, err
	}, newestLatencies, dest, most)
	if err != nil {
		return Pace{}, err
	}
	tried, err := list(ctx, s.reader, "see what is tried again at "+dest, scanBool, oldestOwed, dest, most)
	p.Looked = len(tried)
	for _, again := range tried {
		if again {
			p.Retrying++
		}
	}
	return p, err
}

const newestLatencies = `
	SELECT latency_ms
	FROM attempts
	WHERE destination = ?
	ORDER BY seq DESC, attempt DESC
	LIMIT ?`

// oldestOwed names its index: by the key, years of settled deliveries would lie before the first that is owed.
const oldestOwed = `
	SELECT attempts > spent
	FROM outbox INDEXED BY outbox_owed
	WHERE destination = ?
	  AND due_at IS NOT NULL
	ORDER BY seq
	LIMIT ?`
