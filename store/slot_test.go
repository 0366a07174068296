package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"seekpoller/store"
)

// soon is what TakeSlot says, and what SlotWait must say too.
func (w *world) soon(cursor int64) time.Duration {
	w.t.Helper()
	wait, err := w.s.SlotWait(context.Background(), interval, w.clock.now())
	w.must(err)
	before := w.dump()
	_, err = w.s.TakeSlot(context.Background(), w.ask(cursor), w.clock.now())
	var soon *store.TooSoonError
	switch {
	case errors.As(err, &soon):
		if soon.Wait != wait {
			w.t.Errorf("TakeSlot says %v, SlotWait %v", soon.Wait, wait)
		}
		if w.dump() != before {
			w.t.Error("a refused slot left something")
		}
		return soon.Wait
	case err != nil:
		w.t.Fatal(err)
	case wait != 0:
		w.t.Errorf("granted, although SlotWait says %v", wait)
	}
	return 0
}

// How a first query ends, what happens then, and how long the next one waits.
func TestSlot(t *testing.T) {
	answer := func(w *world, q store.Query) {
		w.save(q, store.Page{Position: "p", State: store.CaughtUp})
	}
	throttled := func(after time.Duration) func(*world, store.Query) {
		return func(w *world, q store.Query) {
			w.clock.pass(time.Second)
			w.must(w.s.Fail(context.Background(), q, store.Failure{Kind: "throttled", Message: "later", RetryAfter: after}, w.clock.now()))
		}
	}
	die := func(*world, store.Query) {}
	pass := func(d time.Duration) func(*world) { return func(w *world) { w.clock.pass(d) } }
	step := func(d time.Duration) func(*world) { return func(w *world) { w.clock.wall = w.clock.wall.Add(d) } }
	reboot := func(down, up time.Duration) func(*world) {
		return func(w *world) {
			w.clock.wall, w.clock.boot, w.clock.id = w.clock.wall.Add(down), 20*time.Second, "boot-2"
			w.restart()
			w.clock.pass(up)
		}
	}
	for _, c := range []struct {
		name string
		end  func(*world, store.Query)
		then func(*world)
		want time.Duration
	}{
		{"at once", answer, pass(0), time.Minute},
		{"counted from the end", answer, pass(59999 * time.Millisecond), time.Millisecond},
		{"a part of a millisecond short", answer, pass(time.Minute - time.Nanosecond), time.Millisecond},
		{"ended within a millisecond", func(w *world, q store.Query) { w.clock.pass(time.Nanosecond); answer(w, q) }, pass(time.Minute - time.Nanosecond), time.Millisecond},
		{"free", answer, pass(time.Minute), 0},
		{"restart forgets nothing", answer, func(w *world) { w.restart(); w.clock.pass(10 * time.Second) }, 50 * time.Second},
		{"wall clock forward", answer, step(time.Hour), time.Minute},
		{"wall clock back", answer, func(w *world) { step(-10 * 365 * 24 * time.Hour)(w); w.clock.boot += time.Minute }, 0},
		{"died in between", die, pass(0), 90 * time.Second},
		{"died in between, nearly over", die, pass(89 * time.Second), time.Second},
		{"died in between, over", die, pass(90 * time.Second), 0},
		{"retry after", throttled(5 * time.Minute), pass(time.Minute), 4 * time.Minute},
		{"retry after is over", throttled(5 * time.Minute), pass(5 * time.Minute), 0},
		{"retry after less than the interval", throttled(time.Second), pass(2 * time.Second), 58 * time.Second},
		{"negative retry after", throttled(-time.Hour), pass(0), time.Minute},
		{"reboot", answer, reboot(24*time.Hour, 0), time.Minute},
		{"reboot, a while ago", answer, reboot(0, 40*time.Second), 20 * time.Second},
		{"reboot, long ago", answer, reboot(0, time.Minute), 0},
		{"died and rebooted", die, reboot(24*time.Hour, 30*time.Second), time.Minute},
		{"died and rebooted, long ago", die, reboot(0, 90*time.Second), 0},
		{"retry after and reboot", throttled(10 * time.Minute), reboot(time.Hour, time.Minute), 9 * time.Minute},
		{"another process read the clock after us", answer, func(w *world) { w.clock.boot -= 10 * time.Second }, time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			cursor := w.live("applications")
			if wait := w.firstWait(); wait != 0 {
				t.Fatalf("the first query ever waits %v", wait)
			}
			c.end(w, w.take(cursor.ID))
			c.then(w)
			if got := w.soon(cursor.ID); got != c.want {
				t.Errorf("waits %v, want %v", got, c.want)
			}
			w.check()
		})
	}
}

func (w *world) firstWait() time.Duration {
	w.t.Helper()
	wait, err := w.s.SlotWait(context.Background(), interval, w.clock.now())
	w.must(err)
	return wait
}

