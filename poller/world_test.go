package poller_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"seekpoller/graphql"
	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// world is one database and SEEK, in the fake time of a bubble, which begins at midnight. Pollers live in it one after the other or
// side by side. The network is in memory, net/http and SQLite are real.
type world struct {
	t            *testing.T
	path         string // of the database
	seek         *simulator.Server
	pipe         *simulator.Pipe
	streams      []poller.Stream
	destinations []poller.Destination
	grace        time.Duration
	shared       bool                       // several pollers on the database
	rewrite      func(answer []byte) []byte // changes what SEEK answers; nil: nothing

	begin   time.Time
	booted  time.Time
	bootID  string
	wallOff atomic.Int64          // how wrong the wall clock is, as a time.Duration
	slept   *atomic.Int64         // how long the machine was suspended, likewise: no timer of ours noticed
	onDial  func()                // called at each connection, before it stands; may be nil; set before a life begins
	onClock func()                // called at each reading of the clocks; may be nil; set before a life begins
	onLog   func(line string)     // called at each line of the log; likewise
	told    atomic.Int64          // calls of Saved
	alive   func(time.Duration)   // the poller's Alive; likewise
	figures func(poller.Exchange) // its Asked; likewise

	late    bool // the poller hears of everything late
	unsent  int  // rows of the ledger whose query was not sent
	open    int  // rows of the ledger that are open at the end
	dropped int  // pages that SEEK sent whole and that were rightly not applied
}

// inBubble runs a law with a world of its own, whose only stream takes all types from the start.
func inBubble(t *testing.T, o simulator.Options, law func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{
			t: t, path: filepath.Join(memoryDir(t), "seek-poller.db"), seek: simulator.New(o), pipe: simulator.NewPipe(),
			streams: []poller.Stream{stream(t, "all")}, grace: 8 * time.Second,
			begin: time.Now(), booted: time.Now().Add(-time.Hour), bootID: "first boot", slept: new(atomic.Int64),
		}
		w.serve()
		law(w)
		w.check()
	})
}

// memoryDir is a directory in memory where there is one: a bubble's time is free, a sync of a disk is not.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "seek-poller-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func stream(t *testing.T, name string, types ...string) poller.Stream {
	t.Helper()
	return poller.Stream{Name: name, Scheme: "seekAnz", Types: types, Schedule: schedule(t, "*/15 * * * *"), Fingerprint: "as configured"}
}

func (w *world) serve() {
	server := &http.Server{Handler: http.HandlerFunc(w.answer)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := server.Serve(w.pipe); !errors.Is(err, http.ErrServerClosed) {
			w.t.Errorf("serve: %v", err)
		}
	}()
	w.t.Cleanup(func() { server.Close(); <-done })
}

// answer is SEEK's, rewritten if the test wants it.
func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	if w.rewrite == nil || r.URL.Path != "/graphql" {
		w.seek.ServeHTTP(rw, r)
		return
	}
	original := httptest.NewRecorder()
	w.seek.ServeHTTP(original, r)
	rw.Header().Set("Content-Type", original.Header().Get("Content-Type"))
	rw.WriteHeader(original.Code)
	if _, err := rw.Write(w.rewrite(original.Body.Bytes())); err != nil {
		w.t.Errorf("write the answer: %v", err)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// now is the machine's clocks.
func (w *world) now() store.Instant {
	if w.onClock != nil {
		w.onClock()
	}
	slept := time.Duration(w.slept.Load())
	return store.Instant{Wall: time.Now().Add(time.Duration(w.wallOff.Load()) + slept).UTC(), Boot: time.Since(w.booted) + slept, BootID: w.bootID}
}

// reboot gives the machine a new boot; no poller may be alive.
func (w *world) reboot() {
	w.booted = time.Now()
	w.bootID = fmt.Sprintf("boot at %v", time.Since(w.begin))
}

// life is one process with a poller.
type life struct {
	w      *world
	store  *store.Store
	poller *poller.Poller
	ctx    context.Context // of the run
	cancel context.CancelFunc
	done   chan error
}

func (w *world) start() *life {
	w.t.Helper()
	l := w.prepare()
	l.run()
	return l
}

// prepare is a life that has yet to run.
func (w *world) prepare() *life {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := store.Open(ctx, w.path, store.Options{Create: true, Shared: w.shared, Started: w.now()})
	w.must(err)
	var specs []store.DestinationSpec
	for _, d := range w.destinations {
		specs = append(specs, store.DestinationSpec{Name: d.Name, Kind: "directory"})
	}
	w.must(s.SyncDestinations(ctx, specs, w.now().Wall))
	return &life{w: w, store: s, poller: poller.New(w.config(s)), ctx: ctx, cancel: cancel, done: make(chan error, 1)}
}

func (l *life) run() {
	go func() { l.done <- l.poller.Run(l.ctx) }()
}

func (w *world) config(s *store.Store) poller.Config {
	client, err := graphql.NewHTTPClient(graphql.TransportConfig{Timeout: 30 * time.Second, Dial: w.dial})
	w.must(err)
	return poller.Config{
		Store:  s,
		Client: graphql.New(graphql.Config{Endpoint: "http://seek.test/graphql", HTTP: client, UserAgent: "seek-poller/test", SessionID: uuid.NewString()}),
		Tokens: graphql.NewTokens(client, "seek-poller/test", graphql.Credentials{
			TokenURL: "http://seek.test/oauth/token", Audience: "https://graphql.seek.com", ClientID: "partner", ClientSecret: "secret"}),
		Streams:      w.streams,
		Destinations: w.destinations,
		Interval:     minute,
		Quiet:        quiet,
		Timeout:      30 * time.Second,
		PageSize:     graphql.MaxFirst,
		Grace:        w.grace,
		Now:          w.now,
		Saved:        func() { w.told.Add(1) },
		Alive:        w.alive,
		Asked:        w.figures,
		Jitter:       func() float64 { return 0 },
		Log:          w.logger(),
	}
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if w.onDial != nil {
		w.onDial()
	}
	return w.pipe.Dial(ctx, network, address)
}

func (w *world) logger() *zap.Logger {
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.AddSync(io.Discard), zapcore.InfoLevel)
	return zap.New(core, zap.Hooks(func(e zapcore.Entry) error {
		if w.onLog != nil {
			w.onLog(e.Message)
		}
		return nil
	}))
}

// stop ends a life as systemd would.
func (l *life) stop() {
	l.w.t.Helper()
	l.cancel()
	l.w.must(<-l.done)
	l.w.must(l.store.Close())
}

// live is a life of that length.
func (w *world) live(d time.Duration) {
	w.t.Helper()
	l := w.start()
	time.Sleep(d)
	l.stop()
}

// ends waits for a life to end by itself and returns why.
func (l *life) ends() error {
	l.w.t.Helper()
	defer l.store.Close()
	defer l.cancel()
	select {
	case err := <-l.done:
		return err
	case <-time.After(time.Hour):
		l.w.t.Fatal("the poller goes on")
		return nil
	}
}
