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
	At           Time          `json:"at"`
	Daemon       string        `json:"daemon"` // who runs on this database, in words
	Healthy      bool          `json:"healthy"`
	Problems     []string      `json:"problems"` // what a person should look at, in words; empty if healthy
	Streams      []Stream      `json:"streams"`
	Destinations []Destination `json:"destinations"`
	Events       int64         `json:"events"`  // stored so far
	Missing      int64         `json:"missing"` // of them, places where SEEK had an event that it could not give
	Database     Database      `json:"database"`
}

// Stream is one stream's place.
type Stream struct {
	Name        string `json:"name"`
	State       string `json:"state"` // in words: caught up, behind, not polling: …
	LastEventAt Time   `json:"last_event_at"`
	CaughtUpAt  Time   `json:"caught_up_at"`
	LastAnswer  Time   `json:"last_answer_at"`
	NextQueryAt Time   `json:"next_query_at"`
	Events      int64  `json:"events"`
	Pages       int64  `json:"pages"`
	Failures    int    `json:"failures"` // in a row
	ErrorKind   string `json:"error_kind,omitempty"`
	Error       string `json:"error,omitempty"`
	ErrorAt     Time   `json:"error_at,omitempty"`
	Todo        string `json:"todo,omitempty"`
	LostAt      Time   `json:"lost_at,omitempty"` // when SEEK begins to forget events that we do not have
}

// Destination is what one destination is owed.
type Destination struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	State       string `json:"state"`
	Reason      string `json:"reason,omitempty"`
	Owed        int64  `json:"owed"`
	OldestOwed  Time   `json:"oldest_owed_at"`
	Delivered   int64  `json:"delivered"`
	Dead        int64  `json:"dead"`
	Failures    int    `json:"failures"` // in a row
	LastSuccess Time   `json:"last_success_at"`
	LastFailure Time   `json:"last_failure_at"`
	LastError   string `json:"last_error,omitempty"` // why it fails; empty once something was accepted. May quote the receiver
}

// Database is the file's size in bytes.
type Database struct {
	Bytes int64 `json:"bytes"`
	WAL   int64 `json:"wal_bytes"`
}

// Gather reads the report. It takes a few milliseconds, whatever the size of the database.
func Gather(ctx context.Context, s *store.Store, now time.Time) (Report, error) {
	r := Report{At: Time{now.UTC()}, Problems: []string{}, Streams: []Stream{}, Destinations: []Destination{}}
	if err := r.addDaemon(s); err != nil {
		return Report{}, err
	}
	cursors, err := s.OpenCursors(ctx)
	if err != nil {
		return Report{}, err
	}
	last, err := s.Queries(ctx, store.QueryFilter{Limit: 1})
	if err != nil {
		return Report{}, err
	}
	r.addStreams(cursors, last)
	if err := r.addFigures(ctx, s); err != nil {
		return Report{}, err
	}
	r.Healthy = len(r.Problems) == 0
	return r, nil
}

func (r *Report) addDaemon(s *store.Store) error {
	holder, err := s.Holder()
	if err != nil {
		return err
	}
	if holder == nil {
		r.Daemon = "not running"
		r.problem("no daemon runs on this database, so nothing is asked and nothing handed on: start it with seek-poller run")
		return nil
	}
	r.Daemon = fmt.Sprintf("running as process %d on %s since %s", holder.PID, holder.Host, holder.Since.UTC().Format(time.RFC3339))
	return nil
}

func (r *Report) addStreams(cursors []store.Cursor, last []store.Query) {
	waits := time.Time{} // until when SEEK wants to be left in peace
	if len(last) > 0 {
		waits = last[0].EndedAt.Add(last[0].RetryAfter)
	}
	late := overdue + time.Duration(len(cursors))*time.Minute // with a backlog everywhere each stream waits for its turn
	for _, c := range cursors {
		if c.Kind != "live" {
			continue
		}
		r.addStream(c)
		due := c.NextQueryAt
		if waits.After(due) {
			due = waits
		}
		if since := r.At.Sub(due); !c.NextQueryAt.IsZero() && since > late {
			r.problem("stream %s: its next query is overdue by %s: look into the daemon's log (a full disk? a token that is refused?)", c.Stream, since.Round(time.Second))
		}
	}
}

// overdue is how late a query may be before something must be wrong.
const overdue = 5 * time.Minute

