package outbox_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestExecRefusesOneOfTen: a refused batch goes one by one; the nine are taken, and the tenth is dead at once, with the program's message.
func TestExecRefusesOneOfTen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		s := shell(t, `in=$(cat); case "$in" in *events:5\"*) echo no such position >&2; exit 65; esac; echo "$in" >>"$OUT"`, out, 10)
		w := newWorld(t, outbox.Destination{Name: "nightly", Kind: "exec", Sender: s, Batch: 10})
		w.save(10)
		w.start()
		time.Sleep(5 * time.Minute)
		if got := w.states("nightly"); got["delivered"] != 9 || got["dead"] != 1 {
			t.Errorf("got %v, want 9 delivered and 1 dead", got)
		}
		row, attempts := w.deliveries("nightly")[w.events[4]], w.attempts(w.events[4], "nightly")
		if row.State != "dead" || row.Refusals != 1 || row.LastStatus != 65 || row.LastDetail != "no such position" || len(attempts) != 2 {
			t.Errorf("got %+v after %d attempts, want it dead after the batch and one try alone", row, len(attempts))
		}
	})
}

// TestExecThatRefusesEverythingIsParked: nobody says so by mistake, but everybody has bugs. Few events die of one.
func TestExecThatRefusesEverythingIsParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, outbox.Destination{Name: "nightly", Sender: always65, Concurrency: 1})
		w.save(100)
		w.start()
		time.Sleep(time.Hour)
		if got := w.states("nightly"); w.destination("nightly").State != store.Parked || got["dead"] != 5 || got["parked"] != 95 {
			t.Errorf("got %v, %v, want it parked after five events", w.destination("nightly").State, got)
		}
	})
}

var always65 = senderFunc(func(context.Context, []store.Delivery) outbox.Reply {
	return outbox.Reply{Verdict: outbox.Invalid, Status: 65}
})

// TestExecAsksForALaterTry: 75 and any other status are tried again by the schedule, and kill nothing while the program is out of order.
func TestExecAsksForALaterTry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := filepath.Join(t.TempDir(), "out")
		s := shell(t, `[ "$SEEK_POLLER_ATTEMPT" -ge 4 ] || exit $((74 + SEEK_POLLER_ATTEMPT)); cat >>"$OUT"`, out, 1)
		w := newWorld(t, outbox.Destination{Name: "nightly", Sender: s})
		w.save(1)
		w.start()
		time.Sleep(time.Hour)
		var got []int
		attempts := w.attempts(w.events[0], "nightly")
		slices.SortFunc(attempts, func(a, b store.Attempt) int { return a.Number - b.Number })
		for _, a := range attempts {
			got = append(got, a.Status)
		}
		if want := []int{75, 76, 77, 0}; !slices.Equal(got, want) || w.states("nightly")["delivered"] != 1 {
			t.Errorf("got %v, %v, want %v and then delivered", got, w.states("nightly"), want)
		}
	})
}

// TestExecThatHangsIsRecordedAtTheStop: the relay's last words are long enough for a program that ignores SIGTERM. In real time: a bubble's
// clock stands still while a program runs.
func TestExecThatHangsIsRecordedAtTheStop(t *testing.T) {
	path, lines := wire(t)
	s := shell(t, `exec 9>"$OUT"; trap "" TERM; echo ready >&9; while :; do sleep 1000; done`, path, 1)
	w := newWorld(t, outbox.Destination{Name: "nightly", Kind: "exec", Sender: s})
	w.grace = time.Millisecond
	w.save(1)
	w.start()
	if got := next(t, lines); got != "ready" {
		t.Fatalf("got %q, want ready", got)
	}
	w.stop()
	if left := next(t, lines); left != "" {
		t.Errorf("got %q", left)
	}
	attempts := w.attempts(w.events[0], "nightly")
	if len(attempts) != 1 || !strings.HasPrefix(attempts[0].Detail, "stopped before its end") {
		t.Errorf("got %+v, want the one attempt recorded", attempts)
	}
}
