package graphql_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

// Here the same hostile peers meet the program itself, as a process of its own, and its ledger says how many requests they may have seen.

const programConfig = `
database: %[1]s/seek-poller.db
admin: {socket: %[1]s/admin.sock, listen: ""}
seek:
  endpoint: %[2]s/graphql
  token_url: %[3]s/oauth/token
  ca_file: %[4]s
  client_id: partner
  client_secret_file: %[1]s/secret
  timeout: 2s
  query_interval: 100ms
  quiet_period: 1s
streams:
  - {name: all, scheme: seekAnz, start: earliest, schedule: "@every 1s"}
destinations:
  - name: spool
    directory: {path: %[1]s/spool}
`

// encounter is a program and its peer.
type encounter struct {
	name            string
	peer            *hostile
	dir             string
	page, unsent    bool // the peer makes a page; no request reaches it
	slots, answered int
	out             bytes.Buffer
	exit            error
}

// slotsWanted is after how many slots a program is stopped, if it takes them in time.
const slotsWanted = 2

// TestProgramAsksOnce: whatever the peer does, the program sends one request for each slot in its ledger, and none without.
func TestProgramAsksOnce(t *testing.T) {
	program := buildProgram(t)
	all := encounters(t)
	var running sync.WaitGroup
	free := make(chan struct{}, 10)
	for _, e := range all {
		running.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			e.live(program)
		})
	}
	running.Wait()
	slots, requests := 0, int64(0)
	for _, e := range all {
		t.Run(e.name, e.check)
		slots += e.slots
		requests += e.peer.requests.Load()
	}
	t.Logf("%d peers, %d slots, %d requests", len(all), slots, requests)
}

func buildProgram(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "seek-poller")
	build := exec.Command("go", "build", "-o", path, "seekpoller/cmd/seek-poller")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// encounters are all scripts of an HTTP/2 peer over TLS, and those of an HTTP/1 peer that a process might take otherwise than a client in a test.
// With -short it is every fifth.
func encounters(t *testing.T) (all []*encounter) {
	t.Helper()
	add := func(name string, h *hostile, endpoint, caFile string, page, unsent bool) {
		e := &encounter{name: name, peer: h, dir: t.TempDir(), page: page, unsent: unsent}
		e.configure(t, endpoint, caFile)
		all = append(all, e)
	}
	n := 0
	skip := func() bool { n++; return testing.Short() && n%5 != 0 }
	for name, s := range scripts() {
		if skip() {
			continue
		}
		h := new(hostile)
		endpoint, caFile := h.h2Server(t, s)
		add(name, h, endpoint, caFile, s.page, s.unsent || strings.Contains(name, "before any"))
	}
	for name, text := range plainScripts(t) {
		if skip() {
			continue
		}
		h := new(hostile)
		add(name, h, h.http1(t, !strings.Contains(name, "stale"), text, whenSlow(name)), "", strings.Contains(name, "stale"), false)
	}
	return all
}

// plainScripts are answers of an HTTP/1 peer. After the first answer a stale connection is hung up on as the next request comes.
func plainScripts(t *testing.T) map[string]string {
	const ok = "HTTP/1.1 200 OK\r\n"
	whole := fmt.Sprintf(ok+"Content-Length: %d\r\n\r\n%s", len(answer(node)), answer(node))
	packed := bomb(t, 4)
	all := map[string]string{
		"h1: reset in the body": whole[:len(whole)-30],
		"h1: slow body":         whole[:80],
		"h1: gzip bomb":         fmt.Sprintf(ok+"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(packed), packed),
		"h1: stale connection":  whole,
		"h1: hangs up":          "",
	}
	for _, code := range []int{301, 302, 303, 307, 308} {
		all[fmt.Sprint("h1: ", code)] = fmt.Sprintf("HTTP/1.1 %d Elsewhere\r\nLocation: /graphql\r\nContent-Length: 0\r\n\r\n", code)
	}
	return all
}

func whenSlow(name string) func(net.Conn) {
	switch name {
	case "h1: slow body":
		return trickle(answer(node))
	case "h1: reset in the body":
		return func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }
	}
	return nil
}

func (e *encounter) configure(t *testing.T, endpoint, caFile string) {
	t.Helper()
	granting := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"t","token_type":"Bearer","expires_in":3600}`))
	}))
	t.Cleanup(granting.Close)
	if caFile == "" {
		caFile = pemFile(t, granting.Certificate().Raw)
	}
	config := fmt.Sprintf(programConfig, e.dir, endpoint, granting.URL, caFile)
	for name, text := range map[string]string{"config.yaml": config, "secret": canarySecret} {
		if err := os.WriteFile(filepath.Join(e.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(e.dir, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// live lets the program run until it has taken its slots, and stops it as systemd would.
func (e *encounter) live(program string) {
	cmd := exec.Command(program, "run", "--config", filepath.Join(e.dir, "config.yaml"))
	cmd.Stdout, cmd.Stderr = &e.out, &e.out
	if e.exit = cmd.Start(); e.exit != nil {
		return
	}
	for until := time.Now().Add(20 * time.Second); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if e.read(); e.slots >= slotsWanted {
			break
		}
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	e.exit = cmd.Wait()
	e.read()
}

// read counts the slots in the ledger.
func (e *encounter) read() {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(e.dir, "seek-poller.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		return
	}
	defer db.Close()
	_ = db.QueryRow("SELECT count(*), coalesce(sum(outcome = 'answered'), 0) FROM queries").Scan(&e.slots, &e.answered)
}

func (e *encounter) check(t *testing.T) {
	if e.exit != nil {
		t.Fatalf("the program ended with %v: %s", e.exit, e.out.String())
	}
	if e.slots < slotsWanted {
		t.Errorf("only %d slots were taken: %s", e.slots, e.out.String())
	}
	if (e.answered > 0) != e.page {
		t.Errorf("%d pages, want some: %t: %s", e.answered, e.page, e.out.String())
	}
	// The last slot may have been taken as the program was told to end.
	most, least := int64(e.slots), int64(e.slots-1)
	if e.unsent {
		least = 0
	}
	if got := e.peer.requests.Load(); got > most || got < least {
		t.Errorf("%d requests on the wire for %d slots", got, e.slots)
	}
	if strings.Contains(e.out.String(), canarySecret) {
		t.Error("the secret was printed")
	}
}
