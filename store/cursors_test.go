package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/store"
)

func TestElapsed(t *testing.T) {
	at := func(boot time.Duration, id string) store.Instant { return store.Instant{Boot: boot, BootID: id} }
	for _, c := range []struct {
		name             string
		from, now, start store.Instant
		want             time.Duration
	}{
		{"one boot", at(5, "a"), at(8, "a"), at(1, "a"), 3},
		{"never negative", at(8, "a"), at(5, "a"), at(1, "a"), 0},
		{"other boot", at(5, "a"), at(8, "b"), at(6, "b"), 2},
		{"no boot id", at(5, ""), at(8, ""), at(1, ""), 0},
		{"nothing to go by", at(5, "a"), at(8, "b"), at(1, "c"), 0},
		{"never recorded", store.Instant{}, at(8, "b"), at(6, "b"), 2},
	} {
		if got := c.from.Elapsed(c.now, c.start); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
	a, b := store.ReadClock(), store.ReadClock()
	if a.BootID == "" || a.BootID != b.BootID || b.Boot < a.Boot || a.Wall.Location() != time.UTC {
		t.Errorf("real clocks: %+v then %+v", a, b)
	}
}

func TestCircleIsSeen(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	seen := func(position string) bool {
		t.Helper()
		seen, err := w.s.SeenPosition(context.Background(), c.ID, position)
		w.must(err)
		return seen
	}
	w.fetch(c.ID, "a", true, event(1))
	w.fetch(c.ID, "b", true, event(2))
	for position, want := range map[string]bool{"a": true, "b": false, "c": false} {
		if got := seen(position); got != want {
			t.Errorf("%s: seen %v", position, got)
		}
	}
	w.fetch(c.ID, "c", false, event(3))
	if !seen("a") || !seen("b") || seen("c") {
		t.Error("what lies before a last page is forgotten")
	}
}

func TestEnsureLive(t *testing.T) {
	w := newWorld(t)
	since := w.clock.wall.Add(-5 * time.Minute)
	n := store.NewCursor{Stream: "applications", Fingerprint: "f1", Since: since}
	c, created, err := w.s.EnsureLive(context.Background(), n, w.clock.now())
	w.must(err)
	if !created || c.State != store.New || !c.Since.Equal(since) {
		t.Errorf("created %v: %+v", created, c)
	}
	w.clock.pass(time.Hour)
	n.Since = w.clock.wall
	again, created, err := w.s.EnsureLive(context.Background(), n, w.clock.now())
	w.must(err)
	if created || again.ID != c.ID || !again.Since.Equal(since) {
		t.Errorf("again: created %v: %+v", created, again)
	}
	n.Fingerprint = "f2"
	_, _, err = w.s.EnsureLive(context.Background(), n, w.clock.now())
	var other *store.FingerprintError
	if !errors.As(err, &other) || *other != (store.FingerprintError{Stream: "applications", Was: "f1", Is: "f2", From: since.Add(time.Millisecond), Database: w.path}) {
		t.Errorf("another fingerprint: %v", err)
	}
}

// The store lives in fake time: nothing of it waits for the real clock.
func TestInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.destinations("ats")
		c := w.live("applications")
		for i := range 10 {
			w.fetch(c.ID, "p"+string(rune('a'+i)), true, event(i, "ats"))
			time.Sleep(time.Minute)
		}
		w.deliver("ats", 10)
		w.check()
		w.restart()
	})
}
