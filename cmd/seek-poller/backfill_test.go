package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

func (l *life) stretch(id float64) (s admin.Stretch) {
	l.site.t.Helper()
	if err := l.asker().Get(context.Background(), "/api/v1/backfill", url.Values{"id": {fmt.Sprint(id)}}, &s); err != nil {
		l.site.t.Fatal(err)
	}
	return s
}

// newcomer is a site whose stream begins now, while SEEK has a past of n events in two days.
func newcomer(t *testing.T, seed int64, n int) *site {
	s := newSite(t, simulator.Options{Seed: seed, Plain: true})
	s.cfg.Streams[0].Start = config.Start{Kind: config.StartNow}
	s.seek.AddHistory(n, 48*time.Hour)
	return s
}

func ago(d time.Duration) admin.Time { return admin.Time{Time: time.Now().Add(-d)} }

// TestBackfill: what SEEK had before the stream began comes, is stored and delivered, beside the live stream, which goes first, and over a crash.
// The same again brings nothing, in as many pages as was said.
func TestBackfill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newcomer(t, 51, 350)
		life := s.start()
		time.Sleep(time.Minute)
		args := admin.StretchArgs{Stream: "all", From: ago(72 * time.Hour), To: ago(time.Hour)}
		edges := s.seek.AddEvents(simulator.Spec{StreamedAt: args.From.Time}, simulator.Spec{StreamedAt: args.To.Time})
		seen, done := life.previewed("backfill start", args)
		if says := strings.Join(seen.Says, "\n"); !strings.Contains(says, "how long it takes is not known") || fact(t, seen, "pages") != -1 {
			t.Errorf("nothing is known, and it says %q", says)
		}
		id := fact(t, done, "id")
		life.refused("backfill start", args, 409, "the same")
		life.refused("backfill start", admin.StretchArgs{Stream: "all", From: args.To, To: args.From}, 400, "is empty")
		life.refused("backfill start", admin.StretchArgs{Stream: "all", From: args.From, To: ago(-time.Hour)}, 400, "in the future")
		life.refused("backfill start", admin.StretchArgs{Stream: "all", From: args.From}, 400, "needs a time")
		time.Sleep(90 * time.Second)
		s.seek.Add(250) // a live backlog
		s.awaitQuery()
		life.crash()
		s.check(false)
		life = s.start()
		time.Sleep(40 * time.Minute)
		got := life.stretch(id)
		if !got.Ended || got.Cancelled || got.New != got.Events || got.New < 340 || got.Pages != 4 || int64(got.MadeBy) != done.Action {
			t.Errorf("the backfill: %+v", got)
		}
		if n := s.count("SELECT count(*) FROM events WHERE source = 'backfill'"); int64(n) != got.New {
			t.Errorf("%d events are said to come from it, want %d", n, got.New)
		}
		if first, last := s.receiver.Accepted()[edges[0]], s.receiver.Accepted()[edges[1]]; first != 1 || last != 0 {
			t.Errorf("the event at its beginning came %d times, want once; the one at its end %d times, want never", first, last)
		}
		again, done := life.previewed("backfill start", args)
		if pages := fact(t, again, "pages"); pages != 4 {
			t.Errorf("previewed %v pages the second time: %q", pages, again.Says)
		}
		time.Sleep(40 * time.Minute)
		if got := life.stretch(fact(t, done, "id")); !got.Ended || got.New != 0 || got.Pages != 4 {
			t.Errorf("the second backfill: %+v", got)
		}
		life.stop()
		s.liveFirst()
		s.settled()
	})
}

// liveFirst holds that no query of a stretch was made while a live cursor had more pages and was not failing.
func (s *site) liveFirst() {
	s.t.Helper()
	if n := s.count(`
		SELECT count(*)
		FROM queries q
		JOIN cursors c ON c.id = q.cursor_id
		WHERE c.kind <> 'live'
		  AND (SELECT b.more FROM queries b JOIN cursors l ON l.id = b.cursor_id WHERE l.kind = 'live' AND b.id < q.id ORDER BY b.id DESC LIMIT 1)`); n != 0 {
		s.t.Errorf("%d queries of stretches were made while the live stream had more", n)
	}
}

