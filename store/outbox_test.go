package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/store"
)

const lease = time.Minute

func (w *world) claim(dest string, n int) []store.Delivery {
	w.t.Helper()
	got, err := w.s.Claim(context.Background(), dest, n, lease, w.clock.wall)
	w.must(err)
	return got
}

// result is the settlement of a claim, sent and answered within a second.
func (w *world) result(d store.Delivery, outcome string) store.Settlement {
	return store.Settlement{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: outcome, StartedAt: w.clock.wall, EndedAt: w.clock.wall.Add(120 * time.Millisecond),
		DueAt: w.clock.wall.Add(5 * time.Second), Status: 200}
}

func (w *world) settle(dest string, ss ...store.Settlement) store.Settled {
	w.t.Helper()
	got, err := w.s.Settle(context.Background(), dest, ss, w.clock.wall)
	w.must(err)
	return got
}

// deliver claims n deliveries and settles them as delivered.
func (w *world) deliver(dest string, n int) {
	w.t.Helper()
	claimed := w.claim(dest, n)
	if len(claimed) != n {
		w.t.Fatalf("claimed %d of %d", len(claimed), n)
	}
	var ss []store.Settlement
	for _, d := range claimed {
		ss = append(ss, w.result(d, store.Delivered))
	}
	w.settle(dest, ss...)
}

func (w *world) destination(name string) store.Destination {
	w.t.Helper()
	all, err := w.s.Destinations(context.Background())
	w.must(err)
	for _, d := range all {
		if d.Name == name {
			return d
		}
	}
	w.t.Fatalf("no destination %s", name)
	return store.Destination{}
}

// stocked is a world with n events owed to "ats".
func stocked(t *testing.T, n int) *world {
	t.Helper()
	w := newWorld(t)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p", true, events(1, n, "ats")...)
	return w
}

func seqs(ds []store.Delivery) []int64 {
	var all []int64
	for _, d := range ds {
		all = append(all, d.Event.Seq)
	}
	return all
}

func TestClaim(t *testing.T) {
	w := stocked(t, 5)
	got := w.claim("ats", 2)
	want := []store.Delivery{
		{Event: got[0].Event, Destination: "ats", Attempt: 1, Try: 1, CreatedAt: w.clock.wall, FirstAttemptAt: w.clock.wall, DueAt: w.clock.wall},
		{Event: got[1].Event, Destination: "ats", Attempt: 1, Try: 1, CreatedAt: w.clock.wall, FirstAttemptAt: w.clock.wall, DueAt: w.clock.wall},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	e, err := w.s.Event(context.Background(), event(1).ID)
	w.must(err)
	if diff := cmp.Diff(e, got[0].Event); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{3, 4, 5}, seqs(w.claim("ats", 10))); diff != "" {
		t.Errorf("the rest (-want +got):\n%s", diff)
	}
	if got := w.claim("ats", 10); len(got) != 0 {
		t.Errorf("claimed what is claimed: %v", seqs(got))
	}
	if got := w.claim("spool", 10); len(got) != 0 {
		t.Errorf("claimed for another destination: %v", seqs(got))
	}
	due, ok, err := w.s.NextDue(context.Background(), "ats", w.clock.wall)
	if err != nil || !ok || !due.Equal(w.clock.wall.Add(lease)) {
		t.Errorf("next due %v %v %v", due, ok, err)
	}
}

// The process dies with claims out: they come back by themselves, and the attempt was counted.
func TestLeaseLapses(t *testing.T) {
	w := stocked(t, 2)
	first := w.claim("ats", 10)
	w.restart()
	w.clock.pass(lease - time.Millisecond)
	if got := w.claim("ats", 10); len(got) != 0 {
		t.Fatalf("claimed within the lease: %v", seqs(got))
	}
	w.clock.pass(time.Millisecond)
	second := w.claim("ats", 10)
	if len(second) != 2 || second[0].Attempt != 2 || !second[0].FirstAttemptAt.Equal(first[0].FirstAttemptAt) {
		t.Fatalf("second claim: %+v", second)
	}
	if got := w.settle("ats", w.result(first[0], store.Delivered), w.result(second[1], store.Delivered)); got != (store.Settled{Applied: 1, Lapsed: 1}) {
		t.Errorf("settled %+v", got)
	}
	if n := w.count("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL AND seq = 1 AND attempts = 2"); n != 1 {
		t.Error("a lapsed attempt settled the delivery")
	}
	if n := w.count("SELECT count(*) FROM attempts"); n != 2 {
		t.Errorf("%d attempts recorded", n)
	}
	if got := w.settle("ats", w.result(second[0], store.Delivered)); got.Applied != 1 {
		t.Errorf("settled %+v", got)
	}
	if d := w.destination("ats"); d.Delivered != 2 {
		t.Errorf("counted %d delivered", d.Delivered)
	}
	w.check()
}

