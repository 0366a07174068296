package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"seekpoller/store"
)

func (w *world) deed(verb string) store.Deed {
	return store.Deed{Actor: "tester (uid 1)", Verb: verb, Reason: "a test", At: w.clock.wall}
}

// checkCounts: the figures kept beside the destinations are what a count finds.
func (w *world) checkCounts() {
	w.t.Helper()
	for what, query := range map[string]string{
		"owed": "SELECT count(*) FROM destinations WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL)",
		"dead": "SELECT count(*) FROM destinations WHERE dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)",
	} {
		if n := w.count(query); n != 0 {
			w.t.Errorf("%d destinations count wrong what is %s", n, what)
		}
	}
}

// row is a delivery as a shell sees it.
type row struct {
	State         string
	Due           string
	Purged, Known bool
	Attempts      int
	Action        int64
}

type rowKey struct {
	dest  string
	event int
}

func (w *world) rows() map[rowKey]row {
	w.t.Helper()
	found, err := w.shell().Query(`
		SELECT o.destination, CAST(substr(e.id, -6) AS INTEGER), iif(due_at IS NOT NULL, 'owed', iif(delivered_at IS NOT NULL, 'delivered', iif(dead_at IS NOT NULL, 'dead', 'discarded'))),
		       coalesce(due_at, ''), purge IS NOT NULL, attempts, coalesce(action, 0)
		FROM outbox o JOIN events e ON e.seq = o.seq`)
	w.must(err)
	defer found.Close()
	all := map[rowKey]row{}
	for found.Next() {
		var k rowKey
		r := row{Known: true}
		w.must(found.Scan(&k.dest, &k.event, &r.State, &r.Due, &r.Purged, &r.Attempts, &r.Action))
		all[k] = r
	}
	w.must(found.Err())
	return all
}

// inFlight is a world with one delivery to "ats" that is being sent.
func inFlight(t *testing.T) (*world, store.Delivery) {
	w := stocked(t, 1)
	return w, w.claim("ats", 1)[0]
}

func (w *world) state() string {
	for _, r := range w.rows() {
		return r.State
	}
	return "none"
}

var atATS = store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Owed, store.Dead}}

// What a person discarded while it was being sent stays so, whatever comes of the send; the attempt is recorded.
func TestDiscardedInFlight(t *testing.T) {
	for _, outcome := range []string{store.Delivered, store.Retry, store.Dead, store.Parked} {
		w, d := inFlight(t)
		_, err := w.s.Discard(context.Background(), w.deed("deliveries discard"), atATS)
		w.must(err)
		if got := w.settle("ats", w.result(d, outcome)); got.Applied != 0 || w.state() != "discarded" {
			t.Errorf("%s: settled %+v, and it is %s", outcome, got, w.state())
		}
		if n := w.count("SELECT count(*) FROM attempts"); n != 1 {
			t.Errorf("%s: %d attempts recorded", outcome, n)
		}
		w.checkCounts()
	}
}

// A result of before settles nothing of a delivery that was discarded and had back in the meantime. It must not trouble the outbox either.
func TestLateResultAfterDiscardAndRetry(t *testing.T) {
	for _, outcome := range []string{store.Delivered, store.Retry, store.Dead, store.Parked} {
		w, d := inFlight(t)
		_, err := w.s.Discard(context.Background(), w.deed("deliveries discard"), atATS)
		w.must(err)
		back := store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Discarded}, Action: 1}
		a, err := w.s.Retry(context.Background(), w.deed("deliveries retry"), back, 50)
		w.must(err)
		if got := w.settle("ats", w.result(d, outcome)); a.Rows != 1 || got.Applied != 0 || w.state() != "owed" {
			t.Errorf("%s: %d had back; settled %+v, and it is %s", outcome, a.Rows, got, w.state())
		}
		w.checkCounts()
	}
}

// A retry leaves alone what is being sent: it would go out twice.
func TestRetryLeavesWhatIsBeingSent(t *testing.T) {
	w, d := inFlight(t)
	a, err := w.s.Retry(context.Background(), w.deed("deliveries retry"), atATS, 50)
	w.must(err)
	if again := w.claim("ats", 1); a.Rows != 0 || len(again) != 0 {
		t.Errorf("%d made due, %d claimed again", a.Rows, len(again))
	}
	w.settle("ats", w.result(d, store.Retry))
	if a, err = w.s.Retry(context.Background(), w.deed("deliveries retry"), atATS, 50); err != nil || a.Rows != 1 || len(w.claim("ats", 1)) != 1 {
		t.Errorf("what waits for its next try: %d made due, %v", a.Rows, err)
	}
}

