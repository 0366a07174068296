package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

const handlerConfig = `
database: %[1]s/seek-poller.db
admin: {socket: %[1]s/admin.sock, listen: ""}
seek:
  endpoint: http://%[2]s/graphql
  token_url: http://%[2]s/oauth/token
  client_id: partner
  client_secret_file: %[1]s/secret
  timeout: 1s
  query_interval: 400ms
  quiet_period: 2s
streams:
  - {name: all, scheme: seekAnz, start: earliest, schedule: "@every 1s"}
destinations:
  - name: ats
    duplicates: deliver
    %[3]s
`

// handlerSite is a sample handler at work: SEEK, the daemon and the handler, all over loopback, and between the last two something that
// loses answers and repeats requests, as a proxy on a bad day.
type handlerSite struct {
	t         *testing.T
	sample    sample
	dir       string
	types     map[string]string // of each event, by id
	outcome   map[string]string // of the profiles that SEEK does not give, by event id; the others are stored
	seek      *simulator.Server
	command   []string // of the handler
	handlerAt string
	client    *http.Client
	arrived   chan struct{} // a request, at the handler or, where it takes none, from it
	requests  atomic.Int64  // that came from the daemon
	lost      atomic.Int64  // answers

	handler, daemon       *exec.Cmd
	handlerLog, daemonLog *output
}

func newHandlerSite(t *testing.T, s sample, events int) *handlerSite {
	t.Helper()
	h := &handlerSite{t: t, sample: s, dir: memoryDir(t), handlerAt: freeAddress(t), client: &http.Client{Timeout: 20 * time.Second},
		arrived: make(chan struct{}, 1), handlerLog: new(output), daemonLog: new(output)}
	h.seek = simulator.New(simulator.Options{Seed: 7, Interval: 400 * time.Millisecond, Quiet: 2 * time.Second, Plain: true, Canary: canary})
	h.addEvents(events)
	h.seek.Fault(h.troubles)
	seekAt, between := listen(t, h.seek), listen(t, http.HandlerFunc(h.between))
	destination := fmt.Sprintf(`webhook: {url: "http://%s/seek", secret_file: %s/secret, timeout: 2s}`, between, h.dir)
	if s.exec {
		destination = fmt.Sprintf(`exec: {command: ["%s/shell/import-event.sh"], batch: 10, timeout: 5s, env: {HANDLER_DATABASE: "%s/handler.store"}}`, absolute(t, handlersDir), h.dir)
	}
	for name, content := range map[string]string{"config.yaml": fmt.Sprintf(handlerConfig, h.dir, seekAt, destination), "secret": secret + "\n"} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.handler = s.command(t, h.dir)
	h.command = h.handler.Args
	h.handler.Env = append(os.Environ(), "HANDLER_LISTEN="+h.handlerAt, "HANDLER_DATABASE="+h.database(), "HANDLER_SECRET_FILE="+h.dir+"/secret",
		"SEEK_ENDPOINT=http://"+seekAt+"/graphql", "SEEK_TOKEN_URL=http://"+seekAt+"/oauth/token", "SEEK_AUDIENCE=https://graphql.seek.com",
		"SEEK_CLIENT_ID=partner", "SEEK_CLIENT_SECRET_FILE="+h.dir+"/secret")
	t.Cleanup(func() { h.end(h.handler); h.end(h.daemon) })
	return h
}

func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (h *handlerSite) database() string { return filepath.Join(h.dir, "handler.store") }

func (h *handlerSite) startHandler() {
	h.t.Helper()
	cmd := exec.Command(h.command[0], h.command[1:]...)
	cmd.Env = h.handler.Env
	h.handler = cmd
	h.start(cmd, h.handlerLog)
	if h.sample.exec {
		return
	}
	err := eventually(func() bool {
		c, err := net.Dial("tcp", h.handlerAt)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	if err != nil {
		h.t.Fatalf("the handler does not answer: %v\n%s", err, tail(h.handlerLog.String()))
	}
}

func (h *handlerSite) startDaemon() {
	h.t.Helper()
	self, err := os.Executable()
	if err != nil {
		h.t.Fatal(err)
	}
	h.daemon = exec.Command(self, "run", "--config", filepath.Join(h.dir, "config.yaml"))
	h.daemon.Env = append(os.Environ(), "TEST_AS_PROGRAM=1")
	h.start(h.daemon, h.daemonLog)
}

// start gives the process a group of its own, so that what it starts is killed with it.
func (h *handlerSite) start(cmd *exec.Cmd, log *output) {
	h.t.Helper()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		h.t.Fatal(err)
	}
}

// end kills a process with its group, if it still runs.
func (h *handlerSite) end(cmd *exec.Cmd) {
	if cmd != nil && cmd.Process != nil && cmd.ProcessState == nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	}
}

// killHandler kills it in the middle of something, if anything comes: a request takes from a millisecond to tens of them.
func (h *handlerSite) killHandler() {
	select {
	case <-h.arrived: // an old one
	default:
	}
	select {
	case <-h.arrived:
		time.Sleep(time.Duration(rand.Int64N(int64(1 + rand.Int64N(int64(30*time.Millisecond))))))
	case <-time.After(time.Second):
	}
	h.end(h.handler)
}

// stop ends both as systemd would, with SIGTERM to the process.
func (h *handlerSite) stop() {
	h.t.Helper()
	for name, cmd := range map[string]*exec.Cmd{"handler": h.handler, "daemon": h.daemon} {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			h.t.Errorf("the %s had ended by itself: %v", name, err)
		}
		if err := awaitEnd(cmd); err != nil {
			h.t.Errorf("told to stop, the %s ended with: %v", name, err)
		}
	}
}

// await waits, on a real clock, for what takes a while.
func (h *handlerSite) await(condition func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), 2*time.Minute)
	defer cancel()
	for !condition() {
		select {
		case <-ctx.Done():
			k := h.sample.read(h.t, h.database())
			h.t.Fatalf("it takes too long: %d events, %d profiles, %d owed\nhandler: %s\ndaemon: %s", len(k.events), len(k.work), k.owed(), tail(h.handlerLog.String()), tail(h.daemonLog.String()))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (h *handlerSite) stored() int {
	return len(h.sample.read(h.t, h.database()).events)
}

// awaitAll waits until the handler has every event, nothing is owed by SEEK or the daemon.
func (h *handlerSite) awaitAll() {
	h.t.Helper()
	h.await(func() bool {
		if h.stored() < len(h.types) {
			return false
		}
		k := h.sample.read(h.t, h.database())
		return k.owed() == 0 && h.settled()
	})
}

// settled asks the daemon's database whether everything, also what came twice, is handed on.
func (h *handlerSite) settled() bool {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(h.dir, "seek-poller.db")+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		h.t.Fatal(err)
	}
	defer db.Close()
	var owed int
	return db.QueryRow("SELECT count(*) FROM outbox WHERE due_at IS NOT NULL").Scan(&owed) == nil && owed == 0
}
