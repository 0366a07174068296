package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"seekpoller/store"
)

// home is what the first page shows.
type home struct {
	Report
	Now       time.Time
	Lines     []streamLine
	Queries   queryChart
	Hours     hourly
	Receivers []receiverLine
	Dead      []store.DeliveryRow
	MoreDead  int64
	Deeds     []store.Action
}

const (
	deadShown  = 8
	deedsShown = 6
	paceOf     = 1000 // attempts whose latencies are looked at
)

// homePage is how things stand, in one glance and then in detail.
func (s *Server) homePage(r *http.Request, sh *sheet) error {
	p := readParams(r)
	sh.Live = p.oneOf("refresh", "off") == ""
	if err := p.end(); err != nil {
		return err
	}
	sh.Refresh = "/"
	if sh.Live {
		sh.Refresh = "/?refresh=off"
	}
	h := home{Now: sh.At}
	if err := s.readHome(r.Context(), &h); err != nil {
		return err
	}
	sh.Title, sh.Body = h.Headline(), h
	return nil
}

// Headline is the state in one line.
func (h home) Headline() string {
	if h.Healthy {
		return "All is well"
	}
	return counted(int64(len(h.Problems)), "thing needs a person", "things need a person")
}

func (s *Server) readHome(ctx context.Context, h *home) (err error) {
	if h.Report, err = s.Report(ctx); err != nil {
		return err
	}
	c := s.config.Load()
	cursors, err := c.Store.OpenCursors(ctx)
	if err != nil {
		return err
	}
	h.readLines(cursors)
	var names []string
	for _, line := range h.Lines {
		names = append(names, line.Name)
	}
	queries, err := c.Store.Queries(ctx, store.QueryFilter{Limit: slotsShown + 1})
	if err != nil {
		return err
	}
	h.Queries = newQueryChart(queries, names, c.Interval, h.Now)
	hours := newHourly(nil, h.Now)
	tallies, err := c.Store.Tallies(ctx, hours.Since, hours.Until)
	if err != nil {
		return err
	}
	h.Hours = newHourly(tallies, h.Now)
	if err := h.readReceivers(ctx, c.Store); err != nil {
		return err
	}
	h.Deeds, err = c.Store.Actions(ctx, 0, deedsShown)
	return err
}

// streamLine is one stream, and the last query of it.
type streamLine struct {
	Stream
	Cursor store.Cursor
}

// UsedDays is how many of SEEK's days have gone by since the stream was last complete.
func (l streamLine) UsedDays(now time.Time) int {
	return int(max(now.Sub(l.CompleteAt.Time), 0) / day)
}

// readLines joins each stream of the report with its cursor.
func (h *home) readLines(cursors []store.Cursor) {
	for _, c := range cursors {
		i := slices.IndexFunc(h.Streams, func(s Stream) bool { return c.Kind == "live" && s.Name == c.Stream })
		if i >= 0 {
			h.Lines = append(h.Lines, streamLine{h.Streams[i], c})
		}
	}
}

// receiverLine is one destination, and how fast it is.
type receiverLine struct {
	Destination
	Pace          store.Pace
	P50, P90, P99 time.Duration
}

// Retrying is how many of the deliveries owed were tried before, in words: where many are owed, not all are looked at.
func (l receiverLine) Retrying() string {
	if int64(l.Pace.Looked) < l.Owed && l.Pace.Looked == paceOf {
		return fmt.Sprintf("%s of the oldest %s", grouped(l.Pace.Retrying), grouped(l.Pace.Looked))
	}
	return grouped(l.Pace.Retrying)
}

// OwedState is the state in which most of what is owed is found.
func (l receiverLine) OwedState() string {
	switch {
	case l.State != store.Active && l.State != "down":
		return "parked"
	case l.Pace.Retrying == l.Pace.Looked:
		return "retrying"
	}
	return "pending"
}

func (h *home) readReceivers(ctx context.Context, s *store.Store) error {
	dead := int64(0)
	for _, d := range h.Destinations {
		line := receiverLine{Destination: d}
		var err error
		if line.Pace, err = s.Pace(ctx, d.Name, paceOf); err != nil {
			return err
		}
		line.P50, line.P90, line.P99 = percentiles(line.Pace.Latencies)
		h.Receivers = append(h.Receivers, line)
		if d.Dead == 0 {
			continue
		}
		rows, _, err := s.Deliveries(ctx, store.DeliveryFilter{Destination: d.Name, State: "dead", Limit: deadShown})
		if err != nil {
			return err
		}
		dead += d.Dead
		h.Dead = append(h.Dead, rows...)
	}
	slices.SortFunc(h.Dead, func(a, b store.DeliveryRow) int { return b.DeadAt.Compare(a.DeadAt) })
	h.Dead = h.Dead[:min(len(h.Dead), deadShown)]
	h.MoreDead = max(dead-int64(len(h.Dead)), 0)
	return nil
}

// percentiles are the latencies that 50, 90 and 99 of a hundred attempts do not exceed (nearest rank).
func percentiles(latencies []time.Duration) (p50, p90, p99 time.Duration) {
	if len(latencies) == 0 {
		return 0, 0, 0
	}
	sorted := slices.Sorted(slices.Values(latencies))
	rank := func(share int) time.Duration { return sorted[(len(sorted)*share+99)/100-1] }
	return rank(50), rank(90), rank(99)
}