// A pause while a delivery is being sent does not lose what comes of it, and a destination that answers that it is gone stays paused.
func TestPausedInFlight(t *testing.T) {
	for outcome, want := range map[string]string{store.Delivered: "delivered", store.Retry: "owed", store.Dead: "dead", store.Parked: "owed"} {
		w, d := inFlight(t)
		_, err := w.s.Pause(context.Background(), w.deed("destinations pause"), "ats")
		w.must(err)
		if got := w.settle("ats", w.result(d, outcome)); got.Applied != 1 || w.state() != want {
			t.Errorf("%s: settled %+v, and it is %s", outcome, got, w.state())
		}
		if at := w.destination("ats"); at.State != store.Paused || at.Reason != "a test" {
			t.Errorf("%s: the destination is %s: %s", outcome, at.State, at.Reason)
		}
		w.checkCounts()
	}
}

// An undo takes back what its action did, and nothing of what came before or after.
func TestUndoIsOfItsAction(t *testing.T) {
	w := stocked(t, 6)
	ctx := context.Background()
	one := func(n int) store.DeliveryChoice {
		return store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Owed, store.Dead}, EventID: event(n).ID}
	}
	for n := 1; n <= 3; n++ {
		_, err := w.s.Discard(ctx, w.deed("deliveries discard"), one(n))
		w.must(err)
	}
	a, err := w.s.Retry(ctx, w.deed("deliveries retry"), store.DeliveryChoice{Destinations: []string{"ats", "spool"}, States: []string{store.Discarded}, Action: 2}, 50)
	w.must(err)
	if got := w.rows(); a.Rows != 1 || got[rowKey{"ats", 2}].State != "owed" || got[rowKey{"ats", 1}].State != "discarded" || got[rowKey{"ats", 3}].State != "discarded" {
		t.Errorf("had back: %+v; %+v", a, got)
	}
	u, err := w.s.Discard(ctx, w.deed("deliveries discard"), store.DeliveryChoice{Destinations: []string{"ats", "spool"}, States: []string{store.Owed, store.Dead}, Action: a.ID})
	w.must(err)
	if got := w.rows(); u.Rows != 1 || got[rowKey{"ats", 2}].State != "discarded" || got[rowKey{"ats", 4}].State != "owed" {
		t.Errorf("undone: %+v; %+v", u, got)
	}
}

// The last of a replay is due within 47 hours, however many there are, and never before its turn, whether its event was there before or not.
func TestReplayIsSpread(t *testing.T) {
	w := stocked(t, 5)
	w.exec(`INSERT INTO outbox (seq, destination, attempts, created_at, first_attempt_at, delivered_at)
		SELECT seq, 'spool', 1, received_at, received_at, received_at FROM events WHERE seq IN (2, 4)`)
	_, err := w.s.Replay(context.Background(), w.deed("events replay"), store.Replay{Destination: "spool", Rate: 2}, time.Now)
	w.must(err)
	for n, want := range []time.Duration{0, 500 * time.Millisecond, time.Second, 1500 * time.Millisecond, 2 * time.Second} {
		if due := w.rows()[rowKey{"spool", n + 1}].Due; due != w.clock.wall.Add(want).Format("2006-01-02T15:04:05.000Z") {
			t.Errorf("event %d is due at %s, want %v from now", n+1, due, want)
		}
	}
	if n := len(w.claim("spool", 10)); n != 1 {
		t.Errorf("%d claimed at once, want 1", n)
	}
}

// What is sorted out of a replay is counted, and left out: what SEEK could not give, what was purged, what the destination does not take, and
// what is owed there already.
func TestWhatAReplayLeavesOut(t *testing.T) {
	w := stocked(t, 5)
	w.exec("UPDATE events SET type = 'missing' WHERE seq = 1")
	w.exec("INSERT INTO actions (at, actor, verb, reason, rows) VALUES ('', '', 'purge', '', 0)")
	w.exec("UPDATE events SET purge = 1 WHERE seq = 2")
	w.exec("UPDATE events SET hirer_id = NULL WHERE seq = 3")
	r := store.Replay{Destination: "spool", Takes: store.Takes{Hirers: []string{"another"}}, Rate: 50}
	p, err := w.s.PreviewReplay(context.Background(), r)
	w.must(err)
	three := store.EventAt{At: event(3).StreamedAt, ID: event(3).ID}
	if p != (store.ReplayPreview{New: 1, Purged: 0, Missing: 1, NotTaken: 3, Oldest: three, Newest: three}) {
		t.Errorf("for a hirer of whom nothing is known: %+v", p)
	}
	r.Takes = store.Takes{Streams: []string{"applications"}, Types: []string{event(1).Type}}
	a, err := w.s.Replay(context.Background(), w.deed("events replay"), r, time.Now)
	w.must(err)
	if p, err = w.s.PreviewReplay(context.Background(), r); err != nil || a.Rows != 3 || p != (store.ReplayPreview{Owed: 3, Purged: 1, Missing: 1}) {
		t.Errorf("%d replayed, then %+v (%v)", a.Rows, p, err)
	}
	r.Takes = store.Takes{Streams: []string{"others"}}
	if p, err = w.s.PreviewReplay(context.Background(), r); err != nil || p != (store.ReplayPreview{Missing: 1, NotTaken: 4}) {
		t.Errorf("of a stream that it does not take: %+v (%v)", p, err)
	}
}

