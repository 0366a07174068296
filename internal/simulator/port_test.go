package simulator_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

// onPort is a world behind a real loopback port, as the simulate verb makes it.
func onPort(t *testing.T, o simulator.Options) *world {
	t.Helper()
	w := &world{t: t, sim: simulator.New(o), session: uuid.NewString()}
	server := httptest.NewServer(w.sim)
	t.Cleanup(server.Close)
	w.http = server.Client()
	w.base = server.URL
	w.login()
	return w
}

func TestResetOnARealConnection(t *testing.T) {
	w := onPort(t, simulator.Options{})
	w.sim.Fault(nth(t, "reset", 1))
	if _, _, err := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1}); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %v, want the connection reset", err)
	}
}

func TestReportIsServed(t *testing.T) {
	w := onPort(t, simulator.Options{})
	w.sim.AddEvents(simulator.Spec{})
	w.next("")
	w.next("")
	a, err := w.http.Get(w.base + "/report")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	var got simulator.Report
	if err := json.NewDecoder(a.Body).Decode(&got); err != nil || got.Queries != 2 || got.Served != 1 || len(got.Violations) != 1 {
		t.Errorf("got %+v (%v), want 2 queries, 1 event, 1 violation", got, err)
	}
	if a, err := w.http.Get(w.base + "/elsewhere"); err != nil || a.StatusCode != 404 {
		t.Errorf("got %v (%v), want 404", a, err)
	}
}

// What a whole-daemon test pays for a page of the simulator's.
func BenchmarkPageOf100(b *testing.B) {
	s := simulator.New(simulator.Options{Plain: true})
	s.Add(100)
	server := httptest.NewServer(s)
	defer server.Close()
	w := &world{t: b, sim: s, session: uuid.NewString(), http: server.Client(), base: server.URL}
	w.login()
	for b.Loop() {
		w.next("")
	}
}
