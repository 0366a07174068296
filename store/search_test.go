package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// desk is a database with events of two streams and a few types, whose times lie as SEEK may have them: in any order, often the same, and
// unreadable now and then. Half of the deliveries were tried, with every end.
type desk struct {
	*world
	rng     *rand.Rand
	cursors []store.Cursor
	n       int
	all     []store.Event
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	c := &desk{world: newWorld(t), rng: rand.New(rand.NewPCG(4, 4))}
	c.destinations("ats", "crm", "spool")
	c.cursors = []store.Cursor{c.live("applications"), c.live("positions")}
	return c
}

// more brings a page of events, and tries some deliveries.
func (c *desk) more(n int) {
	c.t.Helper()
	cursor := c.cursors[c.rng.IntN(2)]
	var page []store.Event
	for range n {
		page = append(page, c.event())
	}
	c.fetch(cursor.ID, fmt.Sprintf("p%d", c.n), false, page...)
	for _, e := range page {
		stored, err := c.s.Event(context.Background(), e.ID)
		c.must(err)
		c.all = append(c.all, stored)
	}
	for _, name := range []string{"ats", "crm"} {
		var results []store.Settlement
		for i, d := range c.claim(name, n/2) {
			results = append(results, c.result(d, []string{store.Delivered, store.Dead, store.Retry}[i%3]))
		}
		c.settle(name, results...)
	}
}

func (c *desk) event() store.Event {
	c.n++
	e := event(c.n, "ats", "crm", "spool")
	e.Type = []string{"A", "B", "C"}[c.rng.IntN(3)]
	e.HirerID = []string{"", "h1", "h2"}[c.rng.IntN(3)]
	e.StreamedAt = e.CreatedAt.Add(time.Duration(c.rng.IntN(20)) * time.Minute)
	if c.rng.IntN(10) == 0 {
		e.StreamedAt = time.Time{}
	}
	if c.rng.IntN(10) > 0 {
		e.Identifiers = json.RawMessage(fmt.Sprintf(`{"candidateId":"c%d","candidateApplicationProfileId":"a%d","positionProfileId":"p%d"}`, c.rng.IntN(5), c.rng.IntN(5), c.rng.IntN(3)))
	}
	return e
}

func newestFirst(a, b store.Event) int {
	if by := b.At().Compare(a.At()); by != 0 {
		return by
	}
	return int(b.Seq - a.Seq)
}

// TestEveryFilterFindsTheSame as somebody who looks at each event.
func TestEveryFilterFindsTheSame(t *testing.T) {
	c := newDesk(t)
	for range 12 {
		c.more(10)
	}
	slices.SortFunc(c.all, newestFirst)
	word := func(words ...string) string { return words[c.rng.IntN(len(words))] }
	for range 400 {
		f := store.EventFilter{
			Stream: word("", "", "applications", "positions", "none"), Type: word("", "", "A", "B", "none"), Candidate: word("", "", "", "c1", "none"), Profile: word("", "", "", "a1"),
			Position: word("", "", "", "p1"), Hirer: word("", "", "h1", "h2"), Limit: 1 + c.rng.IntN(40),
		}
		if c.rng.IntN(2) == 0 {
			f.Since = c.all[c.rng.IntN(len(c.all))].At()
		}
		if c.rng.IntN(2) == 0 {
			f.Until = c.all[c.rng.IntN(len(c.all))].At()
		}
		if c.rng.IntN(2) == 0 {
			f.Before = c.all[c.rng.IntN(len(c.all))].Mark()
		}
		var want []int64
		for _, e := range c.all {
			if matches(f, e) && len(want) < f.Limit {
				want = append(want, e.Seq)
			}
		}
		found, err := c.s.Events(context.Background(), f)
		c.must(err)
		var got []int64
		for _, e := range found {
			got = append(got, e.Seq)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v: got %v, want %v", f, got, want)
		}
	}
}

