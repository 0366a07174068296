package outbox_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// TestAShareOfBadEvents: however many events a receiver calls wrong data, alone or in whose batch they are, it is neither parked nor held to
// be down for it. The good ones arrive soon, the bad ones are dead.
func TestAShareOfBadEvents(t *testing.T) {
	for _, share := range []float64{0.014, 0.06, 0.3} {
		for _, batch := range []int{1, 10} {
			t.Run(fmt.Sprint(share, " bad, batches of ", batch), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { shareOfBad(t, share, batch) })
			})
		}
	}
}

func shareOfBad(t *testing.T, share float64, batch int) {
	bad := map[string]bool{}
	r := &receiver{took: 20 * time.Millisecond, answer: func(ids []string) (int, string) {
		if slices.ContainsFunc(ids, func(id string) bool { return bad[id] }) {
			return 400, ""
		}
		return 200, ""
	}}
	d := r.webhook(t, "ats")
	d.Batch = batch
	w := newWorld(t, d)
	w.save(20) // whoever has accepted nothing yet is judged by other rules
	w.start()
	time.Sleep(time.Minute)
	rng := rand.New(rand.NewPCG(1, uint64(share*1000)))
	for range 10 {
		r.change(func() {
			for n := range 100 {
				if rng.Float64() < share {
					bad[fmt.Sprintf("seekAnz:event:events:%d", len(w.events)+1+n)] = true
				}
			}
		})
		w.save(100)
		time.Sleep(10 * time.Minute)
	}
	w.save(1) // shows that the last ones refused were wrong, and not the receiver
	time.Sleep(7 * time.Hour)
	w.stop()
	r.acceptedOnce(t, slices.DeleteFunc(slices.Clone(w.events), func(id string) bool { return bad[id] }))
	if d := w.destination("ats"); d.Dead != int64(len(bad)) || d.Delivered != int64(len(w.events)-len(bad)) {
		t.Errorf("%d dead, %d delivered, want %d dead and the rest delivered", d.Dead, d.Delivered, len(bad))
	}
	if state := w.destination("ats").State; state != store.Active || strings.Contains(w.log.String(), "destination is down") {
		t.Errorf("the destination is %s; the log says that it is down: %v", state, strings.Contains(w.log.String(), "destination is down"))
	}
	if len(bad) == 0 {
		t.Error("no event was bad: this run proved nothing")
	}
}

// TestABadEventWithNothingToCompareItWith is neither given up nor the end of its destination: it is tried on until another event is accepted.
func TestABadEventWithNothingToCompareItWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bad = "seekAnz:event:events:3"
		r := &receiver{answer: func(ids []string) (int, string) {
			if slices.Contains(ids, bad) {
				return 400, ""
			}
			return 200, ""
		}}
		w := newWorld(t, r.webhook(t, "ats"))
		w.save(2)
		w.start()
		time.Sleep(time.Hour)
		w.save(1)
		time.Sleep(24 * time.Hour)
		if got := w.states("ats"); got["retrying"] != 1 || w.destination("ats").State != store.Active {
			t.Errorf("alone for a day: %v, destination %s", got, w.destination("ats").State)
		}
		w.save(1)
		time.Sleep(7 * time.Hour)
		if got := w.states("ats"); got["dead"] != 1 || got["delivered"] != 3 {
			t.Errorf("after another was accepted: %v, want it dead", got)
		}
	})
}

// TestABadFewInARowAfterALongQuiet: three events in a row that are wrong, and nothing else, neither park the destination nor stop what comes after.
func TestABadFewInARowAfterALongQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := map[string]bool{}
		r := &receiver{answer: func(ids []string) (int, string) {
			if slices.ContainsFunc(ids, func(id string) bool { return bad[id] }) {
				return 422, ""
			}
			return 200, ""
		}}
		d := r.webhook(t, "ats")
		d.Batch = 1
		w := newWorld(t, d)
		w.save(5)
		w.start()
		time.Sleep(24 * time.Hour)
		r.change(func() {
			for n := 6; n <= 8; n++ {
				bad[fmt.Sprintf("seekAnz:event:events:%d", n)] = true
			}
		})
		w.save(3)
		time.Sleep(3 * time.Second)
		w.save(5)
		time.Sleep(10 * time.Minute)
		if got := w.states("ats"); got["dead"] != 3 || got["delivered"] != 10 {
			t.Errorf("got %v, want the three dead and ten delivered", got)
		}
	})
}

// TestTheLogSaysWhyASendFailed in our own words where there was no answer, and by its status where there was one.
func TestTheLogSaysWhyASendFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		missing, err := outbox.NewDirectory(outbox.DirectoryConfig{Name: "spool", Path: "/nowhere/spool"})
		if err != nil {
			t.Fatal(err)
		}
		r := &receiver{answer: always(500)}
		w := newWorld(t, outbox.Destination{Name: "spool", Kind: "directory", Sender: missing}, r.webhook(t, "ats"))
		w.save(1)
		w.start()
		time.Sleep(time.Minute)
		w.stop()
		for _, want := range []string{"no such file or directory", `"status":500`} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("the log does not say %s:\n%s", want, w.log.String())
			}
		}
	})
}
