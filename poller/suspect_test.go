package poller_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// TestOneEventSpoilsItsPage: wherever on its page the event is that SEEK cannot resolve, the stream is past it within 20 queries, and it
// alone is missing: every other event has its identifiers.
func TestOneEventSpoilsItsPage(t *testing.T) {
	for _, at := range []int{1, 2, 5, 6, 25, 26, 63, 99, 100} {
		t.Run(fmt.Sprint("event ", at, " of 100"), func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.destinations = typed("ats")
				w.seek.Add(100 + at - 1) // the first page is sound
				spoilt := w.seek.AddEvents(simulator.Spec{Type: "PositionProfilePosted", Unresolvable: "always"})[0]
				w.seek.Add(150)
				told := 0
				w.onLog = func(line string) {
					if strings.HasPrefix(line, "an event is missing") {
						told++
					}
				}
				w.live(40 * time.Minute)
				if told != 1 {
					t.Errorf("%d events are told to be missing, want 1", told)
				}
				past := 0
				for i, q := range w.seek.Queries() {
					if q.Selection == "places" {
						past = i // the first page was sound
					}
				}
				if past == 0 || past > 20 {
					t.Errorf("past the event after %d queries, want at most 20", past)
				}
				if n := w.count("SELECT count(*) FROM queries WHERE outcome <> 'answered'"); n > 7 {
					t.Errorf("%d queries failed, want at most 7: three of the whole page, and one each of 25, 5 and one, and of what every event has", n)
				}
				if n := w.count("SELECT count(*) FROM events WHERE type = 'missing'"); n != 1 {
					t.Errorf("%d events are missing, want 1", n)
				}
				if n := w.count("SELECT count(*) FROM events WHERE type <> 'missing' AND (identifiers IS NULL OR unreadable IS NOT NULL)"); n != 0 {
					t.Errorf("%d other events lost something", n)
				}
				if n, want := w.count("SELECT count(*) FROM events WHERE type <> 'missing'"), 100+at-1+150; n != want {
					t.Errorf("%d events stored, want %d: all but %s", n, want, spoilt)
				}
				if n := w.count("SELECT count(*) FROM outbox o JOIN events e ON e.seq = o.seq WHERE e.type = 'missing'"); n != 0 {
					t.Error("somebody is owed an event that is not there")
				}
			})
		})
	}
}

// typed is a destination that takes everything.
func typed(name string) []poller.Destination { return []poller.Destination{{Name: name}} }

// TestEventThatHasOnlyItsInterface is stored and handed on with what SEEK can give, and nothing is missing.
func TestEventThatHasOnlyItsInterface(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(30)
		id := w.seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated", Unresolvable: "details"})[0]
		w.seek.Add(30)
		w.live(30 * time.Minute)
		if n := w.count("SELECT count(*) FROM events WHERE unreadable IS NOT NULL AND type = 'CandidateApplicationCreated' AND id = '" + id + "'"); n != 1 {
			t.Errorf("the event is stored %d times with the reason why it is not whole, want once", n)
		}
		w.stored(61)
	})
}

// TestPassingTroubleWithANodeTakesNoPageApart: twice is not three times.
func TestPassingTroubleWithANodeTakesNoPageApart(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		w.faults("null-node", 1, 2)
		w.live(30 * time.Minute)
		for _, q := range w.seek.Queries() {
			if q.First != 100 || q.Selection != "ids" {
				t.Errorf("query %d asked for %d with %s", q.N, q.First, q.Selection)
			}
		}
		w.stored(150)
	})
}

// TestTroubleThatPassesWhileAPageIsTakenApart: the whole page is asked for again once what was suspected turned out sound.
func TestTroubleThatPassesWhileAPageIsTakenApart(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(350)
		w.faults("null-node", 1, 2, 3)
		w.live(30 * time.Minute)
		var sizes []int
		for _, q := range w.seek.Queries() {
			sizes = append(sizes, q.First)
		}
		// The last of each size must hold what was suspected, so it is taken apart without another failure.
		if got, want := fmt.Sprint(sizes), "[100 100 100 25 25 25 5 5 5 5 1 1 1 1 1 100 100 100]"; got != want {
			t.Errorf("page sizes %s, want %s", got, want)
		}
		w.stored(350)
	})
}

// TestValidationErrorIsNotTheCursors: when SEEK refuses the operation, only what every event has is asked for until the stream is caught up,
// with an alarm; then the whole is tried again.
func TestValidationErrorIsNotTheCursors(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(250)
		w.faults("validation", 1)
		w.live(150 * time.Second)
		w.says("all", store.Behind, "alarm", "look for a new version")
		w.live(30 * time.Minute)
		var asked []string
		for _, q := range w.seek.Queries() {
			asked = append(asked, q.Selection)
		}
		if got, want := fmt.Sprint(asked[:5]), "[ids interface interface interface ids]"; got != want {
			t.Errorf("asked for %s, want %s", got, want)
		}
		w.stored(250)
	})
}

// TestSpoiltPageOfARefusedSelection: SEEK refuses the whole selection, and cannot give one event of the page either. The stream gets past that one, whether or not the
// whole is refused all the time.
func TestSpoiltPageOfARefusedSelection(t *testing.T) {
	for name, refused := range map[string]func(n int, selection string) bool{
		"once":     func(n int, _ string) bool { return n == 1 },
		"for good": func(_ int, selection string) bool { return selection == "ids" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(3)
				w.seek.AddEvents(simulator.Spec{Unresolvable: "always"})
				w.seek.Add(200)
				w.seek.Fault(func(r simulator.Request) simulator.Fault {
					if r.Kind == "events" && refused(r.N, r.Selection) {
						return w.fault("validation")
					}
					return simulator.Fault{}
				})
				w.live(30 * time.Hour)
				w.stored(204)
				if n := w.count("SELECT count(*) FROM events WHERE type = 'missing'"); n != 1 {
					t.Errorf("%d events are missing, want 1", n)
				}
			})
		})
	}
}
