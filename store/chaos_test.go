package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"seekpoller/store"
)

// chaos is a database that many hands work on, and the dice.
type chaos struct {
	*world
	dice    *rand.Rand
	cursor  int64
	events  int
	claimed map[string][]store.Delivery
}

func (c *chaos) dest() string { return []string{"ats", "spool"}[c.dice.IntN(2)] }

// filter chooses about one time in two; the rest of the time everything.
func (c *chaos) filter() (f store.EventFilter, eventID string, chosen func(n int) bool) {
	n := 1 + c.dice.IntN(max(c.events, 1))
	at := event(n).StreamedAt
	switch c.dice.IntN(8) {
	case 0:
		return store.EventFilter{Since: at}, "", func(m int) bool { return m >= n }
	case 1:
		return store.EventFilter{Until: at}, "", func(m int) bool { return m < n }
	case 2:
		return store.EventFilter{}, event(n).ID, func(m int) bool { return m == n }
	case 3:
		return store.EventFilter{Candidate: fmt.Sprintf("c%d", n)}, "", func(m int) bool { return m == n }
	case 4:
		return store.EventFilter{Type: odd.Type}, "", isOdd
	}
	return store.EventFilter{}, "", func(int) bool { return true }
}

// odd is an event as every third one is: of another type and hirer.
var odd = store.Event{Type: "PositionClosed", HirerID: "seekAnz:organization:2"}

func isOdd(n int) bool { return n%3 == 0 }

func (c *chaos) page() {
	var page []store.Event
	for range 1 + c.dice.IntN(4) {
		c.events++
		e := event(c.events, "ats")
		if isOdd(c.events) {
			e.Type, e.HirerID = odd.Type, odd.HirerID
		}
		page = append(page, e)
	}
	if c.events > 8 {
		page = append(page, wantedAgain(1+c.dice.IntN(4)))
	}
	c.fetch(c.cursor, fmt.Sprintf("p%d", c.events), true, page...)
}

func (c *chaos) take() {
	dest := c.dest()
	c.claimed[dest] = append(c.claimed[dest], c.claim(dest, 1+c.dice.IntN(4))...)
}

// settleSome settles claims in any order, and some of them twice.
func (c *chaos) settleSome() {
	dest := c.dest()
	var ss []store.Settlement
	for i := len(c.claimed[dest]) - 1; i >= 0; i-- {
		if c.dice.IntN(2) == 0 {
			continue
		}
		outcome := []string{store.Delivered, store.Delivered, store.Retry, store.Dead}[c.dice.IntN(4)]
		ss = append(ss, c.result(c.claimed[dest][i], outcome))
		if c.dice.IntN(4) > 0 {
			c.claimed[dest] = slices.Delete(c.claimed[dest], i, i+1)
		}
	}
	c.settle(dest, ss...)
}

func (c *chaos) replay() {
	if c.events == 0 {
		return
	}
	f, id, chosen := c.filter()
	r := store.Replay{Destination: c.dest(), EventID: id, Events: f, Rate: 1 + c.dice.IntN(50)}
	hirers := c.dice.IntN(3) == 0
	if hirers {
		r.Takes.Hirers = []string{"seekAnz:organization:1"}
	}
	before := c.rows()
	seen, err := c.s.PreviewReplay(context.Background(), r)
	c.must(err)
	a, err := c.s.Replay(context.Background(), c.deed("events replay"), r, time.Now)
	c.must(err)
	if a.Rows != seen.Rows() {
		c.t.Errorf("replay %+v changed %d, the preview said %+v", r, a.Rows, seen)
	}
	purged := c.purged()
	for n := 1; n <= c.events; n++ {
		k := rowKey{r.Destination, n}
		if was := before[k]; chosen(n) && !purged[n] && !(hirers && isOdd(n)) && was.State != "owed" {
			before[k] = row{State: "owed", Known: true, Attempts: was.Attempts, Action: a.ID}
		}
	}
	c.same("replay", before)
}

func (c *chaos) choice(states ...string) (store.DeliveryChoice, func(n int) bool) {
	f, id, chosen := c.filter()
	all := [][]string{{"ats"}, {"spool"}, {"ats", "spool"}}
	return store.DeliveryChoice{Destinations: all[c.dice.IntN(3)], States: states[:1+c.dice.IntN(len(states))], EventID: id, Events: f}, chosen
}

