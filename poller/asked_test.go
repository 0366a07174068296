package poller_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
)

// TestExchangesAreTold: the figures of each query say what SEEK saw of it, and what the database has of it.
func TestExchangesAreTold(t *testing.T) {
	latency := func(n int) time.Duration { return time.Duration(n) * 4 * time.Second }
	inBubble(t, simulator.Options{Plain: true, PageLatency: latency}, func(w *world) {
		var told []poller.Exchange
		w.figures = func(x poller.Exchange) { told = append(told, x) }
		w.seek.Add(250)
		w.faults("hang", 2)
		w.live(time.Hour)
		queries := w.seek.Queries()
		if len(told) != len(queries) || len(told) < 5 {
			t.Fatalf("%d exchanges are told, and SEEK was asked %d times", len(told), len(queries))
		}
		for i, x := range told {
			if i > 0 {
				if want := queries[i].Arrived.Sub(queries[i-1].Arrived) - told[i-1].Took; x.Spacing != want {
					t.Errorf("exchange %d: spacing %v, want %v", i+1, x.Spacing, want)
				}
			} else if x.Spacing != 0 {
				t.Errorf("the first has a spacing of %v", x.Spacing)
			}
			events := 0
			for n := range maps.Values(x.Events) {
				events += n
			}
			if x.Stream != "all" || events != x.Fresh || (x.Events == nil) != (x.Outcome != "answered") || x.Waited < 0 || x.Took <= 0 {
				t.Errorf("exchange %d: %+v", i+1, x)
			}
		}
		fresh := 0
		for _, x := range told {
			fresh += x.Fresh
		}
		if fresh != 250 {
			t.Errorf("%d events are told to be new, want 250", fresh)
		}
		failed := slices.IndexFunc(told, func(x poller.Exchange) bool { return x.Outcome != "answered" })
		if failed < 0 || told[failed].Took != 30*time.Second {
			t.Errorf("the query that hung is not told, or not how long it took: %+v", told)
		}
	})
}
