package admin

import (
	"context"
	"fmt"
	"math"
	"time"

	"seekpoller/store"
)

// horizon is how long SEEK keeps events. A stream that has not been complete for so long has lost some.
// https://developer.seek.com/events/polling
const horizon = 90 * day

// Stream is one stream's place.
type Stream struct {
	Name           string `json:"name"`
	Is             string `json:"is"`             // caught up, behind or not polling
	State          string `json:"state"`          // the same in a sentence
	Minutes        Number `json:"minutes_behind"` // about, at the pace that SEEK permits; null: none, or not known
	LastEventAt    Time   `json:"last_event_at"`
	CaughtUpAt     Time   `json:"caught_up_at"`
	CompleteAt     Time   `json:"complete_at"`          // up to when everything that SEEK had is here; null: not known
	HorizonPercent int    `json:"horizon_used_percent"` // how much of SEEK's 90 days has gone by since
	LastAnswer     Time   `json:"last_answer_at"`
	NextQueryAt    Time   `json:"next_query_at"`
	Events         int64  `json:"events"`
	Pages          int64  `json:"pages"`
	Failures       int    `json:"failures"` // in a row
	ErrorKind      Text   `json:"error_kind"`
	Error          Text   `json:"error"`
	ErrorAt        Time   `json:"error_at"`
	Todo           Text   `json:"todo"`
	LostAt         Time   `json:"lost_at"` // when SEEK begins to forget events that we do not have
}

// The three states of a stream.
const (
	isCaughtUp = "caught up"
	isBehind   = "behind"
	notPolling = "not polling"
)

func (g *gathering) addStreams(ctx context.Context) error {
	cursors, err := g.from.Store.OpenCursors(ctx)
	if err != nil {
		return err
	}
	last, err := g.from.Store.Queries(ctx, store.QueryFilter{Limit: 1})
	if err != nil {
		return err
	}
	var rested time.Time // until when SEEK wants to be left in peace
	if len(last) > 0 {
		rested = last[0].EndedAt.Add(last[0].RetryAfter)
	}
	sharing := 0
	for _, c := range cursors {
		if c.Kind == "live" && c.State == store.Behind {
			sharing++
		}
	}
	late := overdue + time.Duration(len(cursors))*time.Minute // with a backlog everywhere each stream waits for its turn
	for _, c := range cursors {
		if c.Kind != "live" {
			g.addStretch(c)
			continue
		}
		pages, err := g.pagesBehind(ctx, c)
		if err != nil {
			return err
		}
		v := view{Cursor: c, now: g.At.Time, stopped: g.stopped, minutes: math.Ceil(pages * float64(max(sharing, 1)) * g.from.Interval.Minutes()), pace: pace(g.from.Interval)}
		if due := later(c.NextQueryAt, rested); !c.NextQueryAt.IsZero() && g.At.Sub(due) > late {
			v.overdue = g.At.Sub(due)
		}
		g.addStream(v)
	}
	return nil
}

// overdue is how late a query may be before something must be wrong.
const overdue = 5 * time.Minute

func (g *gathering) addStream(v view) {
	c := v.Cursor
	is, state, todo := v.judge()
	s := Stream{
		Name: c.Stream, Is: is, State: state, Todo: Text(todo),
		LastEventAt: Time{c.LastEventAt}, CaughtUpAt: Time{c.CaughtUpAt}, LastAnswer: Time{c.LastAnswerAt}, NextQueryAt: Time{c.NextQueryAt},
		Events: c.Events, Pages: c.Pages, Failures: c.Failures, ErrorKind: Text(c.LastErrorKind), Error: Text(c.LastError), ErrorAt: Time{c.LastErrorAt},
	}
	if is == isBehind {
		s.Minutes = Number(v.minutes)
	}
	if complete := completeUntil(c); !complete.IsZero() {
		s.CompleteAt, s.LostAt = Time{complete}, Time{complete.Add(horizon)}
		s.HorizonPercent = int(100 * max(g.At.Sub(complete), 0) / horizon)
		g.warn(s)
	}
	if todo != "" {
		g.problem("stream %s: %s: %s", c.Stream, state, todo)
	}
	g.Streams = append(g.Streams, s)
}

// warn is in time at half of SEEK's memory, and gets more urgent. A stream that is merely quiet is complete at each of its queries.
func (g *gathering) warn(s Stream) {
	for _, level := range []struct {
		percent int
		word    string
	}{{90, "urgent: "}, {75, "soon: "}, {50, ""}} {
		if s.HorizonPercent >= level.percent {
			g.problem("%sstream %s has not been complete since %s, which is %d %% of SEEK's memory: SEEK forgets events after 90 days, %s",
				level.word, s.Name, second(s.CompleteAt.Time), s.HorizonPercent, inDays(s.LostAt.Sub(g.At.Time)))
			return
		}
	}
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

// pagesBehind is about how many pages of a stream wait at SEEK: as many events as came in each hour of its newest week, for the time that is
// missing. 0: nothing is known to go by.
func (g *gathering) pagesBehind(ctx context.Context, c store.Cursor) (float64, error) {
	if c.State != store.Behind || c.LastEventAt.IsZero() {
		return 0, nil
	}
	events, first, err := g.from.Store.Tallied(ctx, c.Stream, c.LastEventAt.Add(-7*day), c.LastEventAt.Add(time.Hour))
	if err != nil || events == 0 {
		return 0, err
	}
	known := max(c.LastEventAt.Sub(first).Hours(), 1)
	missing := max(g.At.Sub(c.LastEventAt).Hours(), 0)
	return max(math.Ceil(float64(events)/known*missing/100), 1), nil
}

func (g *gathering) addStretch(c store.Cursor) {
	s := OpenStretch{
		Cursor: c.ID, Kind: c.Kind, Stream: c.Stream, Since: Time{c.Since}, Until: Time{c.Until}, LastEventAt: Time{c.LastEventAt},
		Pages: c.Pages, Seen: c.Seen, Events: c.Events, Failures: c.Failures, Error: Text(c.LastError),
	}
	if whole := c.Until.Sub(c.Since); !c.Since.IsZero() && whole > 0 && c.LastEventAt.After(c.Since) {
		s.Percent = Number(min(100*c.LastEventAt.Sub(c.Since)/whole, 100))
	}
	g.Stretches = append(g.Stretches, s)
	if c.LastErrorKind != "" && c.Failures >= manyFailures {
		g.problem("%s %d of stream %s: %s, the last with: %s", c.Kind, c.ID, c.Stream, lastFailed(c.Failures), c.LastError)
	}
}

// manyFailures in a row are no passing trouble.
const manyFailures = 10