func (r *Report) addFigures(ctx context.Context, s *store.Store) error {
	summary, err := s.Summary(ctx)
	if err != nil {
		return err
	}
	destinations, err := s.Destinations(ctx)
	if err != nil {
		return err
	}
	for _, d := range destinations {
		for _, owed := range summary.Destinations {
			if owed.Name == d.Name {
				r.addDestination(d, owed)
			}
		}
	}
	r.Events, r.Missing = summary.Events, summary.Missing
	r.Database = Database{Bytes: summary.DatabaseBytes, WAL: summary.WALBytes}
	if summary.Missing > 0 && r.At.Sub(summary.LastMissingAt) < recent {
		r.problem("%d events are missing, the last since %s: SEEK has them and could not give them; see events list --type missing, and tell SEEK", summary.Missing, summary.LastMissingAt.UTC().Format(time.RFC3339))
	}
	return nil
}

// recent is how long a missing event is a problem; afterwards it is a figure.
const recent = 7 * 24 * time.Hour

func (r *Report) problem(format string, args ...any) {
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

func (r *Report) addStream(c store.Cursor) {
	state, todo := judge(c)
	s := Stream{
		Name: c.Stream, State: state, Todo: todo,
		LastEventAt: Time{c.LastEventAt}, CaughtUpAt: Time{c.CaughtUpAt}, LastAnswer: Time{c.LastAnswerAt}, NextQueryAt: Time{c.NextQueryAt},
		Events: c.Events, Pages: c.Pages, Failures: c.Failures, ErrorKind: c.LastErrorKind, Error: c.LastError, ErrorAt: Time{c.LastErrorAt},
	}
	if complete := completeUntil(c); !complete.IsZero() {
		s.LostAt = Time{complete.Add(horizon)}
		if left := s.LostAt.Sub(r.At.Time); left < horizon/2 {
			r.problem("stream %s has not been complete since %s: SEEK forgets events after 90 days, %s", c.Stream, complete.UTC().Format(time.RFC3339), inDays(left))
		}
	}
	if todo != "" {
		r.problem("stream %s: %s: %s", c.Stream, state, todo)
	}
	r.Streams = append(r.Streams, s)
}

// inDays says when the first events are forgotten.
func inDays(left time.Duration) string {
	if left <= 0 {
		return "so some are lost"
	}
	return fmt.Sprintf("the first in %d days", int(left.Hours()/24))
}

// completeUntil is the time up to which everything that SEEK had is here.
func completeUntil(c store.Cursor) time.Time {
	if c.State == store.CaughtUp {
		return c.CaughtUpAt
	}
	if c.LastEventAt.After(c.LastAnswerAt) {
		return c.LastAnswerAt // a stream time in the future is SEEK's mistake, and no proof of anything
	}
	return c.LastEventAt
}

// judge puts a stream's state into words, and says what to do if somebody has to do something.
func judge(c store.Cursor) (state, todo string) {
	switch c.LastErrorKind {
	case "bad_cursor":
		return "not polling: SEEK refuses the stored cursor", "the stream's error says which events wait or are lost; this version has no verb that moves a cursor. It is asked again on its own; if it stays so, ask SEEK with the last request id of cursors list"
	case "unauthorized":
		return "not polling: SEEK refuses our credentials, or this stream", "compare client_id, secret and audience with the SEEK Developer Dashboard; a FORBIDDEN needs SEEK"
	case "rejected":
		return "not polling: SEEK refuses the query as such", "is seek.endpoint right? If it is, SEEK's schema may have changed: look for a new version"
	case "stuck":
		return "stuck: SEEK's cursor does not lead on", "it is asked again on its own; if it stays, give SEEK the last request id of cursors list"
	case "alarm":
		return fmt.Sprintf("%s, with an alarm", c.State), c.LastError
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
	down := d.State == store.Active && d.Failures >= isDown
	out := Destination{
		Name: d.Name, Kind: d.Kind, State: d.State, Reason: d.Reason, Owed: owed.Owed, OldestOwed: Time{owed.OldestOwedAt},
		Delivered: d.Delivered, Dead: owed.Dead, Failures: d.Failures, LastSuccess: Time{d.LastSuccessAt}, LastFailure: Time{d.LastFailureAt},
	}
	if d.Failures > 0 {
		out.LastError = d.LastError
	}
	if down {
		out.State = "down"
	}
	r.Destinations = append(r.Destinations, out)
	switch {
	case d.State == store.Parked:
		r.problem("destination %s is parked: %s; mend the receiver, then restart the daemon or send it SIGHUP", d.Name, d.Reason)
	case d.State == store.Removed && owed.Owed > 0:
		r.problem("destination %s is no longer configured, and is owed %d events", d.Name, owed.Owed)
	case down:
		r.problem("destination %s is down: the last %d sends failed, the last with: %s", d.Name, d.Failures, d.LastError)
	}
	if owed.Dead > 0 {
		r.problem("destination %s: %d dead letters wait for a person: see deliveries list --state dead", d.Name, owed.Dead)
	}
}

// isDown is after how many failures in a row the outbox probes a destination instead of using it.
const isDown = 3
