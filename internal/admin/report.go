// Package admin is what people are shown: one report on how things stand, the same in every place it appears.
//
// It reads the store and judges what it finds. It is not for changing anything.
package admin

import (
	"context"
	"fmt"
	"time"

	"seekpoller/store"
)

// horizon is how long SEEK keeps events. A stream that has not been complete for so long has lost some.
// https://developer.seek.com/events/polling
const horizon = 90 * 24 * time.Hour

// Report is how things stand. All times are UTC.
type Report struct {
	At           time.Time     `json:"at"`
	Healthy      bool          `json:"healthy"`
	Problems     []string      `json:"problems"` // what a person should look at, in words; empty if healthy
	Streams      []Stream      `json:"streams"`
	Destinations []Destination `json:"destinations"`
	Events       int64         `json:"events"` // stored so far
	Database     Database      `json:"database"`
}

// Stream is one stream's place.
type Stream struct {
	Name        string     `json:"name"`
	State       string     `json:"state"` // in words: caught up, behind, not polling: …
	LastEventAt *time.Time `json:"last_event_at"`
	CaughtUpAt  *time.Time `json:"caught_up_at"`
	LastAnswer  *time.Time `json:"last_answer_at"`
	NextQueryAt *time.Time `json:"next_query_at"`
	Events      int64      `json:"events"`
	Pages       int64      `json:"pages"`
	Failures    int        `json:"failures"` // in a row
	ErrorKind   string     `json:"error_kind,omitempty"`
	Error       string     `json:"error,omitempty"`
	ErrorAt     *time.Time `json:"error_at,omitempty"`
	Todo        string     `json:"todo,omitempty"`
	LostAt      *time.Time `json:"lost_at,omitempty"` // when SEEK begins to forget events that we do not have
}

// Destination is what one destination is owed.
type Destination struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind"`
	State       string     `json:"state"`
	Reason      string     `json:"reason,omitempty"`
	Owed        int64      `json:"owed"`
	OldestOwed  *time.Time `json:"oldest_owed_at"`
	Delivered   int64      `json:"delivered"`
	Dead        int64      `json:"dead"`
	Failures    int        `json:"failures"` // in a row
	LastSuccess *time.Time `json:"last_success_at"`
	LastError   string     `json:"last_error,omitempty"`
}

// Database is the file's size in bytes.
type Database struct {
	Bytes int64 `json:"bytes"`
	WAL   int64 `json:"wal_bytes"`
}

// Gather reads the report. It takes a few milliseconds, whatever the size of the database.
func Gather(ctx context.Context, s *store.Store, now time.Time) (Report, error) {
	r := Report{At: now.UTC(), Problems: []string{}, Streams: []Stream{}, Destinations: []Destination{}}
	cursors, err := s.OpenCursors(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read cursors: %w", err)
	}
	for _, c := range cursors {
		if c.Kind == "live" {
			r.addStream(c)
		}
	}
	summary, err := s.Summary(ctx)
	if err != nil {
		return Report{}, err
	}
	destinations, err := s.Destinations(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read destinations: %w", err)
	}
	for _, d := range destinations {
		for _, owed := range summary.Destinations {
			if owed.Name == d.Name {
				r.addDestination(d, owed)
			}
		}
	}
	r.Events, r.Database = summary.Events, Database{Bytes: summary.DatabaseBytes, WAL: summary.WALBytes}
	r.Healthy = len(r.Problems) == 0
	return r, nil
}

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *Report) addStream(c store.Cursor) {
	state, todo := judge(c)
	s := Stream{
		Name: c.Stream, State: state, Todo: todo,
		LastEventAt: maybe(c.LastEventAt), CaughtUpAt: maybe(c.CaughtUpAt), LastAnswer: maybe(c.LastAnswerAt), NextQueryAt: maybe(c.NextQueryAt),
		Events: c.Events, Pages: c.Pages, Failures: c.Failures, ErrorKind: c.LastErrorKind, Error: c.LastError, ErrorAt: maybe(c.LastErrorAt),
	}
	if complete := completeUntil(c); !complete.IsZero() {
		lost := complete.Add(horizon)
		s.LostAt = &lost
		if left := lost.Sub(r.At); left < horizon/2 {
			r.problem("stream %s has not been complete since %s: SEEK forgets events after 90 days, the first in %d days", c.Stream, complete.UTC().Format(time.RFC3339), int(left.Hours()/24))
		}
	}
	if todo != "" {
		r.problem("stream %s: %s: %s", c.Stream, state, todo)
	}
	r.Streams = append(r.Streams, s)
}

// completeUntil is the time up to which everything that SEEK had is here.
func completeUntil(c store.Cursor) time.Time {
	if c.State == store.CaughtUp {
		return c.CaughtUpAt
	}
	return c.LastEventAt
}

// judge puts a stream's state into words, and says what to do if somebody has to do something.
func judge(c store.Cursor) (state, todo string) {
	switch c.LastErrorKind {
	case "bad_cursor":
		return "not polling: SEEK refuses the stored cursor", "nothing is skipped on its own; see the stream's error for the events that wait"
	case "unauthorized":
		return "not polling: SEEK refuses our credentials, or this stream", "compare client_id, secret and audience with the SEEK Developer Dashboard; a FORBIDDEN needs SEEK"
	case "rejected":
		return "not polling: SEEK refuses the query as such", "is seek.endpoint right? If it is, SEEK's schema may have changed: look for a new version"
	case "stuck":
		return "stuck: SEEK's cursor does not lead on", "it is asked again on its own; if it stays, give SEEK the last request id of `cursors list`"
	case "":
		return map[store.State]string{store.New: "new: not asked yet", store.Behind: "behind: more pages wait", store.CaughtUp: "caught up and quiet"}[c.State], ""
	}
	state = fmt.Sprintf("%s, the last %d queries failed", c.State, max(c.Failures, 1))
	if c.Failures >= 10 {
		todo = "it is asked again on its own; is SEEK, or the way to it, down?"
	}
	return state, todo
}

func (r *Report) addDestination(d store.Destination, owed store.DestinationSummary) {
	r.Destinations = append(r.Destinations, Destination{
		Name: d.Name, Kind: d.Kind, State: d.State, Reason: d.Reason, Owed: owed.Owed, OldestOwed: maybe(owed.OldestOwedAt),
		Delivered: d.Delivered, Dead: owed.Dead, Failures: d.Failures, LastSuccess: maybe(d.LastSuccessAt), LastError: d.LastError,
	})
	switch {
	case d.State == store.Parked:
		r.problem("destination %s is parked: %s", d.Name, d.Reason)
	case d.State == store.Removed && owed.Owed > 0:
		r.problem("destination %s is no longer configured, and is owed %d events", d.Name, owed.Owed)
	case d.Failures >= 10:
		r.problem("destination %s: the last %d sends failed", d.Name, d.Failures)
	}
	if owed.Dead > 0 {
		r.problem("destination %s: %d dead letters wait for a person", d.Name, owed.Dead)
	}
}

// maybe is nil for no time.
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
