package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// prepare sets the stage: SEEK, a receiver, and the daemon on a config of its own.
func (d *demo) prepare(ctx context.Context) error {
	if err := d.makeDir(); err != nil {
		return err
	}
	const secret = "a-secret-of-the-demo-only"
	d.seek = simulator.New(simulator.Options{Seed: time.Now().UnixNano(), Interval: demoInterval, Quiet: demoQuiet, PageLatency: demoLatency})
	d.seek.Add(350)
	d.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret)})
	seekAt, err := d.serve(d.seek)
	if err != nil {
		return err
	}
	receiverAt, err := d.serve(d.receiver)
	if err != nil {
		return err
	}
	if d.cfg, err = d.writeConfig(seekAt, receiverAt, secret); err != nil {
		return err
	}
	page, err := net.Listen("tcp", d.cfg.Admin.Listen)
	if err != nil {
		return err
	}
	d.introduce(page.Addr())
	if d.daemon, err = openDaemon(ctx, d.cfg, newDemoLogger(d.out), realOutside()); err != nil {
		return err
	}
	d.answer(page, d.daemon.admin.Port())
	socket, err := admin.ListenSocket(d.cfg.Admin.Socket, "")
	if err != nil {
		fmt.Fprintf(d.out, "no other verb reaches this demo: %v\n", err)
		return nil
	}
	d.answer(socket, d.daemon.admin.Socket())
	return nil
}

// answer serves people as the daemon does.
func (d *demo) answer(l net.Listener, h http.Handler) {
	d.servers = append(d.servers, func(ctx context.Context) error { return admin.Serve(ctx, l, h) })
}

// demoLatency is how long the n-th answer takes.
func demoLatency(n int) time.Duration { return time.Duration(100+50*(n%5)) * time.Millisecond }

func (d *demo) makeDir() (err error) {
	if d.dir == "" {
		d.dir, err = os.MkdirTemp("", "seek-poller-demo-")
		return err
	}
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.dir)
	if err == nil && len(entries) > 0 {
		err = fmt.Errorf("%s is not empty", d.dir)
	}
	return err
}

func (d *demo) serve(h http.Handler) (address string, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	d.servers = append(d.servers, serving(listener, h))
	return listener.Addr().String(), nil
}

const demoConfig = `# The config of a demo. Its limits are legal only because everything is on this machine.
database: seek-poller.db
admin: {socket: %[5]q, listen: "127.0.0.1:0"}
seek:
  endpoint: http://%[1]s/graphql
  token_url: http://%[1]s/oauth/token
  client_id: demo
  client_secret_file: seek-client-secret
  query_interval: %[3]s
  quiet_period: %[4]s
streams:
  - {name: applications, scheme: seekAnz, event_types: [CandidateApplicationCreated], schedule: "@every 5s", start: earliest}
  - name: rest
    scheme: seekAnz
    event_types: [CandidateProfilePurchased, HirerRelationshipChanged, PositionProfilePosted, PositionProfileClosed, PositionProfileUpdated, PositionNotPosted]
    schedule: "@every 5s"
    start: earliest
destinations:
  - name: ats
    webhook: {url: "http://%[2]s/seek", secret_file: ats-secret}
  - name: spool
    directory: {path: spool}
`

// writeConfig puts a real config beside the database, so that the demo's files can be looked at and used with the other verbs.
func (d *demo) writeConfig(seekAt, receiverAt, secret string) (*config.Config, error) {
	files := map[string]string{
		"seek-poller.yaml":   fmt.Sprintf(demoConfig, seekAt, receiverAt, demoInterval, demoQuiet, d.socket()),
		"seek-client-secret": secret,
		"ats-secret":         secret,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if err := os.Mkdir(filepath.Join(d.dir, "spool"), 0o700); err != nil {
		return nil, err
	}
	return config.Load(filepath.Join(d.dir, "seek-poller.yaml"), nil)
}

// socket is the path of the admin socket: beside the other files, where that is short enough for a socket.
func (d *demo) socket() string {
	const name = "admin.sock"
	if len(filepath.Join(d.dir, name)) <= config.MostSocket {
		return name
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("seek-poller-demo-%d.sock", os.Getpid()))
}

func (d *demo) introduce(page net.Addr) {
	fmt.Fprintf(d.out, `SEEK is simulated on this machine. Its limits are shortened, which is legal only on loopback:
an events query every %s instead of every minute, %s of quiet after a last page instead of 15 minutes.

  SEEK    350 events of all types wait there, and new ones come
  page    http://%s/
  files   %s
  verbs   seek-poller status --config %[4]s/seek-poller.yaml    in another shell, while it runs

`, demoInterval, demoQuiet, page, d.dir)
}
