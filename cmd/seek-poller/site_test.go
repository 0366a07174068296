package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/zap/zapcore"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// canary is in every piece of personal data that the simulator makes up, and secret in every secret. Neither may ever be printed.
const (
	canary = "kanarienvogel"
	secret = "geheimnis-geheimnis"
)

// site is a partner's machine room inside a synctest bubble: SEEK, a receiver, a spool directory, and one daemon after the other on the
// same database. The network is in memory, the clocks are the bubble's, the disk is real.
type site struct {
	t        *testing.T
	dir      string
	cfg      *config.Config
	seek     *simulator.Server
	receiver *simulator.Receiver
	pipes    map[string]*simulator.Pipe // by host

	booted  time.Time
	bootID  string
	wallOff atomic.Int64  // how wrong the machine's wall clock is, as a time.Duration
	slept   *atomic.Int64 // how long the machine was suspended, likewise: no timer noticed
	asked   chan struct{} // a query has just arrived at SEEK
	loops   *loops        // of the next life; nil: nobody watches
	trap    atomic.Pointer[trap]
	onClock func()         // called at each reading of the clocks; may be nil; set before a life begins
	onLog   func([]byte)   // called with each line of the log; likewise
	jitter  func() float64 // of the next life; nil: random
	first   int            // events a page, of the next life; 0: as many as SEEK gives

	mu  sync.Mutex // guards out
	out bytes.Buffer
}

// newSite builds a site whose streams and destinations the test may still change.
func newSite(t *testing.T, o simulator.Options) *site {
	t.Helper()
	o.Canary = canary
	s := &site{
		t:      t,
		dir:    memoryDir(t),
		seek:   simulator.New(o),
		pipes:  map[string]*simulator.Pipe{},
		booted: time.Now().Add(-time.Hour),
		bootID: "boot 1",
		slept:  new(atomic.Int64),
		asked:  make(chan struct{}, 1),
	}
	s.faults(func(simulator.Request) simulator.Fault { return simulator.Fault{} })
	s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary, Fault: s.receiverFault})
	spool := filepath.Join(s.dir, "spool")
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	s.cfg = s.config(spool)
	s.serve("seek.test:80", s.seek)
	s.serve("receiver.test:80", s.receiver)
	return s
}

// memoryDir is a temporary directory in memory where there is one: the bubble's time is free, a sync of a disk is not, and what a sync is
// for is tested elsewhere.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "seek-poller-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (s *site) config(spool string) *config.Config {
	return &config.Config{
		Database: filepath.Join(s.dir, "data", "seek-poller.db"),
		Seek: config.Seek{
			Endpoint: "http://seek.test/graphql", TokenURL: "http://seek.test/oauth/token", Audience: "https://graphql.seek.com",
			ClientID: "partner", ClientSecret: config.NewSecret(secret),
			Timeout: config.Duration(30 * time.Second), QueryInterval: config.Duration(time.Minute), QuietPeriod: config.Duration(15 * time.Minute),
		},
		Streams: []config.Stream{stream(s.t, "all")},
		Destinations: []config.Destination{
			{Name: "ats", Webhook: &config.Webhook{URL: "http://receiver.test/seek", Format: "seek", Secret: config.NewSecret(secret), Timeout: config.Duration(30 * time.Second), Concurrency: 4}},
			{Name: "spool", Directory: &config.Directory{Path: spool, Mode: 0o640}},
		},
	}
}

func stream(t *testing.T, name string, types ...string) config.Stream {
	t.Helper()
	s := config.Stream{Name: name, Scheme: "seekAnz", EventTypes: types, Start: config.Start{Kind: config.StartEarliest}}
	if err := s.Schedule.UnmarshalText([]byte("*/15 * * * *")); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *site) serve(host string, h http.Handler) {
	pipe := simulator.NewPipe()
	s.pipes[host] = pipe
	server := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(pipe); !errors.Is(err, http.ErrServerClosed) {
			s.t.Errorf("serve %s: %v", host, err)
		}
	}()
	s.t.Cleanup(func() { server.Close(); <-done })
}

// now is the machine's clocks.
func (s *site) now() store.Instant {
	if s.onClock != nil {
		s.onClock()
	}
	slept := time.Duration(s.slept.Load())
	return store.Instant{Wall: time.Now().Add(time.Duration(s.wallOff.Load()) + slept).UTC(), Boot: time.Since(s.booted) + slept, BootID: s.bootID}
}

// faults scripts what goes wrong at SEEK.
func (s *site) faults(script func(simulator.Request) simulator.Fault) {
	s.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" {
			select {
			case s.asked <- struct{}{}:
			default:
			}
		}
		return script(r)
	})
}

// awaitQuery waits until a query arrives at SEEK, or for half an hour.
func (s *site) awaitQuery() {
	select {
	case <-s.asked: // an old one
	default:
	}
	select {
	case <-s.asked:
	case <-time.After(30 * time.Minute):
	}
}

// reboot gives the machine a new boot; the daemon must be down.
func (s *site) reboot() {
	s.booted = time.Now()
	s.bootID = fmt.Sprintf("boot at %s", s.booted.Format(time.RFC3339Nano))
}

// Write is the daemon's log.
func (s *site) Write(p []byte) (int, error) {
	if s.onLog != nil {
		s.onLog(p)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.Write(p)
}

func (s *site) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.out.String()
}

// life is one run of the daemon.
type life struct {
	site   *site
	daemon *daemon
	cancel context.CancelFunc
	done   chan error
	next   chan *config.Config // a config to take over

	mu     sync.Mutex // guards what follows
	cut    bool
	conns  []net.Conn
	onDial func(address string) // may be nil
}

