package admin

import (
	"fmt"
	"slices"
	"time"

	"seekpoller/store"
)

// hourly is the events of two days by hour and type, as stacked bars.
type hourly struct {
	Since, Until        time.Time
	Total               int64
	Width, Height, Base int
	Left, Right         int
	Kinds               []kindOfEvent // in the order in which they are stacked
	Bars                []bar
	Levels              []tick // of the number of events
	Ticks               []tick // of time
	Busiest             hourRow
	Rows                []hourRow // of the hours that have events, newest first
}

type kindOfEvent struct {
	Class string // of the style sheet: t0, t1, …
	Name  string
	Total int64
}

type bar struct {
	X, Y, W, H float64
	Class      string
	Title      string
}

type hourRow struct {
	Hour   time.Time
	Total  int64
	Events []int64 // by kind
}

const (
	hoursShown = 48
	kindsShown = 8 // as many colours as are told apart; what is rarer is one kind together
	barsHeight = 150
	otherKinds = "other types"
)

// newHourly draws the hours up to the one that now is in.
func newHourly(tallies []store.Tally, now time.Time) hourly {
	until := now.UTC().Truncate(time.Hour).Add(time.Hour)
	h := hourly{Since: until.Add(-hoursShown * time.Hour), Until: until, Width: chartWidth, Left: 50, Right: chartRight,
		Base: chartBarTop + barsHeight, Height: chartBarTop + barsHeight + axisHeight}
	h.sort(tallies)
	var rows [hoursShown]hourRow
	for i := range rows {
		rows[i] = hourRow{Hour: h.Since.Add(time.Duration(i) * time.Hour), Events: make([]int64, len(h.Kinds))}
	}
	for _, t := range tallies {
		i := int(t.Hour.Sub(h.Since) / time.Hour)
		if t.Hour.Before(h.Since) || i >= hoursShown {
			continue
		}
		rows[i].Events[h.kindOf(t.Type)] += t.Events
		rows[i].Total += t.Events
	}
	for _, row := range rows {
		if row.Total > h.Busiest.Total {
			h.Busiest = row
		}
	}
	h.draw(rows[:])
	for _, row := range slices.Backward(rows[:]) {
		if row.Total > 0 {
			h.Rows = append(h.Rows, row)
		}
	}
	return h
}

// sort finds the kinds: by name, so that a kind keeps its colour while the figures change; the rarest together if there are too many.
func (h *hourly) sort(tallies []store.Tally) {
	totals := map[string]int64{}
	for _, t := range tallies {
		totals[t.Type] += t.Events
		h.Total += t.Events
	}
	for name, n := range totals {
		h.Kinds = append(h.Kinds, kindOfEvent{Name: name, Total: n})
	}
	slices.SortFunc(h.Kinds, func(a, b kindOfEvent) int { return int(min(max(b.Total-a.Total, -1), 1)) })
	if len(h.Kinds) > kindsShown {
		rest := kindOfEvent{Name: otherKinds}
		for _, k := range h.Kinds[kindsShown-1:] {
			rest.Total += k.Total
		}
		h.Kinds = append(h.Kinds[:kindsShown-1:kindsShown-1], rest)
	}
	slices.SortStableFunc(h.Kinds, func(a, b kindOfEvent) int { return byName(a.Name, b.Name) })
	for i := range h.Kinds {
		h.Kinds[i].Class = fmt.Sprintf("t%d", i)
	}
}

// Hours is how many hours have events.
func (h hourly) Hours() int64 { return int64(len(h.Rows)) }

// byName puts the rest last.
func byName(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == otherKinds || b != otherKinds && a > b:
		return 1
	}
	return -1
}

func (h *hourly) kindOf(name string) int {
	for i, k := range h.Kinds {
		if k.Name == name {
			return i
		}
	}
	return len(h.Kinds) - 1
}

func (h *hourly) draw(rows []hourRow) {
	step, top := levels(h.Busiest.Total)
	for n := int64(0); n <= top; n += step {
		h.Levels = append(h.Levels, tick{At: h.y(n, top), Label: grouped(n)})
	}
	slot := float64(h.Right-h.Left) / hoursShown
	for i, row := range rows {
		x := float64(h.Left) + float64(i)*slot
		if hour := row.Hour.Hour(); hour%6 == 0 {
			label := row.Hour.Format("15:04")
			if hour == 0 {
				label = row.Hour.Format("2 Jan")
			}
			h.Ticks = append(h.Ticks, tick{At: round(x), Label: label})
		}
		below := int64(0)
		for k, n := range row.Events {
			if n == 0 {
				continue
			}
			y, bottom := h.y(below+n, top), h.y(below, top)
			h.Bars = append(h.Bars, bar{X: round(x + 1.5), Y: y, W: round(slot - 3), H: round(max(bottom-y, 0.5)), Class: h.Kinds[k].Class,
				Title: fmt.Sprintf("%s to %s UTC, %s: %s", row.Hour.Format("2006-01-02 15:04"), row.Hour.Add(time.Hour).Format("15:04"), h.Kinds[k].Name, grouped(n))})
			below += n
		}
	}
}

func (h *hourly) y(n, top int64) float64 {
	return round(float64(h.Base) - float64(barsHeight)*float64(n)/float64(top))
}

// levels are the distance of the lines and the highest one: 1, 2 or 5 times a power of ten, at most five of them.
func levels(most int64) (step, top int64) {
	for power := int64(1); ; power *= 10 {
		for _, digit := range []int64{1, 2, 5} {
			step = digit * power
			if n := max((most+step-1)/step, 1); n <= 4 {
				return step, n * step
			}
		}
	}
}
