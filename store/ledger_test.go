package store_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// TestSentSince counts those of the time, also where the clock was an hour behind for one of them, and reads no further back than it must.
func TestSentSince(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	begun := w.clock.wall
	for _, hours := range []int{0, 10, 10, 40, 10, -1, 2, 3} {
		w.clock.pass(time.Duration(hours) * time.Hour)
		w.clock.boot += 3 * time.Hour
		w.fetch(c.ID, w.clock.wall.String(), true)
	}
	for hours, want := range map[int]int{0: 8, 15: 6, 61: 4, 70: 3, 74: 1, 75: 0} {
		got, err := w.s.SentSince(context.Background(), begun.Add(time.Duration(hours)*time.Hour), 100)
		w.must(err)
		if got != want {
			t.Errorf("after %d hours: %d, want %d", hours, got, want)
		}
	}
	if got, err := w.s.SentSince(context.Background(), begun, 2); err != nil || got != 2 {
		t.Errorf("among the newest two: %d %v", got, err)
	}
	_, reader := w.s.Pools()
	plan := planOf(t, reader, store.SentSince, "", 1, "")
	if !strings.Contains(plan, "USING INTEGER PRIMARY KEY (rowid>?)") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("they are counted so:\n%s", plan)
	}
}