func (c *chaos) retry() {
	if c.events == 0 {
		return
	}
	choice, chosen := c.choice([][]string{{store.Owed, store.Dead}, {store.Discarded}, {store.Dead}}[c.dice.IntN(3)]...)
	before := c.rows()
	seen, err := c.s.PreviewDeliveries(context.Background(), choice, c.clock.wall)
	c.must(err)
	held := c.held()
	a, err := c.s.Retry(context.Background(), c.deed("deliveries retry"), choice, 10)
	c.must(err)
	var want int64
	for _, p := range seen {
		want += p.Retrying + p.Dead + p.Discarded
		if held[p.Destination] && p.Waiting+p.Retrying+p.Dead+p.Discarded > 0 {
			want++
		}
	}
	if a.Rows != want {
		c.t.Errorf("retry %+v changed %d, the preview said %+v", choice, a.Rows, seen)
	}
	for k, was := range before {
		if was.State != "owed" && slices.Contains(choice.States, was.State) && slices.Contains(choice.Destinations, k.dest) && chosen(k.event) && !was.Purged {
			was.State, was.Action = "owed", a.ID
			before[k] = was
		}
	}
	c.same("retry", before)
}

func (c *chaos) discard() {
	if c.events == 0 {
		return
	}
	choice, chosen := c.choice(store.Owed, store.Dead)
	before := c.rows()
	seen, err := c.s.PreviewDeliveries(context.Background(), choice, c.clock.wall)
	c.must(err)
	a, err := c.s.Discard(context.Background(), c.deed("deliveries discard"), choice)
	c.must(err)
	var want int64
	for _, p := range seen {
		want += p.Waiting + p.Sending + p.Retrying + p.Dead + p.Purged
	}
	if a.Rows != want {
		c.t.Errorf("discard %+v changed %d, the preview said %+v", choice, a.Rows, seen)
	}
	for k, was := range before {
		if slices.Contains(choice.States, was.State) && slices.Contains(choice.Destinations, k.dest) && chosen(k.event) {
			was.State, was.Action = "discarded", a.ID
			before[k] = was
		}
	}
	c.same("discard", before)
}

// same compares what stands now with what should, except when it is due.
func (c *chaos) same(deed string, want map[rowKey]row) {
	c.t.Helper()
	got := c.rows()
	for k, g := range got {
		w := want[k]
		if g.State != w.State || g.Attempts != w.Attempts || g.Action != w.Action {
			c.t.Errorf("%s: %v is %+v, want %+v", deed, k, g, w)
		}
	}
	if len(got) != len(want) {
		c.t.Errorf("%s: %d deliveries, want %d", deed, len(got), len(want))
	}
}

func (c *chaos) held() map[string]bool {
	all := map[string]bool{}
	for _, name := range []string{"ats", "spool"} {
		all[name] = c.destination(name).NotBefore.After(c.clock.wall)
	}
	return all
}

func (c *chaos) purged() map[int]bool {
	found, err := c.shell().Query("SELECT CAST(substr(id, -6) AS INTEGER) FROM events WHERE purge IS NOT NULL")
	c.must(err)
	defer found.Close()
	all := map[int]bool{}
	for found.Next() {
		var n int
		c.must(found.Scan(&n))
		all[n] = true
	}
	return all
}

func (c *chaos) rest() {
	dest := c.dest()
	for _, do := range []func(context.Context, store.Deed, string) (store.Action, error){c.s.Pause, c.s.Resume} {
		if _, err := do(context.Background(), c.deed("destinations"), dest); err == nil {
			return // whichever it was not
		} else if !errors.Is(err, store.ErrNotFound) {
			c.t.Error(err)
		}
	}
}

// TestWhateverPeopleDoTheFiguresHold: pages, claims, results early, late and twice, and every deed in any order. After each step the figures
// equal a count; each deed does what its preview said, changes what it should and nothing else.
func TestWhateverPeopleDoTheFiguresHold(t *testing.T) {
	for range 4 {
		seed := rand.Uint64()
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			c := &chaos{world: newWorld(t), dice: rand.New(rand.NewPCG(seed, 1)), claimed: map[string][]store.Delivery{}}
			c.destinations("ats", "spool")
			c.cursor = c.live("applications").ID
			steps := []func(){c.page, func() { c.must(c.s.HoldDestination(context.Background(), c.dest(), c.clock.wall.Add(time.Minute))) }, c.take, c.take, c.settleSome, c.settleSome, c.replay, c.retry, c.discard, c.rest,
				func() { c.clock.pass(time.Duration(c.dice.IntN(120)) * time.Second) },
				func() {
					if c.events > 0 && c.count("SELECT count(*) FROM actions") > 0 {
						c.exec(fmt.Sprintf("UPDATE events SET purge = 1 WHERE id = '%s'", event(1+c.dice.IntN(c.events)).ID))
					}
				}}
			for range 150 {
				steps[c.dice.IntN(len(steps))]()
				c.checkCounts()
				if t.Failed() {
					t.FailNow()
				}
			}
			c.check()
		})
	}
}
