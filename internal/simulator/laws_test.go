package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

// A client that keeps every rule is not complained of, and each law was put to the test on it.
func TestPoliteClientIsNotComplainedOf(t *testing.T) {
	inBubble(t, simulator.Options{PageLatency: func(n int) time.Duration { return time.Duration(n) * 100 * time.Millisecond }}, func(t *testing.T, w *world) {
		w.sim.AddHistory(350, time.Hour)
		cursor := ""
		for range 12 {
			w.login()
			for more := true; more; {
				p := w.next(cursor)
				cursor, more = p.end(), p.Data.Events.PageInfo.HasNextPage
				time.Sleep(time.Minute)
			}
			w.sim.Add(30)
			time.Sleep(29 * time.Minute)
		}
		r := w.sim.Report()
		if len(r.Violations) > 0 || r.Repeats+r.Doubtful > 0 {
			t.Errorf("got %+v, want no complaint", r)
		}
		for _, law := range []string{"spacing", "quiet", "headers", "arguments", "dates", "token"} {
			if r.Checked[law] == 0 {
				t.Errorf("law %s was never put to the test", law)
			}
		}
		if got, want := r.SmallestGap, time.Minute; got < want || got > want+5*time.Second {
			t.Errorf("smallest gap: got %v, want about %v", got, want)
		}
	})
}

func TestSpacingIsMeasuredOverEverything(t *testing.T) {
	live := vars{"schemeId": "seekAnz", "first": 1}
	for _, c := range []struct {
		name string
		gap  time.Duration
		then func(w *world)
		want []string
	}{
		{"59.999 s", time.Minute - time.Millisecond, func(w *world) { w.ask(firstPage, live) }, []string{"spacing"}},
		{"60 s", time.Minute, func(w *world) { w.ask(firstPage, live) }, nil},
		{"another stream", time.Second, func(w *world) { w.ask(firstPage, vars{"schemeId": "seekAnzPublicTest", "first": 1}) }, []string{"spacing"}},
		{"another session", time.Second, func(w *world) { w.session = uuid.NewString(); w.ask(firstPage, live) }, []string{"spacing"}},
		{"version only", time.Second, func(w *world) { w.ask("{version}", nil) }, nil},
		{"broken query", time.Second, func(w *world) { w.ask("{events", nil) }, []string{"spacing", "request"}},
		{"two in one", time.Minute, func(w *world) {
			w.ask("query q($schemeId: String!, $first: Int!) { a: events(schemeId: $schemeId, first: $first) { edges { cursor } } b: events(schemeId: $schemeId, first: $first) { edges { cursor } } }", live)
		}, []string{"spacing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
				w.sim.AddEvents(simulator.Spec{}, simulator.Spec{})
				w.ask(firstPage, live)
				time.Sleep(c.gap)
				c.then(w)
				if got := laws(w.sim.Report()); !slices.Equal(got, c.want) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			})
		})
	}
}

// A query counts whatever becomes of it: SEEK does not forget one because its answer was lost.
func TestSpacingCountsFailedQueries(t *testing.T) {
	for _, name := range []string{"500", "reset", "hang", "graphql-error", "expired-token"} {
		inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
			w.sim.Fault(first(name))
			_, _, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1})
			time.Sleep(time.Second)
			w.next("")
			if got := laws(w.sim.Report()); !slices.Equal(got, []string{"spacing"}) {
				t.Errorf("%s (%v): got %v, want spacing", name, err, got)
			}
		})
	}
}

// first lets the first events query fail.
func first(name string) func(simulator.Request) simulator.Fault {
	return func(r simulator.Request) simulator.Fault {
		f, err := simulator.ParseFault(name)
		if err != nil || r.Kind != "events" || r.N > 1 {
			return simulator.Fault{}
		}
		return f
	}
}