func matches(f store.EventFilter, e store.Event) bool {
	var id struct{ CandidateID, CandidateApplicationProfileID, PositionProfileID string }
	_ = json.Unmarshal(e.Identifiers, &id)
	same := func(want, got string) bool { return want == "" || want == got }
	return same(f.Stream, e.Stream) && same(f.Type, e.Type) && same(f.Hirer, e.HirerID) &&
		same(f.Candidate, id.CandidateID) && same(f.Profile, id.CandidateApplicationProfileID) && same(f.Position, id.PositionProfileID) &&
		(f.Since.IsZero() || !e.At().Before(f.Since)) && (f.Until.IsZero() || e.At().Before(f.Until)) &&
		(f.Before == (store.Mark{}) || newestFirst(store.Event{StreamedAt: f.Before.At, Seq: f.Before.Seq}, e) < 0)
}

// TestPagesOfEvents: all pages together are every event that was there when the first was read, each once, while others come in.
func TestPagesOfEvents(t *testing.T) {
	for _, f := range []store.EventFilter{{}, {Stream: "applications"}, {Type: "B"}, {Hirer: "h1"}, {Candidate: "c1"}, {Stream: "positions", Hirer: "h2"}} {
		c := newDesk(t)
		for range 8 {
			c.more(12)
		}
		want := map[int64]bool{}
		for _, e := range c.all {
			want[e.Seq] = matches(f, e)
		}
		seen := map[int64]int{}
		for f.Limit = 7; ; {
			page, err := c.s.Events(context.Background(), f)
			c.must(err)
			for _, e := range page {
				seen[e.Seq]++
			}
			if len(page) < f.Limit || len(seen) > 1000 {
				break
			}
			f.Before, err = store.ParseMark(page[len(page)-1].Mark().String())
			c.must(err)
			c.more(3)
		}
		for seq, is := range want {
			if is && seen[seq] != 1 {
				t.Errorf("%+v: event %d came %d times", f, seq, seen[seq])
			}
		}
		for seq, n := range seen {
			if n != 1 || (seq <= int64(len(want)) && !want[seq]) {
				t.Errorf("%+v: event %d came %d times, wanted %v", f, seq, n, want[seq])
			}
		}
	}
}

