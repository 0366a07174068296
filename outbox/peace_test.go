package outbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

// TestTheLongestPeaceOutlastsAFailureBesideIt: the receiver asks to be left alone for as long as it may, and fails another request in the same moment.
func TestTheLongestPeaceOutlastsAFailureBesideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &receiver{took: 100*time.Millisecond + 300*time.Microsecond} // the store keeps milliseconds
		d := r.webhook(t, "ats")
		d.Batch = 1
		w := newWorld(t, d)
		w.save(20)
		r.answer = func([]string) (int, string) {
			if len(r.requests) == 0 {
				return 429, "86400"
			}
			return 503, ""
		}
		w.start()
		time.Sleep(time.Second)
		asked := len(r.seen())
		time.Sleep(outbox.LongestRetryAfter - time.Second)
		if n := len(r.seen()); n != asked {
			t.Errorf("%d requests within the day, want the %d of its first second", n, asked)
		}
		r.change(func() { r.answer = nil })
		time.Sleep(time.Hour)
		w.stop()
		r.acceptedOnce(t, w.events)
	})
}
