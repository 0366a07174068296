package poller_test

import (
	"fmt"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// two streams; a is the first to be asked.
const (
	typeA = "CandidateApplicationCreated"
	typeB = "PositionNotPosted"
)

func (w *world) twoStreams() {
	w.streams = []poller.Stream{stream(w.t, "a", typeA), stream(w.t, "b", typeB)}
}

// add makes n events of a type.
func (w *world) add(n int, eventType string) {
	for range n {
		w.seek.AddEvents(simulator.Spec{Type: eventType})
	}
}

// TestForbiddenHoldsThatStreamAlone: the token is good, so it is kept, and the other stream goes on.
func TestForbiddenHoldsThatStreamAlone(t *testing.T) {
	for _, name := range []string{"forbidden", "403"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(w *world) {
				w.twoStreams()
				w.add(1, typeA)
				w.add(250, typeB)
				w.seek.Fault(func(r simulator.Request) simulator.Fault {
					if r.Kind == "events" && r.Types[0] == typeA && time.Since(w.begin) < 20*time.Minute {
						return w.fault(name)
					}
					return simulator.Fault{}
				})
				l := w.start()
				time.Sleep(5 * time.Minute)
				w.says("a", store.New, "unauthorized", "FORBIDDEN")
				w.says("b", store.CaughtUp, "", "")
				time.Sleep(26 * time.Minute)
				l.stop()
				w.asked(typeA+" 0s", typeB+" 1m0.2s", typeB+" 2m0.4s", typeB+" 3m0.6s", typeA+" 15m0s", typeB+" 18m3.6s", typeA+" 30m0s")
				w.says("a", store.CaughtUp, "", "")
				w.stored(251)
				if n := w.seek.Report().Requests["token"]; n != 2 { // one, and one for its age
					t.Errorf("%d tokens were asked for, want 2", n)
				}
			})
		})
	}
}

// TestRetryAfterHoldsEveryStream: also over a restart and over a reboot, after which only the time since the start is proven.
func TestRetryAfterHoldsEveryStream(t *testing.T) {
	faults := map[string]simulator.Fault{
		"429": simulator.StatusFault(429, "300"), "503": simulator.StatusFault(503, "300"), "in the body": {Name: "rate-limited", Code: "RATE_LIMITED", RetryAfter: "300"},
	}
	for name, fault := range faults {
		for _, way := range []string{"running", "restart", "reboot"} {
			t.Run(name+" "+way, func(t *testing.T) {
				inBubble(t, simulator.Options{}, func(w *world) { w.heedRetryAfter(fault, way) })
			})
		}
	}
}

func (w *world) heedRetryAfter(fault simulator.Fault, way string) {
	w.twoStreams()
	w.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" && r.N == 1 {
			return fault
		}
		return simulator.Fault{}
	})
	l := w.start()
	time.Sleep(100 * time.Second)
	want := []string{typeA + " 0s", typeB + " 5m0s", typeA + " 6m0.2s"}
	if way != "running" {
		l.stop()
		if way == "reboot" {
			w.reboot()
			want = []string{typeA + " 0s", typeB + " 6m40s", typeA + " 7m40.2s"}
		}
		l = w.start()
	}
	if next := w.cursor("a").NextQueryAt; !next.Equal(w.begin.Add(5 * time.Minute)) {
		w.t.Errorf("the row foresees %v", next)
	}
	time.Sleep(8 * time.Minute)
	l.stop()
	w.asked(want...)
}

// TestNoTokenIsFetchedBeforeItsTime: while everyone waits, tokens expire and nobody asks for another one.
func TestNoTokenIsFetchedBeforeItsTime(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if r.Kind == "events" && r.N == 1 {
				return simulator.StatusFault(429, "7200")
			}
			return simulator.Fault{}
		})
		w.live(2*time.Hour + time.Minute)
		w.asked("0s", "2h0m0s")
		if n := w.seek.Report().Requests["token"]; n != 2 {
			t.Errorf("%d tokens were asked for, want 2", n)
		}
	})
}