// start starts the daemon.
func (s *site) start() *life {
	s.t.Helper()
	l := &life{site: s, done: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	var err error
	l.daemon, err = openDaemon(ctx, s.cfg, newLogger(s, zapcore.InfoLevel, "json"), outside{now: s.now, dial: l.dial, loops: s.loops, jitter: s.jitter, first: s.first})
	if err != nil {
		s.t.Fatalf("start the daemon: %v", err)
	}
	l.next = make(chan *config.Config)
	go func() { l.done <- l.daemon.run(ctx, l.next) }()
	return l
}

func (l *life) dial(ctx context.Context, network, address string) (net.Conn, error) {
	pipe := l.site.pipes[address]
	if pipe == nil {
		return nil, fmt.Errorf("no host %s", address)
	}
	l.mu.Lock()
	if l.onDial != nil {
		l.onDial(address)
	}
	l.mu.Unlock()
	conn, err := pipe.Dial(ctx, network, address)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && l.cut {
		conn.Close()
		err = net.ErrClosed
	}
	l.conns = append(l.conns, conn)
	return conn, err
}

// stop ends the daemon as systemd would.
func (l *life) stop() {
	l.site.t.Helper()
	l.cancel()
	if err := <-l.done; err != nil {
		l.site.t.Errorf("the daemon ended with: %v", err)
	}
	if err := l.daemon.close(); err != nil {
		l.site.t.Errorf("close: %v", err)
	}
}

// crash takes disk and network away in the middle of whatever the daemon does: what was not committed is gone.
func (l *life) crash() {
	l.mu.Lock()
	l.cut = true
	for _, c := range l.conns {
		if c != nil {
			c.Close()
		}
	}
	l.mu.Unlock()
	l.daemon.close()
	l.cancel()
	<-l.done
}

// check is the invariant checker: it is called after every disturbance, while no daemon runs. settled says that everything owed had time
// to arrive.
func (s *site) check(settled bool) {
	s.t.Helper()
	for _, v := range s.seek.Report().Violations {
		s.t.Errorf("SEEK saw a broken rule: %+v", v)
	}
	for _, v := range s.receiver.Violations() {
		s.t.Errorf("the receiver saw: %s", v)
	}
	s.checkLedger()
	s.checkSecrets()
	if !settled {
		return
	}
	if c := simulator.Compare(s.seek, s.receiver.Accepted()); len(c.Lost)+len(c.Invented) > 0 {
		s.t.Errorf("receiver: of %d events, lost %v, invented %v", c.Owed, c.Lost, c.Invented)
	}
	if c := simulator.Compare(s.seek, s.spooled()); len(c.Lost)+len(c.Invented) > 0 {
		s.t.Errorf("spool: of %d events, lost %v, invented %v", c.Owed, c.Lost, c.Invented)
	}
}

// checkSecrets looks for what must never be printed.
func (s *site) checkSecrets() {
	s.t.Helper()
	for _, word := range []string{secret, canary, "Bearer"} {
		if i := strings.Index(s.log(), word); i >= 0 {
			s.t.Errorf("the log shows %q", word)
		}
	}
}

// addReceiver puts another receiver on the network.
func (s *site) addReceiver(host string) *simulator.Receiver {
	r := simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary})
	s.serve(host, r)
	return r
}

// count asks the database for one number.
func (s *site) count(query string) int {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRow(query).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// checkLedger looks into the database, as anybody can with the sqlite3 shell: the ledger proves that nothing was skipped and nothing hurried,
// and each event has its delivery to each destination that takes it.
func (s *site) checkLedger() {
	s.t.Helper()
	const forAll = "NOT EXISTS (SELECT 1 FROM queries q JOIN cursors c ON c.id = q.cursor_id WHERE q.id = e.query_id AND c.deliver IS NOT NULL)"
	for name, query := range map[string]string{
		"gaps":                             "SELECT count(*) FROM gaps",
		"hurries":                          "SELECT count(*) FROM hurries",
		"foreign keys broken":              "SELECT count(*) FROM pragma_foreign_key_check",
		"events without all deliveries":    "SELECT (SELECT count(*) FROM events e WHERE " + forAll + ") * (SELECT count(*) FROM destinations) - (SELECT count(*) FROM outbox JOIN events e USING (seq) WHERE " + forAll + ")",
		"pages whose events are not here":  "SELECT count(*) FROM queries q LEFT JOIN (SELECT query_id, count(*) AS n FROM events GROUP BY query_id) e ON e.query_id = q.id WHERE q.outcome = 'answered' AND q.fresh <> coalesce(e.n, 0)",
		"destinations counted wrong":       "SELECT count(*) FROM destinations WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL) OR dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)",
		"hours tallied wrong":              "SELECT count(*) FROM (SELECT stream, type, substr(at, 1, 13) AS hour, count(*) AS n FROM events GROUP BY 1, 2, 3) e FULL JOIN tallies t USING (stream, type, hour) WHERE e.n IS NOT t.events",
		"events of a page never committed": "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE q.outcome IS NOT 'answered'",
	} {
		if n := s.count(query); n != 0 {
			s.t.Errorf("%s: %d, want 0", name, n)
		}
	}
}

// spooled reads the spool directory as an importer would.
func (s *site) spooled() map[string]int {
	s.t.Helper()
	got := map[string]int{}
	dir := s.cfg.Destinations[1].Directory.Path
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			s.t.Fatal(err)
		}
		var event struct{ ID string }
		if err := json.Unmarshal(text, &event); err != nil {
			s.t.Errorf("file %s: %v", entry.Name(), err)
		}
		got[event.ID]++
	}
	return got
}
