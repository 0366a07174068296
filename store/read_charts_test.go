package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
)

func TestTallies(t *testing.T) {
	w := newWorld(t)
	a, b := w.live("applications"), w.live("positions")
	hour := func(n int, h int, typeName string) store.Event {
		e := event(n)
		e.Type, e.StreamedAt = typeName, time.Date(2026, 3, 1, h, 59, 59, 0, time.UTC)
		return e
	}
	w.fetch(a.ID, "a1", false, hour(1, 8, "B"), hour(2, 9, "B"), hour(3, 9, "B"), hour(4, 10, "A"), hour(5, 11, "C"))
	w.fetch(b.ID, "b1", false, hour(6, 9, "A"), hour(7, 12, "A"))
	got, err := w.s.Tallies(context.Background(), time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	w.must(err)
	at := func(h int) time.Time { return time.Date(2026, 3, 1, h, 0, 0, 0, time.UTC) }
	want := []store.Tally{{"applications", "A", at(10), 1}, {"applications", "B", at(9), 2}, {"applications", "C", at(11), 1}, {"positions", "A", at(9), 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	streams, types, err := w.s.StreamsAndTypes(context.Background())
	w.must(err)
	if diff := cmp.Diff([][]string{{"applications", "positions"}, {"A", "B", "C"}}, [][]string{streams, types}); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	got, err = newWorld(t).s.Tallies(context.Background(), at(0), at(24))
	if err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
}

// TestTallied adds up what Tallies lists of one stream, and reads no hour beside them.
func TestTallied(t *testing.T) {
	w := newWorld(t)
	a, b := w.live("applications"), w.live("positions")
	hour := func(n int, h int, typeName string) store.Event {
		e := event(n)
		e.Type, e.StreamedAt = typeName, time.Date(2026, 3, 1, h, 59, 59, 0, time.UTC)
		return e
	}
	w.fetch(a.ID, "a1", false, hour(1, 8, "B"), hour(2, 9, "B"), hour(3, 9, "B"), hour(4, 10, "A"), hour(5, 12, "C"))
	w.fetch(b.ID, "b1", false, hour(6, 9, "A"))
	at := func(h int) time.Time { return time.Date(2026, 3, 1, h, 30, 0, 0, time.UTC) }
	for _, c := range []struct {
		stream       string
		since, until int
		events       int64
		from         time.Time
	}{
		{"applications", 9, 12, 3, at(9).Truncate(time.Hour)},
		{"applications", 10, 24, 2, at(10).Truncate(time.Hour)},
		{"positions", 0, 24, 1, at(9).Truncate(time.Hour)},
		{"positions", 10, 24, 0, time.Time{}},
		{"none", 0, 24, 0, time.Time{}},
	} {
		events, from, err := w.s.Tallied(context.Background(), c.stream, at(c.since), at(c.until))
		if err != nil || events != c.events || !from.Equal(c.from) {
			t.Errorf("%+v: got %d from %v, %v", c, events, from, err)
		}
	}
	_, reader := w.s.Pools()
	if plan := planOf(t, reader, store.AddHours, "", "", ""); !strings.Contains(plan, "SEARCH t USING PRIMARY KEY (stream=? AND type=? AND hour>? AND hour<?)") {
		t.Errorf("they are read so:\n%s", plan)
	}
}

func TestPace(t *testing.T) {
	w := history(t)
	got, err := w.s.Pace(context.Background(), "ats", 1000)
	w.must(err)
	if len(got.Latencies) != 3 || got.Looked != 2 || got.Retrying != 1 {
		t.Errorf("pace %+v", got)
	}
	got, err = w.s.Pace(context.Background(), "ats", 1)
	w.must(err)
	if len(got.Latencies) != 1 || got.Looked != 1 || got.Retrying != 1 {
		t.Errorf("pace of one %+v", got)
	}
}

// The charts walk along one index each, so that the size of the tables does not matter.
func TestChartsReadByIndex(t *testing.T) {
	w := history(t)
	_, reader := w.s.Pools()
	for query, want := range store.ChartQueries {
		rows, err := reader.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
		w.must(err)
		var steps []string
		for rows.Next() {
			var id, parent, unused int
			var step string
			w.must(rows.Scan(&id, &parent, &unused, &step))
			steps = append(steps, step)
		}
		w.must(rows.Close())
		if diff := cmp.Diff([]string{want}, steps); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}
