package poller_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

const day = 24 * time.Hour

// event is what is stored of an event.
func (w *world) event(id string) (e store.Event) {
	w.t.Helper()
	w.reading(func(s *store.Store) {
		var err error
		e, err = s.Event(context.Background(), id)
		w.must(err)
	})
	return e
}

// TestErasedCandidateIsStillAnEvent: what is null because somebody deleted their data is no fault of the event's.
func TestErasedCandidateIsStillAnEvent(t *testing.T) {
	for _, details := range []bool{false, true} {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			w.streams[0].Details = details
			w.destinations = []poller.Destination{{Name: "ats"}}
			ids := w.seek.AddEvents(simulator.Spec{Null: []string{"candidate", "candidateApplicationProfile"}}, simulator.Spec{Redacted: true},
				simulator.Spec{Type: "CandidateProfilePurchased", Null: []string{"candidateProfile"}})
			w.live(time.Minute)
			for _, id := range ids {
				if e := w.event(id); e.Unreadable != "" || len(e.Identifiers) < 10 {
					t.Errorf("details %t: %+v", details, e)
				}
				w.reading(func(s *store.Store) {
					if got := w.takers(s, id); got != "ats" {
						t.Errorf("details %t: event %s goes to %q", details, id, got)
					}
				})
			}
		})
	}
}

// TestSameEventWithOtherContent: the first content is kept, nobody is told twice, and the ledger says that it differed.
func TestSameEventWithOtherContent(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		id := w.seek.AddEvents(simulator.Spec{})[0]
		w.live(5 * time.Minute)
		first := w.event(id)
		w.seek.AddEvents(simulator.Spec{ID: id, Changed: true})
		w.live(20 * time.Minute)
		if again := w.event(id); !bytes.Equal(again.Node, first.Node) {
			t.Errorf("the node was %s and is %s", first.Node, again.Node)
		}
		if n := w.count("SELECT sum(conflicts) FROM queries"); n != 1 {
			t.Errorf("%d conflicts in the ledger, want 1", n)
		}
		w.stored(1)
	})
}

// TestEventBehindTheCursorIsNotSeen: SEEK inserts it where the stream has been. Nothing we ask leads there, so nobody can know; an event
// that comes after it is seen. A reconciliation, which asks again by date, would find it.
func TestEventBehindTheCursorIsNotSeen(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(20)
		l := w.start()
		time.Sleep(10 * time.Minute)
		w.seek.Add(1)
		time.Sleep(10 * time.Minute)
		behind := w.seek.AddEvents(simulator.Spec{StreamedAt: w.begin.Add(5 * time.Minute)})
		w.seek.Add(1)
		time.Sleep(2 * time.Hour)
		l.stop()
		w.stored(22)
		if c := simulator.Compare(w.seek, nil); !slices.Equal(c.Behind, behind) || slices.Contains(c.Lost, behind[0]) {
			t.Errorf("behind the cursor: %v, want %v", c.Behind, behind)
		}
	})
}

// TestExpiredCursorTellsItsLostWindow: after more than 90 days away SEEK knows neither the cursor nor the events after it. Nobody jumps:
// from when to when events are lost is said, and from when on they wait.
func TestExpiredCursorTellsItsLostWindow(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true, Retention: 90 * day}, func(w *world) {
		w.seek.Add(20)
		w.live(20 * time.Minute)
		for _, after := range []time.Duration{3 * day, 50 * day} {
			w.seek.AddEvents(simulator.Spec{StreamedAt: w.begin.Add(after)})
		}
		time.Sleep(95 * day)
		w.live(55 * time.Minute) // no query falls on its end
		w.stored(20)
		w.says("all", store.CaughtUp, "bad_cursor", "those from 2000-01-01T00:15:03Z to 2000-01-06T01:05:00Z are lost; those since then wait at SEEK until the cursor is moved")
		queries := w.seek.Queries()
		for _, q := range queries[1:] {
			if q.After != queries[0].EndCursor || q.Since != "" {
				t.Errorf("query %d jumped: after %q since %q", q.N, q.After, q.Since)
			}
		}
		if len(queries) != 6 { // two, and one every quarter of an hour
			t.Errorf("%d queries, want 6", len(queries))
		}
	})
}

// TestStreamWithoutEventsFor90Days: its cursor may grow old at SEEK although nothing was missed, and that is said too.
func TestStreamWithoutEventsFor90Days(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true, Retention: 90 * day}, func(w *world) {
		w.streams[0].Schedule = schedule(t, "0 3 * * *")
		w.seek.Add(20)
		w.live(91*day + time.Hour)
		w.says("all", store.CaughtUp, "bad_cursor", "Nothing is skipped: events since 2000-03-30T03:00:00Z wait at SEEK")
	})
}

