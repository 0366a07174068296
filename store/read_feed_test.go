package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"seekpoller/store"
)

// TestFeed: whoever asks again and again from where the last part ended is told every event that his filter chooses, once and in order, over
// stretches of which nothing is told as well.
func TestFeed(t *testing.T) {
	w := newWorld(t)
	const n = 50_000
	longHistory(w, n)
	all := readAll(w, n)
	random := rand.New(rand.NewPCG(1, rand.Uint64()))
	for _, f := range []store.FeedFilter{
		{},
		{Streams: []string{"rare"}},
		{Streams: []string{"rare", "common"}, Types: []string{"A"}},
		{Types: []string{"A", "B"}},
		{Hirers: []string{"h1"}},
		{Streams: []string{"common"}, Types: []string{"B"}, Hirers: []string{"h1", "h2"}},
		{Types: []string{"none"}},
	} {
		var want, got []string
		for _, e := range all {
			if chosen(f, e) {
				want = append(want, e.ID)
			}
		}
		next, parts := int64(0), 0
		for {
			p, err := w.s.Feed(context.Background(), f, next, 1+random.IntN(1000))
			w.must(err)
			if p.Newest != n+1 || p.Next < next || p.Next > p.Newest {
				t.Fatalf("%+v: from %d to %d, newest %d", f, next, p.Next, p.Newest)
			}
			for _, e := range p.Events {
				got = append(got, e.ID)
			}
			if p.Next == p.Newest {
				break
			}
			next = p.Next
			if parts++; parts > 10_000 {
				t.Fatalf("%+v: no end", f)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%+v: of %d events %d are told (-want +got):\n%.2000s", f, len(want), len(got), diff)
		}
	}
}

// TestFeedBeyondItsEnd: a position that the database has not reached is returned as it is, with the end of the feed below it.
func TestFeedBeyondItsEnd(t *testing.T) {
	w := newWorld(t)
	for _, after := range []int64{0, 7} {
		p, err := w.s.Feed(context.Background(), store.FeedFilter{}, after, 10)
		w.must(err)
		if diff := cmp.Diff(store.FeedPart{Next: after}, p); diff != "" {
			t.Errorf("after %d of an empty database (-want +got):\n%s", after, diff)
		}
	}
}

// longHistory puts n events behind a first one: most are of one stream and one hirer, some are missing, and some purged.
func longHistory(w *world, n int) {
	w.t.Helper()
	w.fetch(w.live("common").ID, "p", false, event(1))
	w.must(w.s.Write(func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO actions (id, at, actor, verb, reason, rows) VALUES (1, 'now', 'a', 'purge', 'r', 1)")
		if err == nil {
			_, err = tx.Exec(`
				INSERT INTO events (id, stream, type, scheme, source, received_at, hirer_id, query_id, purge)
				SELECT 'e' || value, iif(value % 30011 = 5, 'rare', 'common'), substr('AAB', value % 3 + 1, 1), 's', 'live', '2026-03-01T12:00:00.000Z',
				       CASE value % 7 WHEN 0 THEN NULL WHEN 1 THEN 'h2' ELSE 'h1' END, 1, iif(value % 11 = 0, 1, NULL)
				FROM (WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n LIMIT ?) SELECT value FROM n)`, n)
		}
		if err == nil {
			_, err = tx.Exec("UPDATE events SET type = 'missing' WHERE seq % 13 = 0")
		}
		return err
	}))
}

func readAll(w *world, n int) []store.Event {
	w.t.Helper()
	all := []store.Event{event(1)}
	for i := 1; i <= n; i++ {
		e := store.Event{ID: fmt.Sprint("e", i), Stream: "common", Type: string("AAB"[i%3]), HirerID: "h1"}
		if i%30011 == 5 {
			e.Stream = "rare"
		}
		switch i % 7 {
		case 0:
			e.HirerID = ""
		case 1:
			e.HirerID = "h2"
		}
		if i%11 != 0 && (i+1)%13 != 0 {
			all = append(all, e)
		}
	}
	all[0].Stream = "common"
	return all
}

func chosen(f store.FeedFilter, e store.Event) bool {
	in := func(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }
	return in(f.Streams, e.Stream) && in(f.Types, e.Type) && (e.HirerID == "" || in(f.Hirers, e.HirerID))
}