func TestSettleTwiceChangesNothing(t *testing.T) {
	w := stocked(t, 4)
	var ss []store.Settlement
	for i, d := range w.claim("ats", 4) {
		ss = append(ss, w.result(d, []string{store.Delivered, store.Retry, store.Dead, store.Retry}[i]))
	}
	ss[3].Refused = true
	if got := w.settle("ats", ss...); got != (store.Settled{Applied: 4}) {
		t.Errorf("settled %+v", got)
	}
	before := w.dump()
	if got := w.settle("ats", ss...); got != (store.Settled{Lapsed: 4}) {
		t.Errorf("settled again %+v", got)
	}
	outbox := func(s string) string { return s[strings.Index(s, "outbox"):] }
	if diff := cmp.Diff(outbox(before), outbox(w.dump())); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
	w.clock.pass(5 * time.Second)
	retried := w.claim("ats", 10)
	if diff := cmp.Diff([]int64{2, 4}, seqs(retried)); diff != "" {
		t.Errorf("claimed again (-want +got):\n%s", diff)
	}
	if retried[0].Refusals != 0 || retried[1].Refusals != 1 || retried[0].DueAt.IsZero() {
		t.Errorf("claimed again: %+v", retried)
	}
	if d := w.destination("ats"); d.Delivered != 1 || d.Dead != 1 {
		t.Errorf("counters: %+v", d)
	}
	w.check()
}

// The wall clock is set back by years: what was due soon is due now, and does not wait for years.
func TestClockSetBack(t *testing.T) {
	w := stocked(t, 2)
	w.settle("ats", w.result(w.claim("ats", 1)[0], store.Retry))
	w.clock.wall = w.clock.wall.Add(-10 * 365 * 24 * time.Hour)
	due, ok, err := w.s.NextDue(context.Background(), "ats", w.clock.wall)
	if err != nil || !ok || due.After(w.clock.wall) {
		t.Errorf("next due %v %v %v", due, ok, err)
	}
	if diff := cmp.Diff([]int64{1, 2}, seqs(w.claim("ats", 10))); diff != "" {
		t.Errorf("claimed (-want +got):\n%s", diff)
	}
	if got := w.claim("ats", 10); len(got) != 0 {
		t.Errorf("claimed again: %v", seqs(got))
	}
}

func TestLongWaitIsCut(t *testing.T) {
	w := stocked(t, 1)
	s := w.result(w.claim("ats", 1)[0], store.Retry)
	s.DueAt = w.clock.wall.Add(1000 * time.Hour)
	w.settle("ats", s)
	due, ok, err := w.s.NextDue(context.Background(), "ats", w.clock.wall)
	if err != nil || !ok || !due.Equal(w.clock.wall.Add(48*time.Hour)) {
		t.Errorf("next due %v %v %v", due, ok, err)
	}
	if got := w.claim("ats", 1); len(got) != 0 {
		t.Error("due at once")
	}
}

func TestOneSettlementMoreOrNone(t *testing.T) {
	w := stocked(t, 2)
	claimed := w.claim("ats", 2)
	good, bad := w.result(claimed[0], store.Delivered), w.result(claimed[1], "lost")
	before := w.dump()
	if _, err := w.s.Settle(context.Background(), "ats", []store.Settlement{good, bad}, w.clock.wall); err == nil || !strings.Contains(err.Error(), `"lost" is no outcome`) {
		t.Errorf("unknown outcome: %v", err)
	}
	for _, when := range []string{"BEFORE UPDATE ON outbox WHEN new.seq = 2", "BEFORE INSERT ON attempts WHEN new.seq = 2", "BEFORE UPDATE ON destinations"} {
		w.exec("CREATE TRIGGER fault " + when + " BEGIN SELECT RAISE(ABORT, 'planted'); END")
		bad.Outcome = store.Delivered
		if _, err := w.s.Settle(context.Background(), "ats", []store.Settlement{good, bad}, w.clock.wall); err == nil {
			t.Errorf("%s: the fault did not fire", when)
		}
		w.exec("DROP TRIGGER fault")
		if diff := cmp.Diff(before, w.dump()); diff != "" {
			t.Errorf("%s: something was settled (-before +after):\n%s", when, diff)
		}
	}
}
