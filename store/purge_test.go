package store_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"seekpoller/store"

	"github.com/google/go-cmp/cmp"
)

// person is an event of a candidate, for two destinations that take it each time SEEK sends it.
func person(n int, candidate string) store.Event {
	e := event(n, "ats", "spool")
	e.Again = e.Destinations
	e.Identifiers = fmt.Appendf(nil, `{"candidateId":%q}`, candidate)
	e.Node = fmt.Appendf(nil, `{"candidate":{"id":%q,"name":"%s"}}`, candidate, e.ID)
	return e
}

func (w *world) preview(p store.Purge) store.PurgePreview {
	w.t.Helper()
	found, err := w.s.PreviewPurge(context.Background(), p)
	w.must(err)
	return found
}

// purge does what a preview found.
func (w *world) purge(p store.Purge) (store.Action, int64) {
	w.t.Helper()
	d := w.deed("purge")
	d.Selector = p.Selector()
	a, emptied, err := w.s.Purge(context.Background(), d, p, w.preview(p), time.Now)
	w.must(err)
	return a, emptied
}

// upkeep is a round without retention.
func (w *world) upkeep() store.Cleared {
	w.t.Helper()
	return w.steps(w.s.NewUpkeep(store.Retention{}, w.clock.wall, time.Now))
}

// full is how many of the events still say something of anybody.
func (w *world) full(ids string) int {
	w.t.Helper()
	return w.count("SELECT count(*) FROM events WHERE coalesce(node, identifiers, hirer_id, refused, unreadable) IS NOT NULL AND id GLOB '*:" + ids + "'")
}

// Whoever is named in the identifiers, or only in the payload, is found; whoever has an id that begins alike is not. What is still owed or dead
// keeps its payload, until it is settled.
func TestPurgeOfACandidate(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	mentioned := person(5, "c9")
	mentioned.Node = []byte(`{"profile":{"candidate":"c1"}}`)
	w.fetch(c.ID, "p1", true, person(1, "c1"), person(2, "c1"), person(3, "c1"), person(4, "c11"), mentioned)
	w.deliver("spool", 5)
	owed := w.claim("ats", 5)
	var ss []store.Settlement
	for i, outcome := range []string{store.Delivered, store.Retry, store.Dead, store.Delivered, store.Delivered} {
		s := w.result(owed[i], outcome)
		s.DueAt = w.clock.wall.Add(time.Hour)
		ss = append(ss, s)
	}
	w.settle("ats", ss...)

	found := w.preview(store.Purge{Candidate: "c1"})
	if found.Events != 4 || found.Waiting != 2 || found.Oldest.ID != event(1).ID || found.Newest.ID != event(5).ID {
		t.Errorf("found %+v", found)
	}
	if diff := cmp.Diff([]store.WaitingDeliveries{{Destination: "ats", Owed: 1, Dead: 1}}, found.Deliveries); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	a, emptied := w.purge(store.Purge{Candidate: "c1"})
	if a.Rows != 4 || emptied != 2 || a.EndedAt.IsZero() || a.Selector != fmt.Sprintf("candidate sha256:%x", sha256.Sum256([]byte("c1"))) {
		t.Errorf("did %+v, emptied %d", a, emptied)
	}
	if w.full("00000[15]") != 0 || w.full("00000[234]") != 3 {
		t.Error("the wrong ones were emptied")
	}
	if again := w.preview(store.Purge{Candidate: "c1"}); again.Events != 0 {
		t.Errorf("found again: %+v", again)
	}
	if got := w.upkeep(); got.Purged != 0 || w.full("00000[23]") != 2 {
		t.Errorf("emptied although somebody waits: %+v", got)
	}

	w.clock.pass(time.Hour)
	late := w.claim("ats", 5)
	if len(late) != 1 || string(late[0].Event.Node) != string(person(2, "c1").Node) {
		t.Fatalf("what was owed is not handed on whole: %+v", late)
	}
	w.settle("ats", w.result(late[0], store.Delivered))
	_, err := w.s.Discard(context.Background(), w.deed("deliveries discard"), store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Dead}})
	w.must(err)
	if got := w.upkeep(); got.Purged != 2 || w.full("00000[1235]") != 0 || w.full("000004") != 1 {
		t.Errorf("after they were settled: %+v", got)
	}
	w.check()
	w.checkCounts()
}

