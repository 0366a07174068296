package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"seekpoller/internal/simulator"
)

// program is the real daemon beside a SEEK and a receiver on loopback.
type program struct {
	binary, dir, address string
	seek                 *simulator.Server
	servers              []*httptest.Server
	stream               string      // of the config
	people               http.Client // by the socket, as the verbs
	cmd                  *exec.Cmd
	log                  bytes.Buffer
	ready                time.Duration // from its start until it said READY=1
}

// surroundings are what a program is started in.
type surroundings struct {
	database   string
	interval   time.Duration // between two queries
	quiet      time.Duration // of a stream after its last page
	events     int           // that SEEK has at the start
	supervised bool          // as systemd does, with a watchdog of three minutes
}

const settings = `database: %[1]s
admin: {socket: %[2]s/admin.sock, listen: "%[3]s"}
seek:
  endpoint: %[4]s/graphql
  token_url: %[4]s/oauth/token
  client_id: bulk
  client_secret_file: %[2]s/secret
  query_interval: %[5]s
  quiet_period: %[6]s
streams:
  - {name: %[9]s, scheme: seekAnz, start: earliest%[8]s}
destinations:
%[7]s`

// webhook is a destination that takes everything at once.
const webhook = "  - {name: %s, webhook: {url: %s, secret_file: %s/secret}}\n"

func startProgram(ctx context.Context, binary string, s surroundings) (*program, error) {
	p := &program{binary: binary}
	var err error
	if s.database, err = filepath.Abs(s.database); err != nil {
		return nil, err
	}
	if p.dir, err = os.MkdirTemp("", "bulk-*"); err != nil {
		return nil, err
	}
	p.people.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", p.dir+"/admin.sock")
	}}
	if err := p.settle(s); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	if err := p.start(ctx, s); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

// settle puts up what the program talks to, and writes its config.
func (p *program) settle(s surroundings) error {
	p.seek = simulator.New(simulator.Options{Seed: 1, Interval: s.interval, Quiet: s.quiet})
	p.seek.Add(s.events)
	seek := httptest.NewServer(p.seek)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusNoContent)
	}))
	p.servers = []*httptest.Server{seek, receiver}
	p.stream = "live" + seek.URL[strings.LastIndex(seek.URL, ":"):]
	p.stream = strings.ReplaceAll(p.stream, ":", "-") // a new one for each SEEK: a cursor belongs to its endpoint
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.address = free.Addr().String()
	if err := free.Close(); err != nil {
		return err
	}
	schedule := ""
	if s.quiet < 15*time.Minute {
		schedule = fmt.Sprintf(", schedule: %q", "@every "+s.quiet.String())
	}
	var destinations strings.Builder
	for i := range 2 {
		fmt.Fprintf(&destinations, webhook, destination(i), receiver.URL, p.dir)
	}
	text := fmt.Sprintf(settings, s.database, p.dir, p.address, seek.URL, s.interval, s.quiet, destinations.String(), schedule, p.stream)
	return errors.Join(os.WriteFile(p.dir+"/secret", []byte("bulk-bulk-bulk-bulk"), 0o600), os.WriteFile(p.config(), []byte(text), 0o600))
}

func (p *program) config() string { return filepath.Join(p.dir, "seek-poller.yaml") }

// start waits until the program says that it is ready.
func (p *program) start(ctx context.Context, s surroundings) error {
	_ = os.Remove(p.dir + "/notify") // of an earlier start
	notified, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: p.dir + "/notify", Net: "unixgram"})
	if err != nil {
		return err
	}
	p.cmd = exec.CommandContext(ctx, p.binary, "run", "--config", p.config())
	p.cmd.Stderr = &p.log
	p.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+p.dir+"/notify")
	if s.supervised {
		p.cmd.Env = append(p.cmd.Env, "WATCHDOG_USEC=180000000")
	}
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return errors.Join(err, notified.Close())
	}
	if err := awaitReady(notified); err != nil {
		return errors.Join(fmt.Errorf("%w: %s", err, p.log.Bytes()), notified.Close())
	}
	p.ready = time.Since(begun)
	go drain(notified)
	return nil
}

func awaitReady(c *net.UnixConn) error {
	if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	message := make([]byte, 4096)
	for {
		n, err := c.Read(message)
		if err != nil {
			return fmt.Errorf("the program did not say that it is ready: %w", err)
		}
		if bytes.Contains(message[:n], []byte("READY=1")) {
			return c.SetReadDeadline(time.Time{})
		}
	}
}

// drain hears the rest, as systemd does: else the program would wait once the socket is full.
func drain(c *net.UnixConn) {
	message := make([]byte, 4096)
	for {
		if _, err := c.Read(message); err != nil {
			return
		}
	}
}

// end ends the program alone; start may follow.
func (p *program) end() error {
	if p.cmd == nil || p.cmd.Process == nil {
		return nil
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	err := p.cmd.Wait()
	p.cmd = nil
	return err
}

// stop ends all that was put up.
func (p *program) stop() (err error) {
	err = p.end()
	for _, server := range p.servers {
		server.Close()
	}
	return errors.Join(err, os.RemoveAll(p.dir))
}

// verb runs a verb as a person does, and gives what it printed.
func (p *program) verb(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, p.binary, append([]string{"--config", p.config()}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && cmd.ProcessState.ExitCode() != exitUnhealthy {
		return nil, fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, stderr.Bytes())
	}
	return out, nil
}

const exitUnhealthy = 3 // of status: somebody should look, which is no failure of the verb
