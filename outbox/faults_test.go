package outbox_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	_ "github.com/mattn/go-sqlite3" // to break a statement from outside

	"seekpoller/outbox"
	"seekpoller/store"
)

// breakTable makes each change of a table fail until the returned function heals it.
func (w *world) breakTable(change, table string) (heal func()) {
	w.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.path+"?_busy_timeout=5000")
	w.must(err)
	_, err = db.Exec(fmt.Sprintf("CREATE TRIGGER broken BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'the disk is full'); END", change, table))
	w.must(err)
	return func() {
		_, err := db.Exec("DROP TRIGGER broken")
		w.must(err)
		w.must(db.Close())
	}
}

// TestResultsOutliveAStoreThatCannotBeWritten: what was accepted is recorded when the disk is free again, nothing is sent twice, and
// nothing more is sent meanwhile.
func TestResultsOutliveAStoreThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: time.Second}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(100)
		w.start()
		time.Sleep(time.Second / 2) // 40 are out
		heal := w.breakTable("INSERT", "attempts")
		time.Sleep(25 * time.Second)
		if got := len(r.seen()); got != 4 {
			t.Errorf("requests while nothing can be recorded: got %d, want the 4 in hand", got)
		}
		heal()
		time.Sleep(2 * time.Minute)
		r.acceptedOnce(t, w.events)
		if got := w.states("ats"); got["delivered"] != 100 {
			t.Errorf("got %v, want all delivered", got)
		}
	})
}

// TestNothingIsSentThatCouldNotBeClaimed.
func TestNothingIsSentThatCouldNotBeClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(10)
		heal := w.breakTable("UPDATE", "outbox")
		w.start()
		time.Sleep(time.Hour)
		if got := len(r.seen()); got != 0 {
			t.Errorf("requests without a claim: got %d, want 0", got)
		}
		heal()
		time.Sleep(time.Minute + time.Second)
		r.acceptedOnce(t, w.events)
	})
}

// TestTheWallClockIsSetBack: by a year, with a retry and a Retry-After outstanding. Nothing waits for a year.
func TestTheWallClockIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func([]string) (int, string) { return 503, "60" }}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(5)
		w.start()
		time.Sleep(time.Second)
		w.stop()
		w.now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
		r.change(func() { r.answer = nil })
		w.start()
		time.Sleep(time.Hour)
		r.acceptedOnce(t, w.events)
	})
}

// TestAHoldFromBeforeTheClockWasSetBackHidesNoOther: it is not believed, and what the receiver asks for now is obeyed beside it.
func TestAHoldFromBeforeTheClockWasSetBackHidesNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{answer: func([]string) (int, string) { return 503, "3600" }}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(1)
		w.start()
		time.Sleep(time.Second)
		w.stop()
		w.now = func() time.Time { return time.Now().AddDate(-1, 0, 0) }
		w.start()
		time.Sleep(50 * time.Minute)
		if n := len(r.seen()); n != 2 {
			t.Errorf("%d requests came, want one before and one since the clock was set back", n)
		}
		w.stop()
	})
}

// TestASlowReceiverOfManyTypes: claims are cut down until what waits in line does not outlive its lease. A second process on the file
// would send again what does.
func TestASlowReceiverOfManyTypes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 20 * time.Second}
		d := r.webhook(t, "ats")
		d.Concurrency = 1
		w := newWorld(t, d)
		w.save(10, "A", "B", "C", "D", "E", "F", "G") // seven sends of 20 s, in one claim
		w.start()
		time.Sleep(61 * time.Second)
		stopOther := w.startOther()
		w.save(50, "A", "B", "C", "D", "E", "F", "G")
		time.Sleep(2 * time.Hour)
		stopOther()
		w.stop()
		r.acceptedOnce(t, w.events)
		if r.most > 2 {
			t.Errorf("requests at a time: got %d, want at most one each", r.most)
		}
	})
}

// TestLives: a relay is stopped and crashed at random, its receiver answers at random, and at the end, with the faults off, every
// event was accepted or is dead, and only what the receiver calls bad is dead.
func TestLives(t *testing.T) {
	twice, dead := 0, 0
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := lives(t, rand.New(rand.NewPCG(seed, 0)), seed%2 == 0)
				twice, dead = twice+a, dead+b
			})
		})
	}
	if twice == 0 || dead == 0 {
		t.Errorf("%d events accepted twice and %d dead: the lives were too easy to show anything", twice, dead)
	}
}

func lives(t *testing.T, dice *rand.Rand, crashes bool) (twice, dead int) {
	r := &receiver{took: time.Duration(dice.IntN(2000)) * time.Millisecond}
	faulty, moods := true, rand.New(rand.NewPCG(dice.Uint64(), 0)) // the receiver's
	r.answer = func(ids []string) (int, string) {
		for _, id := range ids {
			if bad(id) {
				return 400, ""
			}
		}
		if faulty && moods.IntN(4) == 0 {
			return []int{500, 502, 429, 401, 302}[moods.IntN(5)], []string{"", "", "7", "soon"}[moods.IntN(4)]
		}
		return 200, ""
	}
	d := r.webhook(t, "ats")
	d.Concurrency, d.Batch = 1+dice.IntN(6), 1+dice.IntN(10)
	w := newWorld(t, d)
	w.save(30, "A", "B")
	for range 15 {
		w.start()
		w.save(dice.IntN(20), "A", "B", "C")
		time.Sleep([]time.Duration{2 * time.Second, 4 * time.Minute}[dice.IntN(2)] * time.Duration(dice.IntN(100)) / 100)
		if crashes && dice.IntN(2) == 0 {
			w.crash()
		} else {
			w.stop()
		}
	}
	r.change(func() { faulty = false })
	w.start()
	for range 10 {
		time.Sleep(3 * time.Hour)
		w.resume("ats")
		w.relay.Wake()
	}
	w.stop()
	return w.checkLives(r, d, crashes)
}

// bad are the events that this receiver refuses whatever happens: one in 40.
func bad(id string) bool { return outbox.Key(id, "bad") < "06" }

func (w *world) checkLives(r *receiver, d outbox.Destination, crashes bool) (twice, dead int) {
	w.Helper()
	rows := w.deliveries("ats")
	for _, id := range w.events {
		row, accepted := rows[id], r.times(id)
		switch {
		case row.State == "delivered" && accepted == 0:
			w.Errorf("event %s is delivered and was never accepted", id)
		case row.State == "dead" && bad(id):
			dead++
		case row.State != "delivered":
			w.Errorf("event %s is %s (%d attempts, %d refusals), bad %v", id, row.State, row.Attempts, row.Refusals, bad(id))
		}
		if accepted > 1 {
			twice++
		}
		checkNumbers(w, row, w.attempts(id, "ats"))
	}
	if twice > 0 && !crashes {
		w.Errorf("accepted twice without a crash: %d", twice)
	}
	if r.most > d.Concurrency {
		w.Errorf("requests at a time: got %d, want at most %d", r.most, d.Concurrency)
	}
	w.Logf("%d events, %d requests, %d twice, %d dead", len(w.events), len(r.seen()), twice, dead)
	return twice, dead
}

// checkNumbers: attempts are counted before they are made, so there are never more rows than counted, and no number comes twice.
func checkNumbers(w *world, row store.DeliveryRow, attempts []store.Attempt) {
	w.Helper()
	seen := map[int]bool{}
	for _, a := range attempts {
		if seen[a.Number] || a.Number > row.Attempts {
			w.Errorf("event %s: attempt %d of %d recorded wrongly", row.EventID, a.Number, row.Attempts)
		}
		seen[a.Number] = true
	}
}
