package admin

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"seekpoller/store"
)

// Stretch is a backfill or a reconciliation as people see it.
type Stretch struct {
	ID          int64    `json:"id"`
	Kind        string   `json:"kind"` // backfill or reconcile
	Stream      string   `json:"stream"`
	State       string   `json:"state"` // in words
	Ended       bool     `json:"ended"`
	Cancelled   bool     `json:"cancelled"`
	From        Time     `json:"from"` // included
	To          Time     `json:"to"`   // not included
	Types       []string `json:"types"`
	Deliver     []string `json:"deliver"` // null: to all who take them; empty: to nobody
	Events      int64    `json:"events"`  // on its pages
	New         int64    `json:"new"`     // of them; of a reconciliation, those that were missing
	Pages       int64    `json:"pages"`
	At          Time     `json:"at"`         // how far it is, by SEEK's stream time
	PagesLeft   int64    `json:"pages_left"` // an estimate; -1: nothing is known
	EndsAt      Time     `json:"ends_at"`    // likewise; null: nothing is known
	NextQueryAt Time     `json:"next_query_at"`
	CreatedAt   Time     `json:"created_at"`
	EndedAt     Time     `json:"ended_at"`
	MadeBy      Number   `json:"made_by"` // its action; null: the schedule
	EndedBy     Number   `json:"ended_by"`
	ErrorKind   Text     `json:"error_kind"`
	Error       Text     `json:"error"`
	Result      Text     `json:"result"` // such as "0 missing of 1,204"
}

func (s *Server) viewStretch(ctx context.Context, c store.Cursor) (Stretch, error) {
	v := Stretch{
		ID: c.ID, Kind: c.Kind, Stream: c.Stream, State: s.stretchState(c), Ended: c.State == store.Ended, Cancelled: c.EndedBy != 0,
		From: Time{c.Since}.next(), To: Time{c.Until}, Types: c.Types, Deliver: c.Deliver, Events: c.Seen, New: c.Events, Pages: c.Pages,
		At: Time{c.LastEventAt}, NextQueryAt: Time{c.NextQueryAt}, CreatedAt: Time{c.CreatedAt}, EndedAt: Time{c.EndedAt}, MadeBy: Number(c.MadeBy), EndedBy: Number(c.EndedBy),
		ErrorKind: Text(c.LastErrorKind), Error: Text(c.LastError), Result: Text(result(c)),
	}
	if v.Ended {
		return v, nil
	}
	left := store.NewStretch{Stream: c.Stream, Since: later(c.Since, c.LastEventAt), Until: c.Until, Types: c.Types}
	plan, err := s.planBeside(ctx, left, c.ID)
	v.PagesLeft, v.EndsAt = plan.Pages, plan.EndsAt
	return v, err
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// next is the first moment after a bound that is not included, to the millisecond of SEEK's times.
func (t Time) next() Time {
	if t.IsZero() {
		return t
	}
	return Time{t.Add(time.Millisecond)}
}

// result is what a reconciliation has found, or a backfill brought.
func result(c store.Cursor) string {
	switch {
	case c.State != store.Ended || c.EndedBy != 0:
		return ""
	case c.Kind == "reconcile":
		return fmt.Sprintf("%s missing of %s", grouped(c.Events), grouped(c.Seen))
	}
	return fmt.Sprintf("%s new of %s", grouped(c.Events), grouped(c.Seen))
}

func (s *Server) stretchState(c store.Cursor) string {
	stream, configured := s.stream(c.Stream)
	switch {
	case c.State == store.Ended && c.EndedBy != 0:
		return "cancelled"
	case c.State == store.Ended:
		return "complete"
	case len(s.config.Load().Streams) > 0 && !configured:
		return "waits: its stream is no longer configured; configure it again, or cancel this"
	case configured && stream.Fingerprint != c.Fingerprint:
		return "waits: its stream has other settings now; cancel it, and start it anew"
	case c.LastErrorKind != "":
		return fmt.Sprintf("failing (%s); it is asked again on its own", c.LastErrorKind)
	case c.Pages == 0:
		return "waits for its first query"
	}
	return "under way"
}

func (s *Server) listStretches(r *http.Request) (any, error) {
	p := readParams(r)
	f := store.StretchFilter{Stream: p.text("stream"), Kind: p.oneOf("kind", "backfill", "reconcile"), Open: p.oneOf("open", "true", "false") == "true",
		BeforeID: p.number("before", 0), Limit: p.limit()}
	if err := p.end(); err != nil {
		return nil, err
	}
	if f.Stream != "" {
		if _, err := s.live(r.Context(), f.Stream); err != nil {
			return nil, err
		}
	}
	found, err := s.config.Load().Store.Stretches(r.Context(), f)
	views := []Stretch{}
	for _, c := range found {
		v, err := s.viewStretch(r.Context(), c)
		if err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, err
}

func (s *Server) oneStretch(r *http.Request) (any, error) {
	p := readParams(r)
	id := p.number("id", 0)
	if err := p.end(); err != nil {
		return nil, err
	}
	c, err := s.stretch(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return s.viewStretch(r.Context(), c)
}

// stretchProblems are what reconciliations found in the last week: an event that was missed is mended, and still no small thing.
func stretchProblems(ctx context.Context, db *store.Store, now time.Time) (problems []string, err error) {
	found, err := db.RecentFindings(ctx, now.Add(-recent))
	for _, c := range found {
		problems = append(problems, fmt.Sprintf("stream %s: reconciliation %d found %s missing of %s, from %s to %s; they are stored and delivered now: see events list --stream %s, and tell SEEK if it happens again",
			c.Stream, c.ID, grouped(c.Events), grouped(c.Seen), exactly(c.Since), exactly(c.Until), c.Stream))
	}
	return problems, err
}
