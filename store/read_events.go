package store

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// EventFilter chooses events. Zero values choose all.
type EventFilter struct {
	Stream, Type string
	// Candidate, Profile (of an application or a purchase), Position and Hirer are SEEK's ids.
	Candidate, Profile, Position, Hirer string
	Since, Until                        time.Time // of Event.At; Since included, Until not
	Before                              Mark      // for paging: only what comes after this one, in the order of Events
	Limit                               int       // 100 if not said, at most 1000
}

// Events reads events, newest first by At. The work is that of the page, not of the table: every filter walks along an index in this order,
// except for a candidate, a profile or a position, which have few events each.
func (s *Store) Events(ctx context.Context, f EventFilter) ([]Event, error) {
	if f.Candidate != "" || f.Profile != "" || f.Position != "" {
		return s.eventsOf(ctx, f)
	}
	pairs, err := s.typesOf(ctx, f.Stream, f.Type)
	if err != nil {
		return nil, err
	}
	if f.Hirer != "" && f.Stream == "" {
		pairs = onlyTypes(pairs)
	}
	var found []Event
	for some := range slices.Chunk(pairs, mostBranches) {
		more, err := s.eventsAlong(ctx, f, some)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	slices.SortFunc(found, newestFirst)
	return found[:min(len(found), limited(f.Limit))], nil
}

// onlyTypes leaves the streams out. The index of hirers does not know them: where a stream was given a new name, a walk for each would read all that
// the hirer ever had on the other.
func onlyTypes(pairs []streamType) []streamType {
	for i := range pairs {
		pairs[i].stream = ""
	}
	slices.SortFunc(pairs, func(a, b streamType) int { return cmp.Compare(a.name, b.name) })
	return slices.Compact(pairs)
}

func newestFirst(a, b Event) int {
	return cmp.Or(b.At().Compare(a.At()), cmp.Compare(b.Seq, a.Seq))
}

// eventsOf reads by an id that few events share.
func (s *Store) eventsOf(ctx context.Context, f EventFilter) ([]Event, error) {
	index, _ := f.index()
	text, args := f.conditions()
	before, from := f.Before.condition()
	return list(ctx, s.reader, "read events", scanEvent, `
		SELECT `+eventColumns+`
		FROM events e `+index+`
		WHERE `+text+before+`
		ORDER BY e.at DESC, e.seq DESC
		LIMIT ?`, append(append(args, from...), limited(f.Limit))...)
}

// mostBranches is how many ordered walks are merged in one query; SQLite would take 500.
const mostBranches = 100

// eventsAlong walks each stream and type along its index.
func (s *Store) eventsAlong(ctx context.Context, f EventFilter, pairs []streamType) ([]Event, error) {
	walks, args := f.along(pairs)
	return list(ctx, s.reader, "read events", scanEvent, `
		WITH found AS (`+walks+`)
		SELECT `+eventColumns+`
		FROM found
		CROSS JOIN events e ON e.seq = found.seq`, args...)
}

// along is the text of the walks. SQLite merges them, and reads no further than the limit.
func (f EventFilter) along(pairs []streamType) (string, []any) {
	index := "INDEXED BY events_search"
	if f.Hirer != "" {
		index = "INDEXED BY events_hirer_search"
	}
	before, from := f.Before.condition()
	var walks []string
	var args []any
	for _, p := range pairs {
		f.Stream, f.Type = p.stream, p.name
		text, chosen := f.conditions()
		walks = append(walks, `SELECT e.at AS at, e.seq AS seq FROM events e `+index+` WHERE `+text+before)
		args = append(append(args, chosen...), from...)
	}
	return strings.Join(walks, " UNION ALL ") + " ORDER BY at DESC, seq DESC LIMIT ?", append(args, limited(f.Limit))
}

// streamType is one walk of events_search.
type streamType struct{ stream, name string }

// pairs is each stream with each type that came on it, as a part of WITH RECURSIVE. The tallies are jumped over, not read: min() is one
// step in their key, where a comparison of rows would read all hours of a pair.
const pairs = `
	streams (stream) AS (
	  SELECT min(stream) FROM tallies
	  UNION ALL
	  SELECT (SELECT min(t.stream) FROM tallies t WHERE t.stream > s.stream) FROM streams s WHERE s.stream IS NOT NULL
	),
	pairs (stream, type) AS (
	  SELECT stream, (SELECT min(t.type) FROM tallies t WHERE t.stream = s.stream) FROM streams s WHERE s.stream IS NOT NULL
	  UNION ALL
	  SELECT stream, (SELECT min(t.type) FROM tallies t WHERE t.stream = p.stream AND t.type > p.type) FROM pairs p WHERE p.type IS NOT NULL
	)`

// typesOf are the pairs that a filter leaves; "" leaves all.
func (s *Store) typesOf(ctx context.Context, stream, name string) ([]streamType, error) {
	return list(ctx, s.reader, "read the types of events", func(row scanner) (p streamType, err error) {
		err = row.Scan(&p.stream, &p.name)
		return p, err
	}, `
		WITH RECURSIVE `+pairs+`
		SELECT stream, type
		FROM pairs
		WHERE type IS NOT NULL
		  AND (?1 = '' OR stream = ?1)
		  AND (?2 = '' OR type = ?2)
		ORDER BY stream, type`, stream, name)
}

// Event reads one event by SEEK's id, or returns ErrNotFound.
func (s *Store) Event(ctx context.Context, id string) (Event, error) {
	return first(ctx, s.reader, "read the event", scanEvent, `
		SELECT `+eventColumns+`
		FROM events e
		WHERE e.id = ?`, id)
}

// CountEvents counts the events that an id chooses (Candidate, Profile, Position or Hirer is set), up to most. It reads their index alone.
func (s *Store) CountEvents(ctx context.Context, f EventFilter, most int) (int, error) {
	text, args := f.conditions()
	n, err := first(ctx, s.reader, "count events", scanInt, `
		SELECT count(*)
		FROM (SELECT 1 FROM events e WHERE `+text+` LIMIT ?)`, append(args, most)...)
	return int(n), err
}
