package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/store"
)

// BenchmarkReplay replays a million events, to a new destination and to one that has had them all. Beside the time of each it says how long
// other writers had to wait. It is meant for -benchtime 1x.
func BenchmarkReplay(b *testing.B) {
	const events = 1_000_000
	w := newWorld(b)
	w.destinations("ats", "spool")
	c := w.live("applications")
	w.fetch(c.ID, "p", true, event(1, "ats"))
	w.exec(fmt.Sprintf(`
		WITH RECURSIVE n (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < %d)
		INSERT INTO events (id, stream, type, scheme, source, created_at, streamed_at, received_at, hirer_id, identifiers, query_id, node)
		SELECT printf('seekAnz:event:%%08d', n), stream, type, scheme, source, created_at, streamed_at, received_at, 'h' || n %% 50, json_object('candidateId', 'c' || n), query_id, node
		FROM events, n
		WHERE seq = 1`, events))
	w.exec("DELETE FROM outbox")
	w.exec("UPDATE destinations SET owed_now = 0")
	w.exec("INSERT INTO outbox (seq, destination, attempts, created_at, first_attempt_at, delivered_at) SELECT seq, 'ats', 1, received_at, received_at, received_at FROM events")
	for name, dest := range map[string]string{"new": "spool", "again": "ats"} {
		b.Run(name, func(b *testing.B) { replayAll(b, w, dest, events) })
	}
}

func replayAll(b *testing.B, w *world, dest string, events int64) {
	r := store.Replay{Destination: dest, Rate: 1000, Events: store.EventFilter{Type: event(1).Type}}
	begun := time.Now()
	seen, err := w.s.PreviewReplay(context.Background(), r)
	w.must(err)
	b.ReportMetric(time.Since(begun).Seconds(), "s/preview")
	waits := beside(b, w)
	begun = time.Now()
	burnt := cpu()
	a, err := w.s.Replay(context.Background(), w.deed("events replay"), r, time.Now)
	w.must(err)
	b.ReportMetric(time.Since(begun).Seconds(), "s/replay")
	b.ReportMetric((cpu() - burnt).Seconds(), "cpu-s/replay")
	all := waits()
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "ms/wait-p99")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "ms/wait-max")
	if a.Rows != seen.Rows() || a.Rows != events {
		b.Errorf("%d rows, the preview said %+v", a.Rows, seen)
	}
}

// cpu is what this process has used, which a busy machine does not change.
func cpu() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// beside writes something small again and again, and says how long each time took.
func beside(b *testing.B, w *world) (stop func() []time.Duration) {
	end, done := make(chan struct{}), make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for {
			select {
			case <-end:
				done <- all
				return
			case <-time.After(5 * time.Millisecond):
			}
			begun := time.Now()
			if err := w.s.HoldDestination(context.Background(), "ats", time.Time{}); err != nil {
				b.Error(err)
			}
			all = append(all, time.Since(begun))
		}
	}()
	return func() []time.Duration {
		close(end)
		return <-done
	}
}
