package poller_test

import (
	"errors"
	"os"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// TestProcessesShareOneSlot: two on one database are no faster than one, and hardly slower; each page is saved once.
func TestProcessesShareOneSlot(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.shared = true
		w.seek.Add(5000)
		first, second := w.start(), w.start()
		time.Sleep(30 * time.Minute)
		first.stop()
		second.stop()
		sessions := map[string]int{}
		for _, q := range w.seek.Queries() {
			sessions[q.SessionID]++
		}
		if len(sessions) != 2 {
			t.Errorf("queries by session: %v; both must have had a turn", sessions)
		}
		if got := len(w.seek.Queries()); got != 30 {
			t.Errorf("%d queries in half an hour, want one a minute", got)
		}
		w.stored(3000)
	})
}

// TestSlotOfADeadProcess: an open row counts as if its query had lasted for its whole time-out, over a restart and a reboot.
func TestSlotOfADeadProcess(t *testing.T) {
	for _, way := range []string{"restart", "reboot"} {
		t.Run(way, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.grace, w.open = 0, 1
				w.seek.Add(5)
				w.faults("hang", 1)
				w.live(5 * time.Second)
				want := "1m30.2s"
				if way == "reboot" {
					w.reboot()
					want = "1m35.2s"
				}
				w.live(5 * time.Minute)
				w.asked("0s", want)
				w.stored(5)
			})
		})
	}
}

// TestDailySchedule: a tick is kept over restarts and made good if nobody was there; a stream that had it is not asked again.
func TestDailySchedule(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Schedule = schedule(t, "0 3 * * *")
		w.live(time.Hour)
		if next := w.cursor("all").NextQueryAt; !next.Equal(w.begin.Add(3 * time.Hour)) {
			t.Errorf("the row foresees %v", next)
		}
		w.live(119 * time.Minute) // until 02:59
		time.Sleep(11 * time.Minute)
		w.live(5 * time.Hour) // from 03:10
		for range 10 {
			w.live(100 * time.Minute)
		}
		w.live(5 * time.Hour)
		w.asked("0s", "3h10m0s", "27h0m0s")
	})
}

// TestTickWhileTheMachineWasOff: it is made good once the quiet period is proven over.
func TestTickWhileTheMachineWasOff(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Schedule = schedule(t, "0 3 * * *")
		w.live(time.Hour)
		time.Sleep(3 * time.Hour)
		w.reboot()
		w.live(20 * time.Hour)
		w.asked("0s", "4h15m3s")
	})
}

// TestTicksInTheQuietPeriodCount: a schedule denser than the quiet period asks whenever that ends; a sparser one when it ticks.
func TestTicksInTheQuietPeriodCount(t *testing.T) {
	for spec, want := range map[string][]string{
		"* * * * *":    {"0s", "15m3s", "30m6s", "45m9s"},
		"*/10 * * * *": {"0s", "15m3s", "30m6s", "45m9s"},
		"*/20 * * * *": {"0s", "20m0s", "40m0s"},
	} {
		t.Run(spec, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.streams[0].Schedule = schedule(t, spec)
				w.live(time.Minute)
				w.live(49 * time.Minute)
				w.asked(want...)
			})
		})
	}
}

// TestClockSetForward: cron's timers do not notice, the loop does, within the quiet period.
func TestClockSetForward(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.streams[0].Schedule = schedule(t, "0 3 * * *")
		l := w.start()
		time.Sleep(time.Hour + 5*time.Minute)
		w.wallOff.Store(int64(2*time.Hour + 30*time.Minute))
		time.Sleep(time.Hour)
		l.stop()
		if got := w.seek.Queries(); len(got) != 2 || got[1].Arrived.Sub(w.begin) > 81*time.Minute {
			t.Errorf("queries %+v, want a second one within a quarter of an hour", got)
		}
	})
}

// TestTheGateOutlivesTheLedger: the minute holds inside the process even if the ledger forgets it, also where it began before the process.
func TestTheGateOutlivesTheLedger(t *testing.T) {
	for _, way := range []string{"running", "restart"} {
		t.Run(way, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.streams[0].Schedule = schedule(t, "* * * * *") // a tick wakes the loop at 1m0s
				w.seek.Add(250)
				time.Sleep(40 * time.Second)
				l := w.start()
				time.Sleep(5 * time.Second)
				if way == "restart" {
					l.stop()
					l = w.start()
				}
				time.Sleep(5 * time.Second)
				w.exec("UPDATE queries SET ended_boot_ms = 0, sent_boot_ms = 0")
				time.Sleep(3 * time.Minute)
				l.stop()
				w.asked("40s", "1m40.2s", "2m40.4s")
			})
		})
	}
}

// TestReplacedFileEndsTheRun: a database that is not the one we opened gets no query.
func TestReplacedFileEndsTheRun(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(250)
		l := w.start()
		time.Sleep(10 * time.Second)
		w.must(os.Rename(w.path, w.path+".moved"))
		if err := l.ends(); !errors.Is(err, store.ErrFileReplaced) {
			t.Errorf("run ended with %v", err)
		}
		w.asked("0s")
		w.must(os.Rename(w.path+".moved", w.path))
	})
}
