package simulator_test

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

type faultCase struct {
	name     string
	status   int    // 0: no answer
	holds    string // the body; "" not looked at
	broken   bool   // the body does not end as announced
	invalid  bool   // the body is no JSON document
	answered bool   // the simulator takes it for a page that went out complete
}

// faultCases are the faults by name, as a client sees them.
func faultCases() []faultCase {
	return []faultCase{
		{name: "400", status: 400}, {name: "404", status: 404}, {name: "500", status: 500}, {name: "502", status: 502}, {name: "504", status: 504},
		{name: "401", status: 401, holds: "UNAUTHENTICATED"},
		{name: "403", status: 403, holds: "FORBIDDEN"},
		{name: "429", status: 429},
		{name: "503", status: 503},
		{name: "418", status: 418},
		{name: "graphql-error", status: 200, holds: `{"data":null,"errors":[{"message":"simulated: graphql-error","path":["events"],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]`},
		{name: "graphql-both", status: 200, holds: `"errors":[{"message":"simulated: graphql-both","extensions"`},
		{name: "forbidden", status: 200, holds: `"path":["events"],"extensions":{"code":"FORBIDDEN"}`},
		{name: "validation", status: 400, holds: "GRAPHQL_VALIDATION_FAILED"},
		{name: "bad-cursor", status: 200, holds: "BAD_USER_INPUT"},
		{name: "rate-limited", status: 200, holds: "RATE_LIMITED"},
		{name: "unknown-code", status: 200, holds: "SOMETHING_NEW"},
		{name: "null-node", status: 200, holds: `{"data":null,"errors":[{"message":"simulated: null-node","path":["events","edges",50,"node"]`},
		{name: "null-data", status: 200, holds: `{"data":null}`},
		{name: "garbage", status: 200, invalid: true},
		{name: "html", status: 200, holds: "<!doctype html>", invalid: true},
		{name: "empty", status: 200, invalid: true},
		{name: "trailing", status: 200, invalid: true},
		{name: "duplicate-keys", status: 200, holds: `"endCursor":"ZXZpbA","endCursor":`},
		{name: "truncated-json", status: 200, invalid: true},
		{name: "cut", status: 200, broken: true, invalid: true},
		{name: "reset"}, {name: "drop-after"}, {name: "hang"},
		{name: "slow", status: 200, broken: true, invalid: true}, // 10 s a byte, and the client waits 30
		{name: "late", status: 200, answered: true},
		{name: "redirect", status: 307, invalid: true},
		{name: "expired-token", status: 200, holds: "UNAUTHENTICATED"},
		{name: "stuck-cursor", status: 200, answered: true},
		{name: "circle", status: 200, answered: true},
		{name: "oversized", status: 200},
	}
}

// Each fault strikes the second events query of a stream of 250. The third is fine.
func TestFaultsDoWhatTheySay(t *testing.T) {
	for _, c := range faultCases() {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
				w.sim.Add(250)
				w.sim.Fault(nth(t, c.name, 2))
				start := w.next("").end()
				time.Sleep(time.Minute)
				a, b, err := w.raw(nextPage, vars{"schemeId": "seekAnz", "first": 100, "after": start})
				switch {
				case c.status == 0 && err == nil:
					t.Errorf("got %d, want no answer", a.StatusCode)
				case c.status != 0 && (a == nil || a.StatusCode != c.status):
					t.Errorf("got %v (%v), want status %d", a, err, c.status)
				case c.broken != (c.status != 0 && err != nil):
					t.Errorf("got %v at the end of the body, want an error: %v", err, c.broken)
				case c.holds != "" && !strings.Contains(string(b), c.holds):
					t.Errorf("got %.300s, want it to hold %s", b, c.holds)
				case c.status == 200 && json.Valid(b) == c.invalid:
					t.Errorf("valid JSON: got %v, want %v: %.100s", !c.invalid, !c.invalid, b)
				}
				checkLogged(t, w, c.name, c.answered)
			})
		})
	}
}

func checkLogged(t *testing.T, w *world, name string, answered bool) {
	t.Helper()
	time.Sleep(3 * time.Minute) // until the simulator has seen that the client gave up
	if name == "expired-token" {
		w.login()
	}
	q := w.sim.Queries()[1]
	if q.Fault != name || q.Answered != answered || q.Ended.IsZero() {
		q.Served = nil
		t.Errorf("logged %+v, want fault %s, answered %v, an end", q, name, answered)
	}
	if p := w.next(q.After); p.Data == nil || len(p.ids()) != 100 {
		t.Errorf("the next query got %+v, want 100 events", p.Errors)
	}
	if got := w.sim.Report().Faults[name]; got != 1 {
		t.Errorf("counted %d, want 1", got)
	}
}

func nth(t *testing.T, name string, n int) func(simulator.Request) simulator.Fault {
	f, err := simulator.ParseFault(name)
	if err != nil {
		t.Fatal(err)
	}
	return func(r simulator.Request) simulator.Fault {
		if r.Kind != "events" || r.N != n {
			return simulator.Fault{}
		}
		return f
	}
}

