package admin

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

// Plan is what a stretch would take. SEEK gives no count, so it is worked out from the events that are stored for such a time.
type Plan struct {
	Stream  string   `json:"stream"`
	From    Time     `json:"from"` // included
	To      Time     `json:"to"`   // not included
	Types   []string `json:"types"`
	Known   int64    `json:"known"`   // events of that time that are stored, about
	Unknown float64  `json:"unknown"` // hours of it that were never asked for
	Events  int64    `json:"events"`  // that are expected; -1: nothing is known
	Pages   int64    `json:"pages"`   // likewise
	Seconds int64    `json:"seconds"` // of the query budget; likewise
	Share   float64  `json:"share"`   // of a day's query budget; likewise
	EndsAt  Time     `json:"ends_at"` // at the earliest, with all that goes before; null: nothing is known
	Turns   int64    `json:"turns"`   // other stretches that it takes turns with
	Ahead   []string `json:"ahead"`   // streams whose backlog goes first
	Old     bool     `json:"old"`     // part of it is older than SEEK keeps events

	interval time.Duration
}

func (s *Server) answerPlan(r *http.Request) (any, error) {
	p := readParams(r)
	args := StretchArgs{Stream: p.text("stream"), From: Time{p.time("from")}, To: Time{p.time("to")}, Types: listOf(p.text("types"))}
	if err := p.end(); err != nil {
		return nil, err
	}
	n, err := s.stretchOf(r.Context(), args)
	if err != nil {
		return nil, err
	}
	plan, err := s.plan(r.Context(), n)
	if err != nil {
		return nil, err
	}
	return Outcome{Verb: "backfill plan", Says: plan.words(), Facts: plan}, nil
}

func (s *Server) plan(ctx context.Context, n store.NewStretch) (Plan, error) {
	return s.planBeside(ctx, n, 0)
}

// planBeside is the plan of what is left of a stretch; id 0 is one that has not begun.
func (s *Server) planBeside(ctx context.Context, n store.NewStretch, id int64) (Plan, error) {
	c := s.config.Load()
	tallies, err := c.Store.HourTallies(ctx, n.Stream, n.Types)
	if err != nil {
		return Plan{}, err
	}
	covered, err := s.covered(ctx, n, tallies)
	if err != nil {
		return Plan{}, err
	}
	open, err := c.Store.OpenCursors(ctx)
	if err != nil {
		return Plan{}, err
	}
	now := c.Now().Wall
	p := Plan{Stream: n.Stream, From: Time{n.Since}.next(), To: Time{n.Until}, Types: n.Types, Old: now.Sub(n.Since) > horizon, Ahead: []string{}, interval: c.Interval}
	p.estimate(tallies, covered)
	live := 0
	for _, o := range open {
		switch {
		case o.Kind != "live" && o.ID != id:
			p.Turns++
		case o.Kind == "live" && o.State != store.CaughtUp:
			p.Ahead = append(p.Ahead, o.Stream)
			live++
		case o.Kind == "live":
			live++
		}
	}
	p.time(now, live)
	return p, nil
}

// span is a time of SEEK's stream.
type span struct{ from, to time.Time }

// covered are the times of which everything is stored, in order and apart: what the live cursor has been through, and complete stretches of at
// least these types.
func (s *Server) covered(ctx context.Context, n store.NewStretch, tallies []store.HourTally) ([]span, error) {
	db := s.config.Load().Store
	live, err := db.LiveCursor(ctx, n.Stream)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	begins, err := db.StreamBegins(ctx, n.Stream, live.Fingerprint)
	if err != nil {
		return nil, err
	}
	if begins.IsZero() && len(tallies) > 0 {
		begins = tallies[0].Hour
	}
	spans := []span{{begins, later(live.SafeTime(), live.CaughtUpAt)}}
	stretches, err := db.Stretches(ctx, store.StretchFilter{Stream: n.Stream, Limit: 1000})
	if err != nil {
		return nil, err
	}
	for _, c := range stretches {
		if c.State == store.Ended && c.EndedBy == 0 && c.Fingerprint == live.Fingerprint && includes(c.Types, n.Types) {
			spans = append(spans, span{c.Since, c.Until})
		}
	}
	return apart(spans), nil
}

