package poller_test

import (
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// inSuspendableBubble is inBubble with a SEEK whose clock goes on while our machine is suspended.
func inSuspendableBubble(t *testing.T, o simulator.Options, law func(w *world)) {
	t.Helper()
	slept := new(atomic.Int64)
	o.Now = func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
	inBubble(t, o, func(w *world) {
		w.slept = slept
		law(w)
	})
}

// TestSuspendedMachineAsksOnce: eight hours of suspend are 32 ticks, and one query. No timer of the process noticed the time.
func TestSuspendedMachineAsksOnce(t *testing.T) {
	inSuspendableBubble(t, simulator.Options{Plain: true}, func(w *world) {
		l := w.start()
		time.Sleep(20 * time.Minute)
		w.slept.Add(int64(8 * time.Hour))
		w.seek.Add(5)
		time.Sleep(20 * time.Minute)
		l.stop()
		w.asked("0s", "15m3s", "8h30m0s") // it wakes up to look every quarter of an hour of its own
		w.stored(5)
	})
}

// TestOversleptSlotIsNotUsed: the machine stood still between the slot and its query, for so long that a restart would count the slot as
// over. The query is not sent, or one after it could come within the minute.
func TestOversleptSlotIsNotUsed(t *testing.T) {
	for name, pause := range map[string]time.Duration{"two minutes": 2 * time.Minute, "a night": 8 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inSuspendableBubble(t, simulator.Options{Plain: true, PageLatency: func(int) time.Duration { return 5 * time.Second }}, func(w *world) {
				w.grace, w.unsent = 0, 1
				w.seek.Add(250)
				dials := 0 // token, query, query
				w.onDial = func() {
					if dials++; dials == 3 {
						w.slept.Add(int64(pause))
					}
				}
				w.live(time.Minute + 7*time.Second) // ends while an answer would be under way
				w.live(5 * time.Minute)
				first := w.seek.Queries()[1].Arrived.Sub(w.begin)
				if want := 2*time.Minute + 5*time.Second + pause; first < want || first > want+time.Minute {
					t.Errorf("after the pause SEEK was first asked at %v, want a minute after %v", first, want-time.Minute)
				}
				w.outcomes("answered", "transient", "answered", "answered")
				if n := w.count("SELECT count(*) FROM queries WHERE error LIKE '%stood still%'"); n != 1 {
					t.Errorf("%d queries are said not to have been sent because the machine stood still, want 1", n)
				}
				w.stored(250)
			})
		})
	}
}

// TestClockThatWasSetDelaysNoQuery: cron's timers do not know that the clock was set, so the loop itself must know when the next tick is, by the clock as it is now.
func TestClockThatWasSetDelaysNoQuery(t *testing.T) {
	for name, off := range map[string]time.Duration{"back": -2 * time.Minute, "back by hours": -3*time.Hour - 2*time.Minute, "ahead": 13 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.wallOff.Store(int64(off)) // cron's tick is at 15:00, the machine's at 17:00
				time.Sleep(5 * time.Minute)
				w.live(40 * time.Minute)
				w.asked("5m0s", "20m3s", "35m6s")
			})
		})
	}
}

// TestBootWithoutAClock: a machine that believes to be in 1970 until somebody tells it the time asks neither too early nor never.
func TestBootWithoutAClock(t *testing.T) {
	for name, corrected := range map[string]time.Duration{"told soon": 3 * time.Minute, "told in the quiet period": 20 * time.Minute, "told late": 2 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				now := time.Date(2026, 5, 1, 9, 0, 0, 0, time.UTC).Sub(w.begin)
				w.wallOff.Store(int64(now))
				w.live(5 * time.Minute)
				w.reboot()
				w.wallOff.Store(int64(time.Until(time.Unix(10, 0))))
				w.seek.Add(20)
				l := w.start()
				time.Sleep(corrected)
				w.wallOff.Store(int64(now))
				time.Sleep(31 * time.Minute)
				l.stop()
				w.stored(20)
				if c := w.cursor("all"); c.CaughtUpAt.Year() != 2026 {
					t.Errorf("told the time, the row still says %v", c.CaughtUpAt)
				}
			})
		})
	}
}