func TestEveryFaultNameParsesAndIsTried(t *testing.T) {
	for _, name := range simulator.FaultNames() {
		if !slices.ContainsFunc(faultCases(), func(c faultCase) bool { return c.name == name }) {
			t.Errorf("%s is not among the cases above", name)
		}
		if f, err := simulator.ParseFault(name); err != nil || f.Name != name {
			t.Errorf("%s: got %+v, %v", name, f, err)
		}
	}
	for _, name := range []string{"", "200", "299", "600", "Reset", "-500"} {
		if f, err := simulator.ParseFault(name); err == nil || !strings.Contains(err.Error(), "stuck-cursor") {
			t.Errorf("%q: got %+v, %v; want an error that lists the names", name, f, err)
		}
	}
}

func TestRetryAfterIsSentAsItIs(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		for _, value := range []string{"120", "-5", "10000000000", "Fri, 31 Dec 1999 23:59:59 GMT", "soon"} {
			w.sim.Fault(func(simulator.Request) simulator.Fault { return simulator.StatusFault(503, value) })
			a, _, err := w.raw("{version}", nil)
			if err != nil || a.Header.Get("Retry-After") != value {
				t.Errorf("got %v (%v), want %q", a, err, value)
			}
		}
	})
}

func TestStuckAndCirclingCursors(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
		w.sim.Add(400)
		one := w.next("").end()
		two := w.next(one).end()
		three := w.next(two).end()
		w.sim.Fault(nth(t, "stuck-cursor", 4))
		if p := w.next(three); p.end() != three || !p.Data.Events.PageInfo.HasNextPage {
			t.Errorf("stuck: got %s, want the cursor that was sent and more", p.end())
		}
		w.sim.Fault(nth(t, "circle", 5))
		if p := w.next(three); p.end() != two || !p.Data.Events.PageInfo.HasNextPage {
			t.Errorf("circle: got %s, want the cursor before and more", p.end())
		}
		if three == two || two == one {
			t.Error("the cursors of three pages do not differ")
		}
	})
}

// The decompressed answer is larger than a client may accept, whether or not it is compressed on the wire.
func TestOversizedAnswer(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		for n, encoding := range []string{"", "identity"} {
			w.sim.Fault(nth(t, "oversized", n+1))
			w.edit = func(r *http.Request) {
				if encoding != "" {
					r.Header.Set("Accept-Encoding", encoding)
				}
			}
			if _, b, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1}); err != nil || len(b) < 33<<20 {
				t.Errorf("encoding %q: got %d bytes (%v), want more than 33 MiB", encoding, len(b), err)
			}
		}
	})
}

// A request that was dropped before or after it was processed looks the same to the client; the log knows the page.
func TestDroppedConnections(t *testing.T) {
	for _, name := range []string{"reset", "drop-after", "cut"} {
		inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
			w.sim.AddEvents(simulator.Spec{})
			w.sim.Fault(nth(t, name, 1))
			_, _, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1})
			if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: got %v, want the end of the connection", name, err)
			}
			if q := w.sim.Queries()[0]; len(q.Served) != 1 || q.Answered {
				t.Errorf("%s: logged %+v, want one event on a page that did not arrive", name, q)
			}
		})
	}
}

// Faults of the token endpoint: none leaves a token with the client, but the complete ones.
func TestTokenEndpointFaults(t *testing.T) {
	for _, name := range simulator.FaultNames() {
		inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
			f, err := simulator.ParseFault(name)
			if err != nil {
				t.Fatal(err)
			}
			w.sim.Fault(func(simulator.Request) simulator.Fault { return f })
			a, b, err := w.post("/oauth/token", credentials)
			granted := err == nil && a.StatusCode == 200 && strings.Contains(string(b), "access_token") && json.Valid(b)
			if want := name == "late"; granted != want {
				t.Errorf("%s: granted %v (%v, %.100s), want %v", name, granted, err, b, want)
			}
			w.sim.Fault(nil)
			w.login()
		})
	}
}

func TestRandomFaultsFollowFromTheSeed(t *testing.T) {
	a, b, other := simulator.RandomFaults(7, 0.25), simulator.RandomFaults(7, 0.25), simulator.RandomFaults(8, 0.25)
	const n = 4000
	hits, differ := 0, 0
	names := map[string]bool{}
	for i := n; i > 0; i-- { // backwards: the order of calls does not matter
		r := simulator.Request{Kind: "events", N: i}
		f := a(r)
		if f != b(simulator.Request{Kind: "events", N: i, At: time.Now()}) {
			t.Fatalf("request %d: the same seed gave two faults", i)
		}
		if f != other(r) {
			differ++
		}
		if f.Name != "" {
			hits++
			names[f.Name] = true
		}
		if f := a(simulator.Request{Kind: "version", N: i}); f.Name != "" {
			t.Fatalf("version got fault %s", f.Name)
		}
	}
	if share := float64(hits) / n; math.Abs(share-0.25) > 0.03 || differ == 0 || len(names) < 20 {
		t.Errorf("got a share of %.3f, %d differences to another seed, %d kinds; want 0.25, some, 20 or more", share, differ, len(names))
	}
}