// A Retry-After binds everyone, also after queries of others that were on their way.
func TestRetryAfterOfAnEarlierRowBinds(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	early := w.take(c.ID)
	w.must(w.s.Fail(context.Background(), early, store.Failure{Kind: "throttled", Message: "later", RetryAfter: time.Hour}, w.clock.now()))
	w.exec(`INSERT INTO queries (cursor_id, sent_at, request_id, selection, first, interval_ms, timeout_ms, sent_boot_ms, ended_at, outcome, ended_boot_ms, boot_id, started_boot_ms)
		SELECT cursor_id, sent_at, 'other', selection, first, interval_ms, timeout_ms, sent_boot_ms, ended_at, 'transient', ended_boot_ms, boot_id, started_boot_ms FROM queries`)
	w.clock.pass(30 * time.Minute)
	if got := w.soon(c.ID); got != 30*time.Minute {
		t.Errorf("waits %v", got)
	}
}

// The view that must be empty is not empty where it must not be.
func TestHurriesAndGapsAreFound(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, event(1))
	w.fetch(c.ID, "p2", true, event(2))
	w.check()
	for name, damage := range map[string]struct{ do, undo, view string }{
		"hurry":             {"UPDATE queries SET sent_boot_ms = sent_boot_ms - 1 WHERE id = 2", "UPDATE queries SET sent_boot_ms = sent_boot_ms + 1 WHERE id = 2", "hurries"},
		"hurry after a lie": {"UPDATE queries SET ended_boot_ms = NULL WHERE id = 1", "UPDATE queries SET ended_boot_ms = sent_boot_ms + 1000 WHERE id = 1", "hurries"},
		"hurry over a boot": {"UPDATE queries SET boot_id = 'x', started_boot_ms = sent_boot_ms - 59999 WHERE id = 2", "UPDATE queries SET boot_id = 'boot-1' WHERE id = 2", "hurries"},
		"gap in the chain":  {"UPDATE queries SET cursor_before = 'p0' WHERE id = 2", "UPDATE queries SET cursor_before = 'p1' WHERE id = 2", "gaps"},
		"gap at the start":  {"UPDATE queries SET cursor_before = 'p0' WHERE id = 1", "UPDATE queries SET cursor_before = NULL WHERE id = 1", "gaps"},
		"gap at the end":    {"UPDATE cursors SET position = 'p9'", "UPDATE cursors SET position = 'p2'", "gaps"},
	} {
		w.exec(damage.do)
		if n := w.count("SELECT count(*) FROM " + damage.view); n != 1 {
			t.Errorf("%s: %d rows in %s", name, n, damage.view)
		}
		w.exec(damage.undo)
	}
}

func TestFailureKeepsPlaceAndState(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	w.fetch(c.ID, "p1", true, event(1))
	for n := 1; n <= 2; n++ {
		q := w.take(c.ID)
		w.clock.pass(time.Second)
		f := store.Failure{Kind: "transient", Message: "bad gateway", Status: 502, Wait: 2*time.Minute + time.Microsecond, NextQueryAt: w.clock.wall.Add(time.Hour + time.Microsecond)}
		w.must(w.s.Fail(context.Background(), q, f, w.clock.now()))
		cursors, err := w.s.OpenCursors(context.Background())
		w.must(err)
		got := cursors[0]
		if got.Position != "p1" || got.State != store.Behind || got.Failures != n || got.LastErrorKind != "transient" || got.LastError != "bad gateway" {
			t.Errorf("after failure %d: %+v", n, got)
		}
		if got.Wait != 2*time.Minute+time.Millisecond || got.WaitFrom != w.clock.now() || !got.NextQueryAt.Equal(w.clock.wall.Add(time.Hour+time.Millisecond)) {
			t.Errorf("waits %v from %v, next %v", got.Wait, got.WaitFrom, got.NextQueryAt)
		}
	}
	w.must(w.s.Hold(context.Background(), []int64{c.ID}, store.Failure{Kind: "unauthorized", Message: "no token", Wait: time.Minute}, w.clock.now()))
	cursors, err := w.s.OpenCursors(context.Background())
	w.must(err)
	if got := cursors[0]; got.Failures != 2 || got.LastErrorKind != "unauthorized" || got.Wait != time.Minute {
		t.Errorf("held: %+v", got)
	}
	if n := w.count("SELECT count(*) FROM queries"); n != 3 {
		t.Errorf("%d queries", n)
	}
	w.fetch(c.ID, "p2", false)
	cursors, err = w.s.OpenCursors(context.Background())
	w.must(err)
	if got := cursors[0]; got.Failures != 0 || got.LastError != "" || got.LastErrorKind != "" || !got.LastErrorAt.IsZero() {
		t.Errorf("healed: %+v", got)
	}
	w.check()
}