// includes says that a list of types has all of another; nil is all there are.
func includes(all, some []string) bool {
	if all == nil || some == nil {
		return all == nil
	}
	return !slices.ContainsFunc(some, func(t string) bool { return !slices.Contains(all, t) })
}

// apart joins spans that touch.
func apart(spans []span) (out []span) {
	slices.SortFunc(spans, func(a, b span) int { return a.from.Compare(b.from) })
	for _, next := range spans {
		if !next.from.Before(next.to) {
			continue
		}
		if n := len(out); n > 0 && !next.from.After(out[n-1].to) {
			out[n-1].to = later(out[n-1].to, next.to)
			continue
		}
		out = append(out, next)
	}
	return out
}

// estimate counts what is stored of the window, of its first and last hour in proportion. For the part that is not covered it takes the mean of
// what is, if that is an hour at least.
func (p *Plan) estimate(tallies []store.HourTally, covered []span) {
	var known, all, hours float64
	for _, t := range tallies {
		all += float64(t.Events)
		known += float64(t.Events) * within(t.Hour, t.Hour.Add(time.Hour), p.From.Time, p.To.Time).Hours()
	}
	p.Unknown = max(0, p.To.Sub(p.From.Time).Hours())
	for _, c := range covered {
		hours += c.to.Sub(c.from).Hours()
		p.Unknown -= within(c.from, c.to, p.From.Time, p.To.Time).Hours()
	}
	p.Known, p.Events, p.Pages = int64(math.Round(known)), -1, -1
	switch {
	case p.Unknown < negligible:
		p.Events = p.Known
	case hours >= 1 && all > 0:
		p.Events = int64(math.Round(known + all/hours*p.Unknown))
	default:
		return
	}
	p.Pages = pagesOf(p.Events)
}

// negligible is a part of an hour that needs no estimate.
const negligible = 0.05

// within is how much of the time from a to b lies between from and to.
func within(a, b, from, to time.Time) time.Duration {
	if from.After(a) {
		a = from
	}
	if to.Before(b) {
		b = to
	}
	return max(0, b.Sub(a))
}

// quarters is how many query intervals lie between two looks of a caught-up stream at least.
const quarters = 15

// time is when the pages have come: one query an interval, in turns with the other stretches, and each live stream looks for news meanwhile.
func (p *Plan) time(now time.Time, live int) {
	if p.Pages < 0 {
		p.Seconds, p.Share = -1, -1
		return
	}
	budget := time.Duration(p.Pages) * p.interval
	p.Seconds, p.Share = int64(budget.Seconds()), budget.Hours()/24
	spare := max(0.1, 1-float64(live)/quarters)
	p.EndsAt = Time{now.Add(time.Duration(float64(budget) * float64(1+p.Turns) / spare))}
}

func (p Plan) words() []string {
	says := []string{fmt.Sprintf("stream %s, from %s to %s by SEEK's stream time", p.Stream, exactly(p.From.Time), exactly(p.To.Time))}
	switch {
	case p.Pages < 0:
		says = append(says, "too little of this stream is stored to tell, and SEEK gives no count: how long it takes is not known")
	default:
		says = append(says,
			fmt.Sprintf("about %s events (%s are stored), %s: %s of the query budget, %.1f %% of a day's", grouped(p.Events), grouped(p.Known),
				counted(p.Pages, "page", "pages"), time.Duration(p.Pages)*p.interval, 100*p.Share),
			"complete at "+exactly(p.EndsAt.Truncate(time.Second))+" at the earliest")
	}
	if p.Pages >= 0 && p.Unknown >= negligible {
		says = append(says, fmt.Sprintf("%.1f hours of that time were never asked for: for them the mean of what is stored is taken", p.Unknown))
	}
	if p.Old {
		says = append(says, "SEEK keeps events for 90 days, and has nothing of what lies before that")
	}
	if p.Turns > 0 {
		says = append(says, fmt.Sprintf("it takes turns with %s", counted(p.Turns, "other stretch", "other stretches")))
	}
	for _, name := range p.Ahead {
		says = append(says, fmt.Sprintf("stream %s has a backlog, which goes first", name))
	}
	return append(says, "live streams always go first")
}

// listOf is a list of words with commas between them.
func listOf(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}