// TestEveryDeliveryFilterFindsTheSame as somebody who looks at each delivery, page after page.
func TestEveryDeliveryFilterFindsTheSame(t *testing.T) {
	c := newDesk(t)
	for range 8 {
		c.more(10)
	}
	c.must(c.s.Park(context.Background(), "crm", "full", c.clock.wall))
	bySeq := map[int64]store.Event{}
	for _, e := range c.all {
		bySeq[e.Seq] = e
	}
	var all []store.DeliveryRow
	for _, e := range slices.Backward(c.all) {
		rows, _, err := c.s.Deliveries(context.Background(), store.DeliveryFilter{EventID: e.ID})
		c.must(err)
		slices.Reverse(rows)
		all = append(all, rows...)
	}
	states := []string{"", "pending", "retrying", "parked", "delivered", "dead", "discarded"}
	for _, state := range states {
		for range 12 {
			f := store.DeliveryFilter{State: state, Destination: []string{"", "ats", "crm", "none"}[c.rng.IntN(4)], Stream: []string{"", "positions"}[c.rng.IntN(2)], Type: []string{"", "A"}[c.rng.IntN(2)], Limit: 1 + c.rng.IntN(30)}
			if c.rng.IntN(2) == 0 {
				f.Since = c.all[c.rng.IntN(len(c.all))].At()
			}
			var want, got []store.DeliveryMark
			for _, d := range all {
				e := bySeq[d.Seq]
				if (f.State == "" || f.State == d.State) && (f.Destination == "" || f.Destination == d.Destination) && matches(store.EventFilter{Stream: f.Stream, Type: f.Type, Since: f.Since}, e) {
					want = append(want, store.DeliveryMark{Seq: d.Seq, Destination: d.Destination})
				}
			}
			for pages := 0; ; pages++ {
				rows, next, err := c.s.Deliveries(context.Background(), f)
				c.must(err)
				for _, d := range rows {
					got = append(got, store.DeliveryMark{Seq: d.Seq, Destination: d.Destination})
				}
				if next == (store.DeliveryMark{}) {
					break
				}
				f.Before, err = store.ParseDeliveryMark(next.String())
				c.must(err)
				if pages > 1000 {
					t.Fatalf("%+v: it never ends", f)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("%+v: got %v, want %v", f, got, want)
			}
		}
	}
}

// TestSearchSortsNothing: a page is found by walking along indexes, whatever the filter, and not by sorting what matches.
func TestSearchSortsNothing(t *testing.T) {
	w := newWorld(t)
	_, reader := w.s.Pools()
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	explain := func(name, text string, args []any, index string) {
		rows, err := reader.Query("EXPLAIN QUERY PLAN "+text, args...)
		w.must(err)
		defer rows.Close()
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			w.must(rows.Scan(&id, &parent, &unused, &detail))
			plan = append(plan, detail)
		}
		said := strings.Join(plan, "\n")
		if strings.Contains(said, "TEMP B-TREE") || strings.Count(said, index) < 2 || !strings.Contains(said, "MERGE (UNION ALL)") {
			t.Errorf("%s is read so:\n%s", name, said)
		}
	}
	for name, f := range map[string]store.EventFilter{"all": {}, "before": {Before: store.Mark{At: at, Seq: 7}}, "since": {Since: at, Until: at.Add(time.Hour)}} {
		text, args := store.EventWalks(f)
		explain("events "+name, text, args, "USING INDEX events_search (stream=? AND type=?")
		f.Hirer = "h"
		text, args = store.EventWalks(f)
		explain("events of a hirer "+name, text, args, "events_hirer_search (hirer_id=? AND type=?")
	}
	for state, index := range map[string]string{
		"": "PRIMARY KEY (destination=? AND seq>? AND seq<?", "delivered": "PRIMARY KEY (destination=? AND seq>? AND seq<?", "pending": "outbox_owed", "retrying": "outbox_owed", "parked": "outbox_owed",
		"dead": "outbox_dead", "discarded": "outbox_discarded",
	} {
		for _, stream := range []string{"", "applications"} {
			text, args := store.DeliveryWalks(store.DeliveryFilter{State: state, Stream: stream})
			explain("deliveries "+state+" "+stream, text, args, index)
		}
	}
}

// TestSearchInStretches: what no index knows is looked at in stretches, and nothing is lost or doubled where one ends.
func TestSearchInStretches(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	w.fetch(w.live("applications").ID, "p", false, event(1))
	const n = 25_000
	w.must(w.s.Write(func(tx *sql.Tx) error {
		for _, text := range []string{`
			WITH RECURSIVE k (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM k WHERE i < 25000)
			INSERT INTO events (id, stream, type, scheme, source, received_at, query_id)
			SELECT 'e' || i, 'applications', iif(i % 1000 = 0, 'Rare', 'A'), 'seekAnz', 'live', '2026-03-01T00:00:00.000Z', 1 FROM k`, `
			INSERT INTO outbox (seq, destination, attempts, created_at, first_attempt_at, delivered_at)
			SELECT e.seq, d.name, 1, e.received_at, e.received_at, e.received_at FROM events e, destinations d ORDER BY d.name, e.seq`,
		} {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, limit := range []int{1, 7, 1000} {
		var got []store.DeliveryMark
		f := store.DeliveryFilter{Type: "Rare", State: "delivered", Limit: limit}
		for {
			rows, next, err := w.s.Deliveries(context.Background(), f)
			w.must(err)
			for _, d := range rows {
				got = append(got, store.DeliveryMark{Seq: d.Seq, Destination: d.Destination})
			}
			if f.Before = next; next == (store.DeliveryMark{}) || len(got) > n {
				break
			}
		}
		var want []store.DeliveryMark
		for seq := int64(n); seq > 0; seq -= 1000 { // 15,000 is where the first stretch ends
			want = append(want, store.DeliveryMark{Seq: seq, Destination: "spool"}, store.DeliveryMark{Seq: seq, Destination: "ats"})
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: got %v, want %v", limit, got, want)
		}
	}
}
