package simulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
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

// A client that is killed in the middle of a query breaks no rule by that, but its query counts: the next one keeps its distance.
func TestQueryThatIsCutOff(t *testing.T) {
	w := onPort(t, simulator.Options{})
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: seek\r\nUser-Agent: tester/1\r\nContent-Type: application/json\r\nAccept-Language: en-AU\r\nAuthorization: Bearer %s\r\n"+
		"X-Request-Id: %s\r\nX-Session-Id: %s\r\nContent-Length: 1000\r\n\r\n{\"query\":\"query q { events", w.token, uuid.NewString(), w.session)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, conn); err != nil { // it is done with when the connection is closed
		t.Fatal(err)
	}
	if r := w.sim.Report(); r.Queries != 1 || len(r.Violations) > 0 {
		t.Errorf("%d queries, and %v, want one and no complaint", r.Queries, r.Violations)
	}
	w.next("")
	if got := laws(w.sim.Report()); !slices.Equal(got, []string{"spacing"}) {
		t.Errorf("the next query, too early: got %v, want spacing", got)
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
