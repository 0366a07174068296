package admin

import (
	"fmt"
	"time"

	"seekpoller/store"
)

// view is a live cursor with what its state is judged by.
type view struct {
	store.Cursor
	now     time.Time
	stopped bool          // no daemon runs
	overdue time.Duration // of its next query; 0: it is not
	minutes float64       // about how far behind; 0: not known
	pace    string
}

// judge puts a stream's state into one of three words and a sentence, and says what to do if somebody has to do something.
func (v view) judge() (is, state, todo string) {
	if why, todo := v.refused(); why != "" {
		return notPolling, fmt.Sprintf("not polling: %s, since %s", why, second(later(v.LastAnswerAt, v.CreatedAt))), todo
	}
	is, state = isBehind, v.distance()
	if v.State == store.CaughtUp {
		is, state = isCaughtUp, "caught up and quiet"
	}
	switch {
	case v.stopped: // a problem of its own, said once
		return notPolling, fmt.Sprintf("not polling: no daemon runs; when it was last asked, %s, it was %s", asked(v.LastQueryAt), state), ""
	case v.overdue > 0:
		return notPolling, fmt.Sprintf("not polling: its next query is overdue by %s", v.overdue.Round(time.Second)),
			"look into the daemon's log (a full disk? a token that is refused?)"
	case v.LastErrorKind == "alarm":
		return is, state + ", with an alarm", v.LastError
	case v.LastErrorKind != "" && v.Failures >= manyFailures:
		return notPolling, fmt.Sprintf("not polling: %s, since %s", lastFailed(v.Failures), second(later(v.LastAnswerAt, v.CreatedAt))),
			"it is asked again on its own; is SEEK, or the way to it, down?"
	case v.LastErrorKind != "":
		return is, fmt.Sprintf("%s, and %s", state, lastFailed(v.Failures)), ""
	}
	return is, state, ""
}

// refused is why no query of the cursor can succeed as things are; "": none is known.
func (v view) refused() (why, todo string) {
	switch v.LastErrorKind {
	case "bad_cursor":
		return "SEEK refuses the stored cursor", v.wayBack()
	case "unauthorized":
		return "SEEK refuses our credentials, or this stream", "compare client_id, secret and audience with the SEEK Developer Dashboard; a FORBIDDEN needs SEEK"
	case "rejected":
		return "SEEK refuses the query as such", "is seek.endpoint right? If it is, SEEK's schema may have changed: look for a new version"
	case "stuck":
		return "stuck, SEEK's cursor does not lead on", "it is asked again on its own; if it stays, give SEEK the last request id of seek-poller cursors list"
	}
	return "", ""
}

// wayBack is how to get past a cursor that SEEK refuses.
func (v view) wayBack() string {
	to := "TIME"
	switch {
	case !v.LastEventAt.IsZero():
		to = v.LastEventAt.UTC().Format(timeLayout)
	case !v.Since.IsZero():
		to = v.Since.UTC().Format(timeLayout)
	}
	return fmt.Sprintf("the stream's error says which events wait or are lost. It is asked again on its own; if it stays so, ask again by time: seek-poller cursors rewind %s --to-time %s. What is known already is not handed on twice", v.Stream, to)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// distance is how far behind the stream is.
func (v view) distance() string {
	switch {
	case v.State == store.New:
		return "behind: not asked yet"
	case v.minutes == 0:
		return "behind: more pages wait; how many is not known yet"
	case v.minutes == 1:
		return "behind: about 1 minute " + v.pace
	}
	return fmt.Sprintf("behind: about %.0f minutes %s", v.minutes, v.pace)
}

// pace is how often SEEK may be asked, in words.
func pace(interval time.Duration) string {
	if interval == time.Minute {
		return "at one query a minute"
	}
	return "at one query every " + interval.String()
}

func asked(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return second(t)
}

func lastFailed(n int) string {
	if n <= 1 {
		return "the last query failed"
	}
	return fmt.Sprintf("the last %d queries failed", n)
}
