package poller_test

import (
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"seekpoller/poller"
	"seekpoller/store"
)

const (
	minute = time.Minute
	quiet  = 15 * time.Minute
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// at is the machine's clocks d after noon, in its first boot, which was at eleven.
func at(d time.Duration) store.Instant {
	return store.Instant{Wall: noon.Add(d), Boot: time.Hour + d, BootID: "first boot"}
}

// rebooted is the clocks d after noon, the machine having come up again at noon.
func rebooted(d time.Duration) store.Instant {
	return store.Instant{Wall: noon.Add(d), Boot: d, BootID: "second boot"}
}

func schedule(t *testing.T, spec string) cron.Schedule {
	t.Helper()
	s, err := cron.ParseStandard(spec)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// caughtUp is a cursor whose last page came at noon.
func caughtUp() store.Cursor {
	return store.Cursor{ID: 1, Kind: "live", State: store.CaughtUp, CaughtUpAt: noon, WaitFrom: at(0), Wait: quiet}
}

func with(c store.Cursor, change func(*store.Cursor)) store.Cursor {
	change(&c)
	return c
}

func TestDue(t *testing.T) {
	start := at(-time.Minute)
	tests := []struct {
		name     string
		cursor   store.Cursor
		schedule string
		now      store.Instant
		started  store.Instant
		want     time.Duration
	}{
		{"a new cursor is due at once", store.Cursor{Kind: "live", State: store.New}, "0 3 * * *", at(0), start, 0},
		{"more pages are due at once, whatever the schedule", with(caughtUp(), func(c *store.Cursor) { c.State, c.Wait = store.Behind, 0 }), "0 3 * * *", at(0), start, 0},
		{"caught up, no tick yet: only the schedule ends it", caughtUp(), "*/20 * * * *", at(16 * minute), start, 4 * minute},
		{"caught up, a tick inside the quiet period is remembered", caughtUp(), "*/10 * * * *", at(11 * minute), start, 4 * minute},
		{"caught up, tick and quiet period over", caughtUp(), "*/15 * * * *", at(15 * minute), start, 0},
		{"caught up, quiet period over but no tick", caughtUp(), "0 3 * * *", at(10 * time.Hour), start, 5 * time.Hour},
		{"a schedule without a day", caughtUp(), "0 3 30 2 *", at(10 * time.Hour), start, poller.Never},
		{"a daily tick", caughtUp(), "0 3 * * *", at(15 * time.Hour), start, 0},
		{"a tick at the very moment of catching up does not count again", caughtUp(), "0 12 * * *", at(time.Hour), start, 23 * time.Hour},
		{"a schedule denser than the quiet period is legal", caughtUp(), "* * * * *", at(5 * minute), start, 10 * minute},
		{"a failure waits its back-off, without a tick", with(caughtUp(), func(c *store.Cursor) { c.LastErrorKind, c.Wait = "transient", 2*minute }), "0 3 * * *", at(minute), start, minute},
		{"stuck waits without a tick", with(caughtUp(), func(c *store.Cursor) { c.State = store.Stuck }), "0 3 * * *", at(15 * minute), start, 0},
		{"a backfill knows no schedule", with(caughtUp(), func(c *store.Cursor) { c.Kind, c.State, c.Wait = "backfill", store.Behind, 0 }), "0 3 * * *", at(0), start, 0},

		{"clock set forward an hour: the quiet period is not over", caughtUp(), "*/15 * * * *", store.Instant{Wall: noon.Add(time.Hour), Boot: time.Hour + minute, BootID: "first boot"}, start, 14 * minute},
		{"clock set back a year: due all the same", caughtUp(), "*/15 * * * *", store.Instant{Wall: noon.AddDate(-1, 0, 0), Boot: time.Hour + quiet, BootID: "first boot"}, start, 0},
		{"after a reboot the quiet period counts from our start", caughtUp(), "*/15 * * * *", rebooted(16 * minute), rebooted(10 * minute), 9 * minute},
		{"after a reboot with the clock a day ahead too", caughtUp(), "*/15 * * * *", rebooted(24 * time.Hour), rebooted(24*time.Hour - minute), 14 * minute},
		{"a tick while the machine was off is made good", caughtUp(), "0 3 * * *", rebooted(16*time.Hour + quiet), rebooted(16 * time.Hour), 0},
		{"after a reboot with the clock set back a year", caughtUp(), "*/15 * * * *", store.Instant{Wall: noon.AddDate(-1, 0, 0), Boot: quiet, BootID: "second boot"}, store.Instant{Wall: noon.AddDate(-1, 0, 0).Add(-quiet), BootID: "second boot"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stream := poller.Stream{Schedule: schedule(t, test.schedule)}
			if got := stream.DueIn(test.cursor, test.now, test.started); got != test.want {
				t.Errorf("due in %v, want %v", got, test.want)
			}
		})
	}
}

func TestBackoffStartsAtTheIntervalDoublesAndIsCapped(t *testing.T) {
	for _, jitter := range []float64{0, 0.5, 0.999} {
		p := poller.New(poller.Config{Interval: minute, Now: func() store.Instant { return at(0) }, Jitter: func() float64 { return jitter }})
		for n := 1; n < 100; n++ {
			got := p.Backoff(n)
			least := min(minute<<min(n-1, 4), 15*minute)
			if got < least || got > 15*minute || got > least+least/5 {
				t.Errorf("jitter %v: back-off %d is %v, want %v to a fifth more, at most 15m", jitter, n, got, least)
			}
			if n < 4 && got < least+time.Duration(jitter*float64(least)/6) {
				t.Errorf("jitter %v: back-off %d is %v, which is not spread", jitter, n, got)
			}
		}
	}
}
