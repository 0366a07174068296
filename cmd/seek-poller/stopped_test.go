package main

import (
	"context"
	"database/sql"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// stopping is a listener that stops a process as its connection comes in.
type stopping struct {
	net.Listener
	pid      atomic.Int64
	accepted int
	at       int // which connection
	pause    time.Duration
	went     time.Time // when the process was let go on
}

func (l *stopping) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if l.accepted++; l.accepted == l.at {
		_ = syscall.Kill(int(l.pid.Load()), syscall.SIGSTOP)
		time.Sleep(l.pause)
		l.went = time.Now()
		_ = syscall.Kill(int(l.pid.Load()), syscall.SIGCONT)
	}
	return conn, nil
}

// TestStoppedBetweenSlotAndQuery stops the process when it has its slot and its connection, but has not yet said anything over it, because a handshake comes
// first. When it goes on the slot is over: the query is not sent, and the next one keeps its distance.
func TestStoppedBetweenSlotAndQuery(t *testing.T) {
	t.Parallel()
	k := newKillSite(t, 800)
	l := &stopping{at: 3, pause: 1500 * time.Millisecond} // the time-out is a second
	server := httptest.NewUnstartedServer(k.seek)
	l.Listener = server.Listener
	server.Listener = l
	server.StartTLS()
	defer server.Close()
	k.useTLS(t, server)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd, out := k.program(t, ctx)
	l.pid.Store(int64(cmd.Process.Pid))
	k.wait(t, ctx, 4)
	_ = cmd.Process.Signal(os.Interrupt)
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("%v: %s", err, tail(out.String()))
	}
	k.checkOutput(t, out.String())
	queries, report := k.seek.Queries(), k.seek.Report()
	for _, v := range report.Violations {
		t.Errorf("violation: %+v", v)
	}
	slots, unsent := k.ledger(t)
	if unsent != 1 || slots != len(queries)+1 {
		t.Errorf("%d slots of which %d failed, and %d queries came in: %s", slots, unsent, len(queries), tail(out.String()))
	}
	if gap := queries[2].Arrived.Sub(l.went); gap < 200*time.Millisecond {
		t.Errorf("the next query came %v after the process went on", gap)
	}
}

// useTLS rewrites the config to ask server.
func (k *killSite) useTLS(t *testing.T, server *httptest.Server) {
	t.Helper()
	path := filepath.Join(k.dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  endpoint:") {
			lines[i] = fmt.Sprintf("  endpoint: %s/graphql\n  ca_file: %s/ca.pem", server.URL, k.dir)
		}
	}
	for name, text := range map[string]string{"config.yaml": strings.Join(lines, "\n"), "ca.pem": string(ca)} {
		if err := os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// ledger counts the slots, and those of them that brought no page.
func (k *killSite) ledger(t *testing.T) (slots, failed int) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(k.dir, "seek-poller.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*), sum(outcome IS NOT 'answered') FROM queries").Scan(&slots, &failed); err != nil {
		t.Fatal(err)
	}
	return slots, failed
}
