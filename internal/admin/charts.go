package admin

import (
	"fmt"
	"time"

	"seekpoller/store"
)

// Charts are drawn here as figures and by the templates as SVG: a fixed coordinate system that the browser scales, sized by attributes and
// coloured by the style sheet.

const (
	chartWidth  = 1000
	chartLeft   = 150 // for what the lanes are called
	chartRight  = 990
	laneHeight  = 34
	axisHeight  = 26
	chartBarTop = 12
)

// tick is a line of the grid.
type tick struct {
	At    float64
	Label string // "": an unnamed one
}

// queryChart is the queries of the last while against the slots that SEEK grants.
type queryChart struct {
	Since, Until        time.Time
	Slot                time.Duration
	Width, Height, Base int
	Left, Right         int
	Lanes               []lane
	Ticks               []tick
	Marks               []mark
	Rows                []askedQuery // newest first
}

// lane is the line of a stream, or of the stretches of one.
type lane struct {
	Name string
	Y    int
}

// mark is one query. Its outcome is shown by shape and by colour.
type mark struct {
	X     float64
	Y     int
	Shape string // found, nothing, failed, open
	Title string
}

// askedQuery is a query in words.
type askedQuery struct {
	store.Query
	Gap   time.Duration // from the end of the exchange before it
	First bool          // there is none before it
	Shape string
	Says  string
}

// slotsShown is how many slots the chart covers: at SEEK's one a minute, an hour.
const slotsShown = 60

// newQueryChart draws queries, newest first; one more than the chart shows gives the oldest its gap.
func newQueryChart(queries []store.Query, streams []string, slot time.Duration, now time.Time) queryChart {
	t := queryChart{Since: now.Add(-slotsShown * slot), Until: now, Slot: slot, Width: chartWidth, Left: chartLeft, Right: chartRight}
	y := map[string]int{}
	for _, name := range streams {
		t.lane(y, name)
	}
	for i, q := range queries {
		if q.SentAt.Wall.Before(t.Since) {
			break
		}
		a := inTurn(queries, i)
		t.Rows = append(t.Rows, a)
		name := a.For()
		t.lane(y, name)
		t.Marks = append(t.Marks, mark{X: t.x(q.SentAt.Wall), Y: y[name], Shape: a.Shape, Title: a.title()})
	}
	t.Base = max(len(t.Lanes), 1)*laneHeight + 4
	t.Height = t.Base + axisHeight
	t.grid()
	return t
}

func (t *queryChart) lane(y map[string]int, name string) {
	if _, ok := y[name]; !ok {
		y[name] = len(t.Lanes)*laneHeight + laneHeight/2 + 4
		t.Lanes = append(t.Lanes, lane{name, y[name]})
	}
}

func (t *queryChart) x(at time.Time) float64 {
	share := float64(at.Sub(t.Since)) / float64(t.Until.Sub(t.Since))
	return round(chartLeft + min(max(share, 0), 1)*(chartRight-chartLeft))
}

// grid draws a line for each slot, and names every tenth.
func (t *queryChart) grid() {
	layout := "15:04"
	if t.Slot%time.Minute != 0 {
		layout = "15:04:05"
	}
	for at := t.Since.Truncate(t.Slot).Add(t.Slot); at.Before(t.Until); at = at.Add(t.Slot) {
		line := tick{At: t.x(at)}
		if at.Equal(at.Truncate(10 * t.Slot)) {
			line.Label = at.UTC().Format(layout)
		}
		t.Ticks = append(t.Ticks, line)
	}
}

// Asked is how many queries are shown.
func (t queryChart) Asked() int64 { return int64(len(t.Rows)) }

// Law is what the grid stands for.
func (t queryChart) Law() string {
	if t.Slot == time.Minute {
		return "SEEK grants one query a minute, over all streams"
	}
	return "one query every " + inWords(t.Slot) + ", over all streams"
}

// Failures is how many of them failed.
func (t queryChart) Failures() (n int64) {
	for _, row := range t.Rows {
		if row.Shape == "failed" {
			n++
		}
	}
	return n
}

func inTurn(queries []store.Query, i int) askedQuery {
	a := askedQuery{Query: queries[i], First: i+1 == len(queries)}
	if !a.First {
		before := queries[i+1]
		end := before.EndedAt
		if end.IsZero() {
			end = before.SentAt.Wall.Add(before.Timeout)
		}
		a.Gap = a.SentAt.Wall.Sub(end)
	}
	switch {
	case a.Outcome == "":
		a.Shape, a.Says = "open", "no answer yet"
	case a.Outcome != store.Answered:
		a.Shape, a.Says = "failed", a.Outcome+": "+a.Error
	case a.Fresh == 0:
		a.Shape, a.Says = "nothing", fmt.Sprintf("answered, nothing new on a page of %d", a.Events)
	default:
		a.Shape, a.Says = "found", fmt.Sprintf("answered, %d new on a page of %d", a.Fresh, a.Events)
	}
	if a.More {
		a.Says += ", more waits"
	}
	return a
}

// For is what it was sent for: a stream, or a stretch of one.
func (a askedQuery) For() string {
	if a.Cursor.Kind == "live" {
		return a.Cursor.Stream
	}
	return a.Cursor.Stream + " " + a.Cursor.Kind
}

func (a askedQuery) title() string {
	gap := "no query before it"
	if !a.First {
		gap = inWords(a.Gap) + " after the one before"
	}
	return fmt.Sprintf("%s UTC, %s: %s; %s; request %s", a.SentAt.Wall.UTC().Format("15:04:05"), a.For(), a.Says, gap, a.RequestID)
}

func round(x float64) float64 { return float64(int(x*10+0.5)) / 10 }
