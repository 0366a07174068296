package admin

import (
	"fmt"
	"testing"
	"time"

	"seekpoller/store"
)

var ten = time.Date(2026, 3, 11, 10, 42, 30, 0, time.UTC)

func sentQuery(id int64, ago time.Duration, outcome string, fresh int) store.Query {
	at := ten.Add(-ago)
	q := store.Query{ID: id, Cursor: store.Cursor{Stream: "applications", Kind: "live"}, SentAt: store.Instant{Wall: at}, Outcome: outcome, Fresh: fresh, Timeout: 30 * time.Second}
	if outcome != "" {
		q.EndedAt = at.Add(time.Second)
	}
	return q
}

// TestQueryChart: a query's mark lies where its time does, says what became of it by its shape, and how long after the one before it was sent.
func TestQueryChart(t *testing.T) {
	queries := []store.Query{
		sentQuery(6, 0, "", 0), sentQuery(5, time.Minute, store.Answered, 3), sentQuery(4, 3*time.Minute, store.Answered, 0), sentQuery(3, 30*time.Minute, "transient", 0),
		sentQuery(2, 59*time.Minute, "", 0), sentQuery(1, 61*time.Minute, store.Answered, 1),
	}
	queries[2].Cursor.Kind = "backfill"
	c := newQueryChart(queries, []string{"positions"}, time.Minute, ten)
	shapes, gaps := "", ""
	for i, row := range c.Rows {
		shapes += row.Shape + " "
		gaps += row.Gap.String() + " "
		if i > 0 && c.Marks[i].X >= c.Marks[i-1].X {
			t.Errorf("mark %d lies at %v, right of the later one at %v", i, c.Marks[i].X, c.Marks[i-1].X)
		}
	}
	if want := "open found nothing failed open "; shapes != want {
		t.Errorf("shapes %q, want %q", shapes, want)
	}
	if want := "59s 1m59s 26m59s 28m30s 1m59s "; gaps != want {
		t.Errorf("gaps %q, want %q", gaps, want)
	}
	if c.Marks[0].X != chartRight || len(c.Lanes) != 3 || c.Lanes[2].Name != "applications backfill" || c.Marks[2].Y != c.Lanes[2].Y || c.Marks[0].Y != c.Lanes[1].Y || c.Failures() != 1 || c.Asked() != 5 {
		t.Errorf("chart %+v", c)
	}
	named := 0
	for i, line := range c.Ticks {
		if line.Label != "" {
			named++
		}
		if i > 0 && line.At <= c.Ticks[i-1].At {
			t.Errorf("lines at %v and %v", c.Ticks[i-1].At, line.At)
		}
	}
	if len(c.Ticks) != slotsShown || named != slotsShown/10 {
		t.Errorf("%d lines, %d named", len(c.Ticks), named)
	}
}

// TestHourly: no event is lost between the tallies and the bars, whatever the number of types; bars stand on each other and within the chart.
func TestHourly(t *testing.T) {
	for kinds := range 12 {
		var tallies []store.Tally
		total := int64(0)
		for i := range kinds {
			for hours := range 3 {
				n := int64(i*7 + hours + 1)
				total += n
				tallies = append(tallies, store.Tally{Stream: "s", Type: fmt.Sprint("T", i), Hour: ten.Truncate(time.Hour).Add(-time.Duration(hours*23) * time.Hour), Events: n})
			}
		}
		h := newHourly(tallies, ten)
		shown, byKind := int64(0), int64(0)
		for _, row := range h.Rows {
			shown += row.Total
		}
		for k, kind := range h.Kinds {
			inHours := int64(0)
			for _, row := range h.Rows {
				inHours += row.Events[k]
			}
			if inHours != kind.Total {
				t.Errorf("%d kinds: %d events of %s in hours, want %d", kinds, inHours, kind.Name, kind.Total)
			}
			byKind += inHours
		}
		if h.Total != total || shown != total || byKind != total || len(h.Kinds) != min(kinds, kindsShown) {
			t.Errorf("%d kinds: %d events, %d in hours, %d by kind, want %d; %d colours", kinds, h.Total, shown, byKind, total, len(h.Kinds))
		}
		for _, b := range h.Bars {
			if b.Y < chartBarTop-0.1 || b.Y+b.H > float64(h.Base)+0.6 || b.X < float64(h.Left) || b.X+b.W > float64(h.Right) {
				t.Errorf("%d kinds: a bar outside: %+v", kinds, b)
			}
		}
	}
}

func TestLevels(t *testing.T) {
	for most := int64(0); most < 5000; most = most*2 + 1 {
		step, top := levels(most)
		if top < most || top-step > most && top > step || top/step > 4 || step < 1 {
			t.Errorf("levels of %d: every %d up to %d", most, step, top)
		}
	}
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := range 1000 {
		all = append(all, time.Duration(1000-i)*time.Millisecond)
	}
	p50, p90, p99 := percentiles(all)
	if p50 != 500*time.Millisecond || p90 != 900*time.Millisecond || p99 != 990*time.Millisecond {
		t.Errorf("of 1 to 1000: %v %v %v", p50, p90, p99)
	}
	if p50, p90, p99 = percentiles(all[:1]); p50 != time.Second || p90 != time.Second || p99 != time.Second {
		t.Errorf("of one: %v %v %v", p50, p90, p99)
	}
}

func TestWordsOfThePage(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{grouped(int64(1234567)), "1,234,567"}, {grouped(-123), "-123"}, {grouped(-1234), "-1,234"}, {grouped(999), "999"},
		{inWords(61200 * time.Millisecond), "61 s"}, {inWords(1500 * time.Millisecond), "1.5 s"}, {inWords(3 * time.Minute), "3 min"}, {inWords(50 * time.Hour), "2 days"}, {inWords(20 * time.Millisecond), "20 ms"},
		{relative(-3 * time.Minute), "in 3 min"}, {relative(time.Hour), "60 min ago"}, {relative(0), "just now"},
		{shorten(9, "abcdefghijkl"), "abcdef…kl"}, {shorten(9, "abcdefghi"), "abcdefghi"}, {counted(1, "event", "events"), "1 event"}, {counted(2000, "event", "events"), "2,000 events"},
		{string(inert([]byte("a\x1b\x00\u202eb\xff\tc\n"))), `a\u001b\u0000\u202eb` + "\uFFFD\tc\n"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