// TestBackfillForSome: apply only, and for one destination only. The types are a part of the stream's.
func TestBackfillForSome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newcomer(t, 52, 350)
		life := s.start()
		s.seek.Add(1)
		time.Sleep(20 * time.Minute)
		const kind = "CandidateApplicationCreated"
		life.refused("backfill start", admin.StretchArgs{Stream: "all", From: ago(time.Hour), To: ago(time.Second), Deliver: []string{"none"}}, 409, "would never be delivered")
		life.refused("backfill start", admin.StretchArgs{Stream: "all", From: ago(48 * time.Hour), To: ago(time.Hour), Deliver: []string{"nowhere"}}, 400, "all, none, or some of: ats, spool")
		_, quiet := life.previewed("backfill start", admin.StretchArgs{Stream: "all", From: ago(50 * time.Hour), To: ago(24 * time.Hour), Deliver: []string{"none"}, Types: []string{kind}})
		_, spool := life.previewed("backfill start", admin.StretchArgs{Stream: "all", From: ago(24 * time.Hour), To: ago(time.Hour), Deliver: []string{"spool"}})
		time.Sleep(40 * time.Minute)
		for _, id := range []float64{fact(t, quiet, "id"), fact(t, spool, "id")} {
			if got := life.stretch(id); !got.Ended || got.New == 0 {
				t.Errorf("stretch %v: %+v", id, got)
			}
		}
		life.stop()
		s.check(false)
		for what, query := range map[string]string{
			"deliveries of what is applied only":    "SELECT count(*) FROM outbox o JOIN events e USING (seq) JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 2",
			"deliveries to the other destination":   "SELECT count(*) FROM outbox o JOIN events e USING (seq) JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 3 AND destination <> 'spool'",
			"events without one to the destination": "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id LEFT JOIN outbox o ON o.seq = e.seq WHERE q.cursor_id = 3 AND o.delivered_at IS NULL",
			"events of other types":                 "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE q.cursor_id = 2 AND e.type <> '" + kind + "'",
		} {
			if n := s.count(query); n != 0 {
				t.Errorf("%s: %d, want 0", what, n)
			}
		}
		if len(s.receiver.Accepted()) != 1 {
			t.Errorf("the receiver was told of %d events, want the live one", len(s.receiver.Accepted()))
		}
	})
}

// TestBackfillCancelled: it ends where it is, also while SEEK answers it; what it brought stays; started again it begins anew.
func TestBackfillCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 53, Plain: true, PageLatency: func(int) time.Duration { return 10 * time.Second }})
		s.cfg.Streams[0].Start = config.Start{Kind: config.StartNow}
		s.seek.AddHistory(150, 48*time.Hour)
		life := s.start()
		time.Sleep(time.Minute)
		args := admin.StretchArgs{Stream: "all", From: ago(72 * time.Hour), To: ago(time.Hour)}
		_, done := life.previewed("backfill start", args)
		id := fact(t, done, "id")
		s.awaitQuery()
		time.Sleep(30 * time.Second)
		s.awaitQuery() // for the last page
		time.Sleep(time.Second)
		life.previewed("backfill cancel", admin.CancelArgs{ID: int64(id)})
		life.refused("backfill cancel", admin.CancelArgs{ID: int64(id)}, 409, "has ended already")
		life.refused("backfill cancel", admin.CancelArgs{ID: 1}, 404, "no backfill")
		if got := life.stretch(id); got.State != "cancelled" || got.New != 100 {
			t.Errorf("cancelled: %+v", got)
		}
		time.Sleep(20 * time.Second)
		_, done = life.previewed("backfill start", args)
		time.Sleep(time.Hour)
		if got := life.stretch(fact(t, done, "id")); !got.Ended || got.Events < 140 || got.New != got.Events-100 {
			t.Errorf("started again: %+v", got)
		}
		life.stop()
		s.settled()
	})
}

// TestReconcileOnDemand: an event that SEEK puts in where the live cursor has been is found, stored, delivered once, and reported.
func TestReconcileOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 54, Plain: true})
		s.seek.AddHistory(150, 48*time.Hour)
		life := s.start()
		time.Sleep(time.Second)
		life.refused("reconcile", admin.ReconcileArgs{Stream: "all"}, 409, "never complete")
		time.Sleep(10 * time.Minute)
		life.refused("reconcile", admin.ReconcileArgs{Stream: "all", Window: "91d"}, 400, "1h to 90d")
		late := s.seek.AddEvents(simulator.Spec{StreamedAt: time.Now().Add(-10 * time.Hour)})
		time.Sleep(20 * time.Minute)
		if s.receiver.Accepted()[late[0]] != 0 {
			t.Fatal("the live cursor saw it")
		}
		position := s.text("SELECT position FROM cursors WHERE id = 1")
		seen, done := life.previewed("reconcile", admin.ReconcileArgs{Stream: "all", Window: "36h"})
		if known := fact(t, seen, "known"); known < 105 || known > 115 {
			t.Errorf("previewed %v events, want about 112: %q", known, seen.Says)
		}
		time.Sleep(10 * time.Minute)
		got := life.stretch(fact(t, done, "id"))
		if want := fmt.Sprintf("1 missing of %d", got.Events); !got.Ended || string(got.Result) != want || got.Events < 105 {
			t.Errorf("the reconciliation: %+v, want %q", got, want)
		}
		if r := life.status(); r.Healthy || !strings.Contains(strings.Join(r.Problems, "\n"), "found 1 missing of") {
			t.Errorf("status says %q", r.Problems)
		}
		if !strings.Contains(s.log(), "events were missing") {
			t.Error("the log does not warn")
		}
		if s.receiver.Accepted()[late[0]] != 1 || s.count("SELECT count(*) FROM events WHERE source = 'reconcile'") != 1 {
			t.Error("it was not delivered once, or not noted as found by reconciliation")
		}
		if at := s.text("SELECT position FROM cursors WHERE id = 1"); at != position {
			t.Error("the live cursor was moved")
		}
		time.Sleep(8 * 24 * time.Hour)
		if r := life.status(); !r.Healthy {
			t.Errorf("after a week status says %q", r.Problems)
		}
		life.stop()
		s.liveFirst()
		s.settled()
	})
}

