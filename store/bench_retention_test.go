package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"seekpoller/store"
)

// BenchmarkRetention removes old events, a million or as many as RETENTION_EVENTS says, while a page is saved every 10 ms and deliveries are
// claimed and settled without end. It says how long it took to save a page, from the call to the commit, without retention and beside it.
//
//	go test ./store -run NONE -bench BenchmarkRetention -benchtime 1x -timeout 60m
func BenchmarkRetention(b *testing.B) {
	total := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("RETENTION_EVENTS")); err == nil {
		total = n
	}
	for b.Loop() {
		w := newWorld(b)
		w.destinations("ats")
		c := w.live("applications")
		b.StopTimer()
		w.stockOld(c.ID, total)
		pages := total / perPage
		alone := w.saveEvery10ms(c.ID, pages, func() { time.Sleep(20 * time.Second) })
		b.StartTimer()
		var cleared store.Cleared
		begun := time.Now()
		beside := w.saveEvery10ms(c.ID, pages+100_000, func() {
			for _, r := range []store.Retention{{Payloads: 90 * 24 * time.Hour}, {Records: 100 * 24 * time.Hour}} {
				u := w.s.NewUpkeep(r, w.clock.wall, time.Now)
				w.keepUp(u)
				b.Logf("%+v: %+v after %v", r, u.Cleared, time.Since(begun).Round(time.Second))
				cleared.Events += u.Cleared.Events
			}
		})
		if cleared.Events != int64(pages*perPage) {
			b.Errorf("%d events removed of %d", cleared.Events, total)
		}
		report(b, "without retention", alone)
		report(b, "beside retention", beside)
		b.ReportMetric(float64(quantile(beside, 0.99).Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(quantile(alone, 0.99).Microseconds())/1000, "p99-alone-ms")
	}
}

// stockOld saves settled events of a year ago, in pages without waiting for their slots.
func (w *world) stockOld(cursor int64, total int) {
	w.t.Helper()
	now := w.clock.wall
	w.clock.wall = now.Add(-365 * 24 * time.Hour)
	for n := range total / perPage {
		page := pageOf(n)
		for i := range page {
			page[i].CreatedAt, page[i].StreamedAt = w.clock.wall, w.clock.wall
		}
		w.fetch(cursor, fmt.Sprint("p", n), true, page...)
		for range perPage / 50 {
			w.deliver("ats", 50)
		}
		w.clock.wall = now.Add(-365 * 24 * time.Hour)
	}
	w.clock.wall = now
}

// keepUp is what the daemon does: it rests as long as each step took.
func (w *world) keepUp(u *store.Upkeep) {
	for more := true; more; {
		var held time.Duration
		var err error
		more, held, err = u.Step(context.Background())
		w.must(err)
		time.Sleep(held)
	}
}

// saveEvery10ms saves pages, and claims and settles deliveries beside, until do returns. It says how long each page took.
func (w *world) saveEvery10ms(cursor int64, first int, do func()) []time.Duration {
	done := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Millisecond):
			}
			claimed, err := w.s.Claim(context.Background(), "ats", 32, lease, w.clock.wall)
			if err != nil {
				w.t.Error(err)
				return
			}
			var ss []store.Settlement
			for _, d := range claimed {
				ss = append(ss, w.result(d, store.Delivered))
			}
			if _, err := w.s.Settle(context.Background(), "ats", ss, w.clock.wall); err != nil {
				w.t.Error(err)
				return
			}
		}
	})
	var took []time.Duration
	beside.Go(func() {
		boot := w.clock.boot
		for n := first; ; n++ {
			select {
			case <-done:
				return
			case <-time.After(10 * time.Millisecond):
			}
			boot += 2 * time.Minute
			now := store.Instant{Wall: w.clock.wall, Boot: boot, BootID: w.clock.id}
			q, err := w.s.TakeSlot(context.Background(), store.Ask{CursorID: cursor, RequestID: "r", Selection: "ids", First: 100, Interval: interval, Timeout: timeout}, now)
			if err != nil {
				w.t.Error(err)
				return
			}
			page := store.Page{Events: pageOf(n), Position: fmt.Sprint("p", n), State: store.Behind, More: true}
			begun := time.Now()
			if _, err := w.s.SavePage(context.Background(), q, page, now); err != nil {
				w.t.Error(err)
				return
			}
			took = append(took, time.Since(begun))
			w.clock.boot = boot
		}
	})
	do()
	close(done)
	beside.Wait()
	return took
}

func quantile(took []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[int(q*float64(len(sorted)-1))]
}

func report(b *testing.B, what string, took []time.Duration) {
	b.Logf("%s: %d pages saved; p50 %v, p99 %v, p99.9 %v, longest %v", what, len(took), quantile(took, 0.5), quantile(took, 0.99), quantile(took, 0.999), quantile(took, 1))
}