func TestQuietTimeAfterTheLastPage(t *testing.T) {
	for _, c := range []struct {
		name              string
		events            int
		wait              time.Duration
		applied           bool // the client asks with the cursor that it was given
		restarted         bool
		want              []string
		repeats, doubtful int
	}{
		{"applied, too soon", 3, 15*time.Minute - time.Millisecond, true, false, []string{"quiet"}, 0, 0},
		{"applied, too soon after a restart", 3, 5 * time.Minute, true, true, []string{"quiet"}, 0, 0},
		{"applied, in time", 3, 15 * time.Minute, true, false, nil, 0, 0},
		{"never applied", 3, 5 * time.Minute, false, false, nil, 1, 0},
		{"never applied, restarted", 3, 5 * time.Minute, false, true, nil, 1, 0},
		{"empty page, same session", 0, 5 * time.Minute, true, false, []string{"quiet"}, 0, 0},
		{"empty page, restarted", 0, 5 * time.Minute, true, true, nil, 0, 1},
		{"more pages", 150, time.Minute, true, false, nil, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The answer takes a while: the quiet time begins at its end.
			inBubble(t, simulator.Options{PageLatency: func(int) time.Duration { return 2 * time.Second }}, func(t *testing.T, w *world) {
				w.sim.AddEvents(make([]simulator.Spec, c.events)...)
				p := w.next("")
				time.Sleep(c.wait)
				if c.restarted {
					w.session = uuid.NewString()
				}
				if cursor := p.end(); c.applied {
					w.next(cursor)
				} else {
					w.next("")
				}
				r := w.sim.Report()
				if !slices.Equal(laws(r), append([]string{}, c.want...)) || r.Repeats != c.repeats || r.Doubtful != c.doubtful {
					t.Errorf("got %v, %d repeats, %d doubtful; want %v, %d, %d", laws(r), r.Repeats, r.Doubtful, c.want, c.repeats, c.doubtful)
				}
			})
		})
	}
}

// A client that asks the moment it has read an answer is caught every time: the log is never behind the client.
func TestHastyClientIsCaughtEveryTime(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		const n = 300
		w.edit = func(r *http.Request) { r.Close = true } // on one connection the server itself would keep the order
		for i := range n {
			w.next("")
			if got := w.sim.Report().Answered; got != i+1 {
				t.Fatalf("got %d queries answered, want %d", got, i+1)
			}
		}
		r := w.sim.Report()
		quiet := slices.DeleteFunc(laws(r), func(law string) bool { return law != "quiet" })
		if len(quiet) != n-1 || len(r.Violations) != 2*(n-1) {
			t.Errorf("got %d breaches of the quiet time of %d in all, want %d of %d", len(quiet), len(r.Violations), n-1, 2*(n-1))
		}
	})
}

// The quiet time of one stream is not that of another, and a lost last page starts none.
func TestQuietTimeIsPerStreamAndNeedsACompleteAnswer(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		w.sim.AddEvents(oneOfEach()...)
		w.sim.Fault(first("cut"))
		if _, _, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 100}); err == nil {
			t.Fatal("the answer was not cut")
		}
		for _, code := range simulator.Types() {
			time.Sleep(time.Minute)
			w.ask(filtered, vars{"schemeId": "seekAnz", "first": 100, "filter": vars{"eventTypeCodes": []string{code}}})
		}
		time.Sleep(time.Minute)
		w.next("")
		if r := w.sim.Report(); len(r.Violations) > 0 || r.Repeats+r.Doubtful > 0 {
			t.Errorf("got %+v, want no complaint", r)
		}
	})
}

func TestRetryAfterIsHeededByEveryStream(t *testing.T) {
	for _, c := range []struct {
		value     string
		wait      time.Duration
		restarted bool
		want      []string
		doubtful  int
	}{
		{"300", 299 * time.Second, false, []string{"retry-after"}, 0},
		{"300", 299 * time.Second, true, nil, 1},
		{"300", 300 * time.Second, false, nil, 0},
		{"Sat, 01 Jan 2000 00:10:00 GMT", 9 * time.Minute, false, []string{"retry-after"}, 0},
		{"Sat, 01 Jan 2000 00:10:00 GMT", 10 * time.Minute, false, nil, 0},
		{"10000000000", 24*time.Hour - time.Second, false, []string{"retry-after"}, 0},
		{"10000000000", 24 * time.Hour, false, nil, 0},
		{"-300", time.Minute, false, nil, 0},
		{"soon", time.Minute, false, nil, 0},
	} {
		t.Run(fmt.Sprint(c.value, c.wait, c.restarted), func(t *testing.T) {
			inBubble(t, simulator.Options{TokenTTL: 48 * time.Hour}, func(t *testing.T, w *world) {
				w.sim.Fault(func(r simulator.Request) simulator.Fault {
					if r.N > 1 {
						return simulator.Fault{}
					}
					return simulator.StatusFault(429, c.value)
				})
				if _, _, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.wait)
				if c.restarted {
					w.session = uuid.NewString()
				}
				w.ask(firstPage, vars{"schemeId": "seekAnzPublicTest", "first": 1})
				if r := w.sim.Report(); !slices.Equal(laws(r), append([]string{}, c.want...)) || r.Doubtful != c.doubtful {
					t.Errorf("got %v and %d doubtful, want %v and %d", laws(r), r.Doubtful, c.want, c.doubtful)
				}
			})
		})
	}
}