// TestThrottledWithoutRetryAfterHoldsEveryStream: then the back-off is everyone's.
func TestThrottledWithoutRetryAfterHoldsEveryStream(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.twoStreams()
		w.seek.Fault(func(r simulator.Request) simulator.Fault {
			if r.Kind == "events" && r.N <= 3 {
				return simulator.StatusFault(429, "")
			}
			return simulator.Fault{}
		})
		w.live(8 * time.Minute)
		w.asked(typeA+" 0s", typeB+" 1m0.2s", typeA+" 2m0.4s", typeB+" 4m0.4s", typeA+" 5m0.6s")
		w.outcomes("throttled", "throttled", "throttled", "answered", "answered")
	})
}

// TestBackoffAcrossSteps: each failure doubles the wait, up to a quarter of an hour; a success forgets them.
func TestBackoffAcrossSteps(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(250)
		w.faults("500", 1, 2, 3, 4, 5, 6, 8, 9)
		l := w.start()
		time.Sleep(10 * time.Minute)
		w.says("all", store.New, "transient", "HTTP 500")
		if c := w.cursor("all"); c.Failures != 4 || !c.NextQueryAt.Equal(w.begin.Add(15*time.Minute+200*time.Millisecond)) {
			t.Errorf("%d failures, next at %v", c.Failures, c.NextQueryAt)
		}
		time.Sleep(2 * time.Hour)
		l.stop()
		w.asked("0s", "1m0.2s", "3m0.2s", "7m0.2s", "15m0.2s", "30m0.2s", "45m0.2s", // 45m: answered
			"46m0.4s", "47m0.6s", "49m0.6s", "50m0.8s", "1h5m3.8s", "1h20m6.8s", "1h35m9.8s", "1h50m12.8s", "2h5m15.8s")
		w.stored(250)
		if c := w.cursor("all"); c.Failures != 0 {
			t.Errorf("%d failures after a success", c.Failures)
		}
	})
}

// TestFaultsOfTheAnswerAreTransient: whatever the answer is, nothing of it is kept, and the next step asks the same again.
func TestFaultsOfTheAnswerAreTransient(t *testing.T) {
	for _, name := range []string{"graphql-error", "graphql-both", "null-node", "null-data", "garbage", "html", "trailing", "duplicate-keys", "truncated-json", "cut", "reset", "drop-after", "hang", "slow", "unknown-code", "oversized"} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				w.seek.Add(150)
				w.faults(name, 1)
				w.live(10 * time.Minute)
				w.outcomes("transient", "answered", "answered")
				w.stored(150)
				if q := w.seek.Queries()[1]; q.After != "" {
					t.Errorf("asked again after %q", q.After)
				}
			})
		})
	}
}

// TestSlowAnswersKeepTheirDistance: a minute counts from the end of an exchange, a quarter of an hour from the end of a last page.
func TestSlowAnswersKeepTheirDistance(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true, PageLatency: func(n int) time.Duration { return time.Duration(n) * 4 * time.Second }}, func(w *world) {
		w.seek.Add(150)
		w.faults("hang", 3)
		w.live(time.Hour)
		at := 4*time.Second + minute + 200*time.Millisecond
		want := []string{"0s", at.String()}
		at += 8*time.Second + quiet + 3*time.Second
		want = append(want, at.String())
		at += 30*time.Second + minute + 200*time.Millisecond
		want = append(want, at.String())
		at += 16*time.Second + quiet + 3*time.Second
		want = append(want, at.String())
		at += 20*time.Second + quiet + 3*time.Second
		w.asked(append(want, at.String())...)
	})
}

// TestStreamsTakeTurns: none starves, whichever failed or was asked first.
func TestStreamsTakeTurns(t *testing.T) {
	inBubble(t, simulator.Options{}, func(w *world) {
		w.streams = nil
		var want []string
		for i, eventType := range simulator.Types()[:4] {
			w.streams = append(w.streams, stream(t, fmt.Sprint("s", i), eventType))
			w.add(450, eventType)
		}
		w.live(20*time.Minute - time.Second)
		for n := range 20 {
			at := time.Duration(n) * (minute + 200*time.Millisecond)
			want = append(want, fmt.Sprint(simulator.Types()[n%4], " ", at))
		}
		w.asked(want...)
		w.stored(1800)
	})
}