// TestRefusalsAreAskedSlowly: what only a person can mend is asked for every quarter of an hour, and told at once.
func TestRefusalsAreAskedSlowly(t *testing.T) {
	for _, name := range []string{"400", "404", "405", "redirect"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(5)
				w.faults(name, 1, 2, 3)
				l := w.start()
				time.Sleep(time.Second)
				w.says("all", store.New, "rejected", "HTTP ")
				time.Sleep(50 * time.Minute)
				l.stop()
				w.asked("0s", "15m0s", "30m0s", "45m0s")
				w.stored(5)
			})
		})
	}
}

// TestMaintenanceOf30Hours: it is over when it is over, and what has piled up is fetched at full speed.
func TestMaintenanceOf30Hours(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(7000)
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if time.Since(w.begin) < 30*time.Hour {
				return simulator.StatusFault(503, "")
			}
			return simulator.Fault{}
		})
		w.live(32 * time.Hour)
		queries := w.seek.Queries()
		first := slices.IndexFunc(queries, func(q simulator.Query) bool { return q.Answered })
		if late := queries[first].Arrived.Sub(w.begin); late > 30*time.Hour+quiet {
			t.Errorf("the first success came after %v", late)
		}
		if took := queries[first+58].Arrived.Sub(queries[first].Arrived); took > time.Hour {
			t.Errorf("the 58 queries after the first success took %v, want an hour", took)
		}
		w.stored(7000)
	})
}

// TestSchemaChangeHoldsThatStreamAlone: SEEK's words name what does not fit, and the other stream goes on.
func TestSchemaChangeHoldsThatStreamAlone(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.twoStreams()
		w.add(350, typeB)
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if r.Kind == "events" && r.Types[0] == typeA {
				return w.fault("validation")
			}
			return simulator.Fault{}
		})
		w.live(20 * time.Minute)
		w.says("a", store.New, "rejected", "GRAPHQL_VALIDATION_FAILED: simulated: validation")
		w.says("b", store.CaughtUp, "", "")
		w.stored(350)
	})
}

// TestOddBytesAreKept: numbers beyond all types, names that come twice and in other letters, half characters and bytes that are no text: none
// of it is ours to judge inside of an event, and all of it is stored as it came.
func TestOddBytesAreKept(t *testing.T) {
	odd := []byte(`"n":12345678901234567890123456789,"e":1e999,"x":1,"x":2,"X":3,"TYPECODE":"other","lone":"\ud800","bad":"` + "\xff\xfe" + `","deep":` +
		strings.Repeat("[", 200) + strings.Repeat("]", 200) + `,"long":"` + strings.Repeat("x", 10_000) + `"`)
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		ids := w.seek.Add(250)
		w.rewrite = func(body []byte) []byte {
			return bytes.ReplaceAll(body, []byte(`"schemeId":"seekAnz"`), append([]byte(`"schemeId":"seekAnz",`), odd...))
		}
		w.live(5 * time.Minute)
		w.outcomes("answered", "answered", "answered") // pages of a megabyte
		for _, id := range ids {
			if e := w.event(id); bytes.Count(e.Node, odd) != 1 || e.Unreadable != "" || e.Type == "other" {
				t.Fatalf("event %s: %s", id, e.Node)
			}
		}
		w.stored(250)
	})
}

// TestSEEKsTimesAreDataOnly: what an event says of its time, in whatever year, hastens nothing and puts nothing off.
func TestSEEKsTimesAreDataOnly(t *testing.T) {
	times := regexp.MustCompile(`"(streamDateTime|createDateTime)":"[^"]*"`)
	for _, said := range []string{"2099-01-01T00:00:00.000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999-14:00", "1969-12-31T23:59:60Z", "yesterday", ""} {
		t.Run(said, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(150)
				w.rewrite = func(body []byte) []byte { return times.ReplaceAll(body, fmt.Appendf(nil, `"$1":"%s"`, said)) }
				l := w.start()
				time.Sleep(10 * time.Minute)
				w.seek.Add(10)
				time.Sleep(10 * time.Minute)
				l.stop()
				w.asked("0s", "1m0.2s", "16m3.2s")
				w.stored(160)
			})
		})
	}
}

// TestThrottlingNamesItsLikelyCause: we keep the limit, so that somebody else may be using it up.
func TestThrottlingNamesItsLikelyCause(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.faults("429", 1)
		w.live(time.Minute)
		w.says("all", store.New, "throttled", "does another installation or program ask for events with them?")
	})
}