// TestReconcileOnSchedule: it comes when its schedule has ticked, once, over restarts and reloads, and waits for the live cursor.
func TestReconcileOnSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now() // a midnight
		s := newSite(t, simulator.Options{Seed: 55, Plain: true})
		s.seek.AddHistory(150, 48*time.Hour)
		life := s.start()
		time.Sleep(time.Hour)
		changed := *s.cfg
		changed.Streams = []config.Stream{changed.Streams[0]}
		changed.Streams[0].Reconcile = &config.Reconcile{Window: config.Duration(36 * time.Hour)}
		if err := changed.Streams[0].Reconcile.Schedule.UnmarshalText([]byte("0 3 * * *")); err != nil {
			t.Fatal(err)
		}
		life.next <- &changed
		s.cfg = &changed
		made := func() int {
			return s.count("SELECT count(*) FROM cursors WHERE kind = 'reconcile' AND made_by IS NULL")
		}
		time.Sleep(90 * time.Minute)
		if made() != 0 {
			t.Error("it came before its time")
		}
		life.stop()
		time.Sleep(2 * time.Hour) // nobody is here when the schedule ticks
		s.seek.Add(350)
		life = s.start()
		time.Sleep(30 * time.Second)
		if made() != 1 {
			t.Error("it was forgotten")
		}
		s.awaitQuery()
		s.awaitQuery()
		time.Sleep(30 * time.Second)
		life.crash()
		life = s.start()
		time.Sleep(time.Until(begin.Add(26*time.Hour + 59*time.Minute)))
		if got := s.text("SELECT count(*) || ' ' || group_concat(state) || ' ' || sum(events) FROM cursors WHERE kind = 'reconcile'"); got != "1 ended 0" {
			t.Errorf("reconciliations: %s, want one", got)
		}
		s.seek.Add(1850)
		life.previewed("cursors rewind", admin.RewindArgs{Stream: "all", ToQuery: 1}) // so that it is behind
		time.Sleep(10 * time.Minute)
		if made() != 1 {
			t.Error("it did not wait for the live cursor")
		}
		time.Sleep(2 * time.Hour)
		if got := s.text("SELECT count(*) || ' ' || group_concat(state) || ' ' || sum(events) FROM cursors WHERE kind = 'reconcile'"); got != "2 ended,ended 0" {
			t.Errorf("reconciliations after two nights: %s, want two", got)
		}
		if r := life.status(); !r.Healthy {
			t.Errorf("nothing was missing, and status says %q", r.Problems)
		}
		life.stop()
		s.liveFirst()
		s.settled()
	})
}

// TestFollow: lines that stay where they are no terminal, and the exit code of what it came to.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		states := []admin.Stretch{{State: "waits for its first query"}, {State: "waits for its first query"}, {State: "under way", Pages: 1, Events: 100, New: 7},
			{State: "complete", Ended: true, Pages: 2, Events: 120, New: 7, Result: "7 missing of 120"}}
		next := func(context.Context) (s admin.Stretch, err error) {
			s, states = states[0], states[1:]
			s.ID, s.Kind = 3, "reconcile"
			return s, nil
		}
		if err := follow(t.Context(), newTicker(&out), next); err != nil {
			t.Error(err)
		}
		want := "reconcile 3: waits for its first query: page 0, 0 events, 0 new\nreconcile 3: under way: page 1, 100 events, 7 new\nreconcile 3: complete: page 2, 120 events, 7 new: 7 missing of 120\n"
		if out.String() != want {
			t.Errorf("got\n%swant\n%s", out.String(), want)
		}
		out.Reset()
		states = []admin.Stretch{{State: "under way", Pages: 100}, {State: "cancelled", Ended: true, Cancelled: true}}
		var ended *exitError
		if err := follow(t.Context(), &ticker{w: &out, terminal: true}, next); !errors.As(err, &ended) || ended.code != exitFailed {
			t.Errorf("cancelled: %v", err)
		}
		if got := out.String(); strings.Count(got, "\r") != 2 || strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") {
			t.Errorf("on a terminal: %q", got)
		}
	})
}