func TestPurgeByHirerAndTime(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	all := events(1, 10)
	for i := range all {
		all[i].HirerID = fmt.Sprint("hirer-", i%2)
	}
	w.fetch(c.ID, "p1", true, all...)
	if got := w.preview(store.Purge{Hirer: "hirer-1"}); got.Events != 5 {
		t.Errorf("by hirer: %+v", got)
	}
	if got := w.preview(store.Purge{Before: all[3].StreamedAt}); got.Events != 3 {
		t.Errorf("by time: %+v", got)
	}
	if a, _ := w.purge(store.Purge{Before: all[3].StreamedAt}); a.Selector != "before 2026-03-01T11:00:01.004Z" || w.full("*") != 7 {
		t.Errorf("%+v", a)
	}
}

// A purged event that SEEK sends again, and that a destination wants again, stays a tombstone and is told to nobody: by the next page, after
// a rewind, and by a replay.
func TestPurgedEventStaysGone(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, person(1, "c1"), person(2, "c2"))
	w.deliver("ats", 2)
	w.deliver("spool", 2)
	w.purge(store.Purge{Candidate: "c1"})

	saved := w.fetch(c.ID, "p2", true, person(1, "c1"), person(2, "c2"))
	if saved.Fresh != 0 || saved.Known != 2 || saved.Again != 2 {
		t.Errorf("the next page: %+v, want the other one owed again to both", saved)
	}
	again := w.rewind(c.ID, store.Place{Stream: "applications", Kind: "live", Position: "p1", Fingerprint: "f1"})
	w.fetch(again.ID, "p3", true, person(1, "c1"))
	r := store.Replay{Destination: "ats", Rate: 100}
	_, err := w.s.Replay(context.Background(), w.deed("events replay"), r, time.Now)
	w.must(err)
	if n := w.count("SELECT count(*) FROM outbox WHERE seq = 1 AND due_at IS NOT NULL"); n != 0 || w.full("000001") != 0 {
		t.Errorf("%d deliveries of the purged event are owed, and %d of it is here", n, w.full("000001"))
	}
	w.check()
}

// What receivers said goes with the event: from its attempts and deliveries, from those that were in the same request, from the destination,
// and what is said too late is not kept either. Others keep theirs. An id that somebody wrote into a reason goes too.
func TestPurgeForgetsWhatWasSaid(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, person(1, "c1"), person(2, "c2"), person(3, "c3"))
	w.deliver("spool", 3)
	said := func(d store.Delivery, outcome, words string, batch int) store.Settlement {
		s := w.result(d, outcome)
		s.Detail, s.Batch, s.RequestID = words, batch, words
		return s
	}
	claimed := w.claim("ats", 3)
	w.settle("ats", said(claimed[0], store.Retry, "no c1, c2", 2), said(claimed[1], store.Retry, "no c1, c2", 2), said(claimed[2], store.Dead, "no c3", 1))
	w.clock.pass(time.Minute)
	claimed = w.claim("ats", 3)
	w.settle("ats", said(claimed[0], store.Parked, "gone, c1", 1))
	d := w.deed("deliveries discard")
	d.Reason = "c1 asked for it"
	_, err := w.s.Discard(context.Background(), d, store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Owed}})
	w.must(err)
	if n := w.count("SELECT count(*) FROM actions WHERE instr(reason, 'c1')"); n != 1 {
		t.Fatalf("%d reasons name the candidate", n)
	}
	forgotten := func() {
		t.Helper()
		for what, query := range map[string]string{
			"attempts":     "SELECT count(*) FROM attempts WHERE instr(detail, 'c1')",
			"deliveries":   "SELECT count(*) FROM outbox WHERE instr(last_detail, 'c1')",
			"destinations": "SELECT count(*) FROM destinations WHERE instr(last_error, 'c1') OR instr(reason, 'c1')",
			"actions":      "SELECT count(*) FROM actions WHERE instr(reason || coalesce(selector, ''), 'c1')",
		} {
			if n := w.count(query); n != 0 {
				t.Errorf("%s still name the candidate", what)
			}
		}
	}
	w.purge(store.Purge{Candidate: "c1"})
	forgotten() // before anything late is said, which would have all of it forgotten again
	w.settle("ats", said(store.Delivery{Event: claimed[0].Event, Attempt: 9}, store.Retry, "late, c1", 1))
	forgotten()

	if w.count("SELECT count(*) FROM attempts WHERE detail = 'no c3'") != 1 || w.count("SELECT count(*) FROM outbox WHERE last_detail = 'no c3'") != 1 {
		t.Error("what was said of another is gone")
	}
	if d := w.destination("ats"); d.State != store.Parked || d.Reason == "" {
		t.Errorf("the destination is %s because of %q", d.State, d.Reason)
	}
}