// TestCalendar: schedules are UTC and follow it: over a change of summer time wherever the machine stands, a leap second, a leap day, the end
// of 32 bits.
func TestCalendar(t *testing.T) {
	local := time.Local
	defer func() { time.Local = local }()
	for name, start := range map[string]string{
		"summer time ends":       "2026-04-04T10:00:00Z",
		"summer time begins":     "2026-10-03T10:00:00Z",
		"a leap second":          "2016-12-31T12:00:00Z",
		"a leap day":             "2028-02-28T12:00:00Z",
		"a leap day that is not": "2100-02-28T12:00:00Z",
		"the end of 32 bits":     "2038-01-18T12:00:00Z",
	} {
		for _, zone := range []string{"UTC", "Australia/Sydney", "Pacific/Kiritimati"} {
			t.Run(name+" "+zone, func(t *testing.T) {
				var err error
				if time.Local, err = time.LoadLocation(zone); err != nil {
					t.Fatal(err)
				}
				from, err := time.Parse(time.RFC3339, start)
				if err != nil {
					t.Fatal(err)
				}
				inBubble(t, simulator.Options{Plain: true}, func(w *world) { w.asksDaily(from) })
			})
		}
	}
}

// asksDaily holds that a stream is asked once a day, at its time.
func (w *world) asksDaily(from time.Time) {
	w.streams[0].Schedule = schedule(w.t, "30 2 * * *")
	off := from.Sub(w.begin)
	w.wallOff.Store(int64(off))
	w.live(49 * time.Hour)
	queries := w.seek.Queries()
	if len(queries) != 3 {
		w.t.Fatalf("%d queries, want the first and two more", len(queries))
	}
	for _, q := range queries[1:] {
		at := q.Arrived.Add(off).UTC()
		tick := time.Date(at.Year(), at.Month(), at.Day(), 2, 30, 0, 0, time.UTC)
		if late := at.Sub(tick); late < 0 || late > quiet {
			w.t.Errorf("asked at %v, want it soon after %v", at, tick)
		}
	}
}

// TestLoadedMachineIsLateAndNeverEarly: whatever the poller hears, it hears late, by up to twenty seconds.
func TestLoadedMachineIsLateAndNeverEarly(t *testing.T) {
	for seed := range uint64(5) {
		inBubble(t, simulator.Options{Plain: true, PageLatency: func(n int) time.Duration { return time.Duration(n%7) * time.Second }}, func(w *world) {
			w.late = true
			w.seek.Add(950)
			dice := rand.New(rand.NewPCG(seed, 0))
			w.onClock = func() { time.Sleep(time.Duration(dice.IntN(20_000)) * time.Millisecond) }
			w.live(2 * time.Hour)
			w.stored(950)
			if got := w.seek.Report().Checked; got["spacing"] < 10 || got["quiet"] < 2 {
				t.Errorf("laws tested: %v", got)
			}
		})
	}
}

// TestSlowWayThere: a query that is long on its way and one that is not arrive a minute apart all the same.
func TestSlowWayThere(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(2000)
		dice := rand.New(rand.NewPCG(1, 0))
		w.onDial = func() { time.Sleep(time.Duration(dice.IntN(25_000)) * time.Millisecond) }
		w.live(2 * time.Hour)
		w.stored(2000)
	})
}

// TestCrashLoop: a thousand lives of a second or so, each ended in the middle of whatever it does, are no faster than one.
func TestCrashLoop(t *testing.T) {
	lives := 1000
	if testing.Short() {
		lives = 100
	}
	inBubble(t, simulator.Options{Plain: true, PageLatency: func(int) time.Duration { return 700 * time.Millisecond }}, func(w *world) {
		w.grace = 0
		w.seek.Add(5000)
		dice := rand.New(rand.NewPCG(1, 0))
		for range lives {
			w.live(time.Duration(dice.IntN(1600)) * time.Millisecond)
			time.Sleep(100 * time.Millisecond) // as systemd waits
		}
		w.open = w.count("SELECT count(*) FROM queries WHERE ended_at IS NULL")
		if got := len(w.seek.Queries()); got < lives/110 || w.open == 0 {
			t.Errorf("%d queries, %d of them cut off, in %v", got, w.open, time.Since(w.begin))
		}
	})
}

// TestDatabaseOnAnotherMachine: whatever its clocks say, nothing is proven there but the time since the start. A last page is honoured for
// its full quarter of an hour, a query for its full minute.
func TestDatabaseOnAnotherMachine(t *testing.T) {
	for name, up := range map[string]time.Duration{"just booted": 0, "up for a year": 365 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(150)
				w.live(30 * time.Second)
				w.reboot()
				w.bootID, w.booted = "another machine", time.Now().Add(-up)
				w.live(5 * time.Minute)
				w.bootID, w.booted = "a third", time.Now().Add(-up)
				w.live(30 * time.Minute)
				w.asked("0s", "1m30.2s", "20m33s")
				w.says("all", store.CaughtUp, "", "")
			})
		})
	}
}
