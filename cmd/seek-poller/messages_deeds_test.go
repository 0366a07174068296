package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"seekpoller/store"
)

// smallDatabase is one with a stream, two destinations, and an event that one of them has taken.
func smallDatabase(t testing.TB) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.db")
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := store.Instant{Wall: noon, Boot: time.Hour, BootID: "boot"}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ctx := context.Background()
	s, err := store.Open(ctx, path, store.Options{Create: true, Started: now})
	must(err)
	must(s.SyncDestinations(ctx, []store.DestinationSpec{{Name: "ats", Kind: "webhook"}, {Name: "spool", Kind: "directory"}}, noon))
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "all", Kind: "live", Fingerprint: "f"}, now)
	must(err)
	q, err := s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Minute, Timeout: time.Second}, now)
	must(err)
	e := store.Event{ID: "e1", Type: "PositionProfilePosted", Scheme: "seekAnz", StreamedAt: noon, Node: []byte(`{}`), Destinations: []string{"ats", "spool"}}
	_, err = s.SavePage(ctx, q, store.Page{Events: []store.Event{e}, Position: "p1", State: store.CaughtUp}, now)
	must(err)
	claimed, err := s.Claim(ctx, "ats", 1, time.Minute, noon)
	must(err)
	_, err = s.Settle(ctx, "ats", []store.Settlement{{Seq: claimed[0].Event.Seq, Attempt: 1, Outcome: store.Delivered, StartedAt: noon, EndedAt: noon, Status: 204}}, noon)
	must(err)
	must(s.Close())
	text, err := os.ReadFile(path)
	must(err)
	return text
}

// wrongDeeds is what is asked of a database, or ordered, and cannot be.
func wrongDeeds(t *testing.T) chapter {
	c := chapter{title: "Questions and deeds", about: "With a database that has one stream, `all`, and two destinations, `ats` and `spool`. Nothing was changed."}
	small := smallDatabase(t)
	for _, m := range [][2]string{
		{"an event that there is not", "events show nope"},
		{"an id that there is not", "events explain seekAnz:candidate:nope"},
		{"a limit of nothing", "events list --limit 0"},
		{"a limit beyond the most", "events list --limit 1001"},
		{"a limit below nothing", "actions --limit -1"},
		{"a time that is none", "events list --since yesterday"},
		{"a time without its zone", "deliveries list --until 2026-01-01T00:00:00"},
		{"a mark that is none", "events list --before nonsense"},
		{"a mark that is none", "deliveries list --before nonsense"},
		{"a state that there is not", "deliveries list --state failed"},
		{"a cursor that is no number", "cursors history --cursor live"},
		{"a kind that there is not", "backfill list --kind forward"},
		{"a stream that there is not", "cursors history al"},
		{"a rewind of a stream that there is not", "cursors rewind al --to-time 2026-01-01"},
		{"a rewind to an event that there is not", "cursors rewind all --to-event nope"},
		{"a rewind to a query that there is not", "cursors rewind all --to-query 99"},
		{"a rewind to a cursor that there is not", "cursors rewind all --to-cursor 99"},
		{"a rewind into the future", "cursors rewind all --to-time 2999-01-01"},
		{"a rewind without a reason", "cursors rewind all --to-time 2026-01-01 --yes"},
		{"a pause of a destination that there is not", "destinations pause nope --yes --reason upgrade"},
		{"a pause without a reason", "destinations pause ats --yes"},
		{"a pause for a reason of spaces", "destinations pause ats --yes --reason ␣␣"},
		{"a destination that is not paused is resumed", "destinations resume ats --yes --reason back"},
		{"a replay to nobody", "events replay --type PositionProfilePosted"},
		{"a replay to a destination that there is not", "events replay --destination nope --type PositionProfilePosted"},
		{"a replay of everything", "events replay --destination ats"},
		{"a replay of an event that there is not", "events replay --destination ats --event nope"},
		{"a replay from the end to the beginning", "events replay --destination ats --since 2026-02-01 --until 2026-01-01"},
		{"a replay at no rate", "events replay --destination ats --event e1 --rate 0"},
		{"a replay at a rate beyond the most", "events replay --destination ats --event e1 --rate 5000"},
		{"a replay without a reason", "events replay --destination ats --event e1 --yes"},
		{"a retry of nothing in particular", "deliveries retry"},
		{"a retry at a destination that there is not", "deliveries retry --destination nope"},
		{"everything is given up", "deliveries discard"},
		{"deliveries are given up at a destination that there is not", "deliveries discard --destination nope"},
		{"a backfill of a stream that there is not", "backfill plan --stream al --from 2026-01-01 --to 2026-01-02"},
		{"a backfill from the end to the beginning", "backfill plan --stream all --from 2026-01-02 --to 2026-01-01"},
		{"a backfill of the future", "backfill start --stream all --from 2998-01-01 --to 2999-01-01"},
		{"a backfill without a reason", "backfill start --stream all --from 2026-02-01 --to 2026-02-02 --yes"},
		{"a backfill for a destination that there is not", "backfill start --stream all --from 2026-02-01 --to 2026-02-02 --deliver nope --config DIR/good.yaml"},
		{"a backfill that there is not is ended", "backfill cancel 99"},
		{"a backfill that there is not is watched", "backfill follow 99"},
		{"a reconciliation of a stream that there is not", "reconcile al"},
		{"a window that is no duration", "reconcile all --window week"},
		{"a window that is too short", "reconcile all --window 1m"},
		{"a window beyond SEEK's memory", "reconcile all --window 91d"},
		{"a purge of nobody", "purge --candidate ␣"},
		{"a purge without a reason", "purge --hirer h1 --yes"},
		{"a purge of the future", "purge --before 2999-01-01"},
	} {
		b := newMishap(t, small)
		c.messages = append(c.messages, b.oneMistake(m[0], m[1]+" --database DIR/copy.db"))
	}
	return c
}
