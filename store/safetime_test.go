package store_test

import (
	"testing"
	"time"

	"seekpoller/store"
)

// TestSafeTime: the latest time from which a stream can begin anew without a gap.
func TestSafeTime(t *testing.T) {
	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		cursor store.Cursor
		want   time.Time
	}{
		"its newest event":               {store.Cursor{LastEventAt: noon, LastAnswerAt: noon.Add(time.Hour), CaughtUpAt: noon.Add(time.Hour)}, noon},
		"an event of the future":         {store.Cursor{LastEventAt: noon.Add(time.Hour), LastAnswerAt: noon}, noon.Add(-5 * time.Minute)},
		"complete without any event":     {store.Cursor{CaughtUpAt: noon, LastAnswerAt: noon, Since: noon.Add(-time.Hour)}, noon.Add(-5 * time.Minute)},
		"nothing came, begun at a time":  {store.Cursor{Since: noon, CreatedAt: noon.Add(time.Hour)}, noon.Add(time.Millisecond)},
		"nothing came, begun from first": {store.Cursor{CreatedAt: noon}, noon.Add(-90 * 24 * time.Hour)},
	} {
		if got := c.cursor.SafeTime(); !got.Equal(c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// TestDeliveryMarks: what a mark is written as is read as the same, and nothing else is one.
func TestDeliveryMarks(t *testing.T) {
	for _, m := range []store.DeliveryMark{{}, {Seq: 1, Destination: "ats"}, {Seq: 2065, Destination: "a/b"}} {
		if got, err := store.ParseDeliveryMark(m.String()); err != nil || got != m {
			t.Errorf("%q is read as %+v, %v; want %+v", m, got, err, m)
		}
	}
	for _, text := range []string{"ats", "5", "0/ats", "-1/ats", "x/ats", "/ats", "99999999999999999999/ats"} {
		if got, err := store.ParseDeliveryMark(text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