// What changes between a part's choice, which is made beside whoever writes, and its transaction: an event that was purged is not handed on, one that
// somebody else had owed is not owed twice, one that has become dead is counted as it is.
func TestReplayOfWhatChangesMeanwhile(t *testing.T) {
	for dest, want := range map[string]int64{"ats": 1, "spool": 5} { // of four that are settled, and of eight without a delivery
		w := stocked(t, 8)
		for _, d := range w.claim("ats", 4) {
			w.settle("ats", w.result(d, store.Delivered))
		}
		w.must(w.s.Close())
		changed := false
		s, err := store.Open(context.Background(), w.path, store.Options{Started: w.clock.now(), Timed: func(kind string) func() {
			if kind == "deed" && !changed {
				changed = true
				w.mark("seq IN (1, 3)")
				w.exec("UPDATE outbox SET due_at = created_at, delivered_at = NULL, spent = attempts, first_attempt_at = NULL WHERE destination = 'ats' AND seq = 2")
				w.exec("UPDATE outbox SET dead_at = delivered_at, delivered_at = NULL WHERE destination = 'ats' AND seq IN (3, 4)")
				w.exec("INSERT INTO outbox (seq, destination, due_at, created_at) VALUES (6, 'spool', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')")
				w.exec(`UPDATE destinations SET owed_now = (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL),
					dead_now = (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL), dead = dead + 2 * (name = 'ats'), delivered = delivered - 2 * (name = 'ats')`)
			}
			return func() {}
		}})
		w.must(err)
		w.s = s
		a, err := s.Replay(context.Background(), w.deed("events replay"), store.Replay{Destination: dest, Rate: 50}, time.Now)
		w.must(err)
		if a.Rows != want || !changed {
			t.Errorf("%s: %d rows, want %d", dest, a.Rows, want)
		}
		if n := w.count("SELECT count(*) FROM outbox o JOIN events e ON e.seq = o.seq WHERE e.purge IS NOT NULL AND o.action IS NOT NULL"); n != 0 {
			t.Errorf("%s: %d purged events are handed on again", dest, n)
		}
		w.checkCounts()
	}
}

// A choice goes on from window to window until it has looked at all.
func TestAChoiceOverManyWindows(t *testing.T) {
	const many = 30_000 // over one window
	w := stocked(t, 1)
	w.exec(fmt.Sprintf(`
		WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < %d)
		INSERT INTO events (id, stream, type, scheme, source, received_at, hirer_id, query_id)
		SELECT 'e' || n, stream, iif(n %% 1000 = 0, 'rare', type), scheme, source, received_at, iif(n %% 2, 'h1', 'h2'), query_id FROM events, n WHERE seq = 1`, many))
	for want, f := range map[int64]store.EventFilter{30: {Type: "rare"}, many - 30: {Type: event(1).Type}, many/2 - 1: {Hirer: "h1"}, many: {}} {
		p, err := w.s.PreviewReplay(context.Background(), store.Replay{Destination: "spool", Events: f, Rate: 50})
		w.must(err)
		if p.New != want {
			t.Errorf("%+v: %d chosen, want %d", f, p.New, want)
		}
	}
	w.exec("DELETE FROM outbox")
	w.exec("UPDATE destinations SET owed_now = 0")
	w.exec("INSERT INTO outbox (seq, destination, attempts, created_at, first_attempt_at, delivered_at) SELECT seq, 'ats', 1, received_at, received_at, received_at FROM events")
	begun := cpu()
	a, err := w.s.Replay(context.Background(), w.deed("events replay"), store.Replay{Destination: "ats", Rate: 1000}, time.Now)
	w.must(err)
	b, err := w.s.Discard(context.Background(), w.deed("deliveries discard"), atATS)
	w.must(err)
	c, err := w.s.Retry(context.Background(), w.deed("deliveries retry"), store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Discarded}, Action: b.ID}, 1000)
	w.must(err)
	if a.Rows != many || b.Rows != many || c.Rows != many {
		t.Errorf("%d replayed, %d discarded, %d had back, want all %d", a.Rows, b.Rows, c.Rows, many)
	}
	t.Logf("three deeds on %d deliveries took %v of the processor", many, cpu()-begun)
	w.checkCounts()
}
