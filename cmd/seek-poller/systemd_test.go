package main

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"seekpoller/internal/simulator"
)

// systemdStub hears what a daemon says of itself.
type systemdStub struct {
	mu   sync.Mutex // guards what follows
	said []string
	fed  time.Time     // the last WATCHDOG=1
	gap  time.Duration // the longest time without one
}

func (s *systemdStub) hear(state string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, state)
	if strings.Contains(state, "WATCHDOG=1") {
		if !s.fed.IsZero() {
			s.gap = max(s.gap, time.Since(s.fed))
		}
		s.fed = time.Now()
	}
	return nil
}

// heard says whether the words came, in this order, each in a message of its own.
func (s *systemdStub) heard(words ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, said := range s.said {
		if len(words) > 0 && strings.Contains(said, words[0]) {
			words = words[1:]
		}
	}
	return len(words) == 0
}

// feeding is when the watchdog was last fed, and the longest time that it was not.
func (s *systemdStub) feeding() (last time.Time, gap time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fed, s.gap
}

func (s *systemdStub) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, "\n")
}

const watchdogLimit = 3 * time.Minute // as in the unit

// TestWatchdog: waits that SEEK asks for, quiet, a receiver that is down and a reload feed the watchdog all the time; a loop that stands still stops that within
// WatchdogSec, and then nothing feeds it any more.
func TestWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 21})
		s.loops = newLoops()
		s.seek.Add(250)
		s.faults(func(r simulator.Request) simulator.Fault {
			if r.Kind == "events" && r.N == 2 {
				return simulator.StatusFault(http.StatusTooManyRequests, "1200") // twenty minutes
			}
			return simulator.Fault{}
		})
		s.cfg.Destinations[0].Webhook.URL = "http://nowhere.test/seek"
		life := s.start()
		ctx, cancel := context.WithCancel(t.Context())
		stub, ended := new(systemdStub), make(chan error)
		go func() {
			ended <- life.daemon.supervise(ctx, supervisor{send: stub.hear, limit: watchdogLimit, log: zap.NewNop()})
		}()
		time.Sleep(3 * time.Hour)
		changed := *s.cfg
		changed.Destinations = changed.Destinations[1:]
		life.next <- &changed
		time.Sleep(3 * time.Hour)
		if _, gap := stub.feeding(); gap == 0 || gap > watchdogLimit/2 || !stub.heard("READY=1\nSTATUS=1 of 1 stream behind", "next query at 00:21:00 UTC", "1 stream caught up") {
			t.Errorf("healthy for six hours, the watchdog was left alone for up to %v:\n%.2000s", gap, stub.text())
		}

		s.loops.expect("a loop that is never heard of")
		time.Sleep(watchdogLimit)
		fed, _ := stub.feeding()
		time.Sleep(time.Hour)
		if last, _ := stub.feeding(); last != fed || !stub.heard("STATUS=stands still: a loop that is never heard of") {
			t.Errorf("the watchdog was fed %v after a loop stood still", last.Sub(fed))
		}
		cancel()
		<-ended
		life.stop()
		s.check(false)
		for _, private := range []string{canary, secret} {
			if strings.Contains(stub.text(), private) {
				t.Errorf("systemd was told %q", private)
			}
		}
	})
}

// TestSupervised: a real process tells systemd all that it should, over a real socket.
func TestSupervised(t *testing.T) {
	k := newKillSite(t, 150)
	stub := new(systemdStub)
	t.Setenv("NOTIFY_SOCKET", listenNotify(t, stub))
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(1_000_000))
	cmd, out := k.program(t, t.Context())
	defer cmd.Process.Kill()
	wait := func(what string, words ...string) {
		t.Helper()
		if err := eventually(func() bool { return stub.heard(words...) }); err != nil {
			t.Fatalf("%s: %v:\n%s\n%s", what, err, stub.text(), tail(out.String()))
		}
	}
	wait("start", "EXTEND_TIMEOUT_USEC=30000000", "READY=1\nSTATUS=", "WATCHDOG=1\nSTATUS=", "WATCHDOG=1")
	wait("at work", "STATUS=next query at ")
	hangUp := func() {
		t.Helper()
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUp()
	wait("reload", "READY=1", "RELOADING=1\nMONOTONIC_USEC=", "READY=1")
	path := filepath.Join(k.dir, "config.yaml")
	if err := os.WriteFile(path, []byte("streams: nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	hangUp()
	wait("a reload that is refused", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1", "WATCHDOG=1")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("stopped, it ended with %v", err)
	}
	wait("end", "STOPPING=1")
	k.checkOutput(t, out.String())
}

func listenNotify(t *testing.T, stub *systemdStub) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			_ = stub.hear(string(buf[:n]))
		}
	}()
	return path
}
