package main

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// swarm is a site on which everything goes wrong that its seed wants.
type swarm struct {
	*site
	seed    int64
	plan    plan
	rng     *rand.Rand
	tally   *tally
	begin   time.Time
	muted   atomic.Bool // no more faults, of anybody
	mutedAt time.Time

	targets map[string]*target // by destination, removed ones too
	live    *life              // nil: the machine is down
	deaf    sync.Once          // of the life: its disk is taken away once
	closed  chan struct{}      // of the life: when that is done
	hook    atomic.Pointer[hook]

	mutex     sync.Mutex // guards what the servers' goroutines write: tally, bodies, dialled, tokenless
	bodies    map[string][]byte
	dialed    map[string]int
	tokenless spans // for which the token endpoint wanted to be left alone

	looked                        // what the checkers remember
	arrivals door                 // what is looked at while a query is at the door
	happened []happening          // disturbances, by SEEK's clock
	visible  map[string]time.Time // events by when SEEK had them
	changed  map[string]bool      // events that SEEK served with another content later
	backups  []map[string][]byte
	deeds    map[int64]string // actions that we had done, by number
	epochs   []epoch
	paused   map[string]bool
	seen     []string // of the trace, until there were no more faults
}

// happening is a disturbance, for checkers that apply only where there was none.
type happening struct {
	at   time.Time
	what string
}

// newSwarm builds the site. SEEK's clock goes on while the machine is suspended.
func newSwarm(t *testing.T, seed int64) *swarm {
	p := newPlan(t, seed)
	s := &swarm{seed: seed, plan: p, rng: p.own, tally: newTally(), begin: time.Now(), targets: map[string]*target{}, bodies: map[string][]byte{}, dialed: map[string]int{},
		visible: map[string]time.Time{}, deeds: map[int64]string{}, changed: map[string]bool{}, paused: map[string]bool{}, looked: newLooked()}
	slept := new(atomic.Int64)
	s.site = newSite(t, simulator.Options{Seed: seed, Now: func() time.Time { return time.Now().Add(time.Duration(slept.Load())) },
		NullEndCursorOnEmpty: drawn(seed, "null").IntN(2) == 0, UnauthenticatedCode: []int{200, 401}[drawn(seed, "401").IntN(2)],
		PageLatency: func(n int) time.Duration {
			return time.Duration(drawn(seed, "latency %d", n).Float64() * float64(p.latency))
		}})
	s.slept, s.first = slept, p.page
	s.jitter = func() float64 { return drawn(seed, "jitter %v", s.elapsed()).Float64() }
	s.onClock = func() { s.at("clock") }
	s.onLog = s.heard
	s.cfg.Streams = p.streams
	s.cfg.Destinations = p.destinations(s.rng, filepath.Join(s.dir, "spool"))
	for _, d := range s.cfg.Destinations {
		s.addTarget(d)
	}
	s.serveSeek()
	s.note("begin")
	return s
}

// elapsed is the time since the start by SEEK's clock.
func (s *swarm) elapsed() time.Duration { return s.seekNow().Sub(s.begin) }

func (s *swarm) seekNow() time.Time { return time.Now().Add(time.Duration(s.slept.Load())) }

func (s *swarm) note(what string) { s.happened = append(s.happened, happening{s.seekNow(), what}) }

// calm says that nothing happened between two times by SEEK's clock. Only lives are disturbed: what happened while the machine was down lies between two of them.
func (s *swarm) calm(from, to time.Time) bool {
	if s.near(from, to) {
		return false
	}
	return s.plan.share == 0 || s.muted.Load() && from.After(s.mutedAt)
}

// serveSeek puts SEEK on the network, with somebody who copies what it answers.
func (s *swarm) serveSeek() {
	s.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" {
			s.queryArrives(r)
			s.at("query")
			select {
			case s.asked <- struct{}{}:
			default:
			}
		}
		if s.muted.Load() || r.Kind != "events" && r.Kind != "token" {
			return simulator.Fault{}
		}
		f := s.plan.fault(s.seed, r)
		if r.Kind == "token" {
			s.tokenPeace(f)
		}
		return f
	})
	s.serve("seek.test:80", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &copied{ResponseWriter: w}
		defer func() {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			if id := r.Header.Get("X-Request-Id"); len(c.text) < 1<<20 {
				s.bodies[id] = c.text
			}
		}()
		s.site.seek.ServeHTTP(c, r)
	}))
}

func (p *plan) fault(seed int64, r simulator.Request) simulator.Fault {
	rng := drawn(seed, "%s %d", r.Kind, r.N)
	if len(p.upstream) == 0 || rng.Float64() >= p.share {
		return simulator.Fault{}
	}
	sum := 0.0
	for _, w := range p.weights {
		sum += w
	}
	at := rng.Float64() * sum
	for i, w := range p.weights {
		if at -= w; at < 0 {
			return p.upstream[i]
		}
	}
	return p.upstream[0]
}

// copied keeps what is written.
type copied struct {
	http.ResponseWriter
	text []byte
}

func (c *copied) Write(b []byte) (int, error) {
	c.text = append(c.text, b...)
	return c.ResponseWriter.Write(b)
}

func (c *copied) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func hashed64(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// addTarget makes what stands behind a destination.
func (s *swarm) addTarget(d config.Destination) {
	if s.targets[d.Name] != nil {
		return
	}
	g := &target{s: s, name: d.Name, kind: d.Kind(), rng: func(format string, args ...any) *rand.Rand { return drawn(s.seed, d.Name+format, args...) }, tries: map[string]int{}}
	g.healthy = g.rng("healthy").IntN(2) == 0
	g.single = d.Webhook != nil && d.Webhook.Concurrency == 1
	switch {
	case d.Directory != nil:
		g.path = d.Directory.Path
		if err := os.Mkdir(g.path, 0o700); err != nil {
			s.t.Fatal(err)
		}
	case d.Exec != nil:
		g.path = d.Exec.Env["OUT"]
	case d.Webhook.Format == "standard":
		g.standard = &standard{target: g}
		s.serve(targetHost(d), g.standard)
	default:
		g.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary, Now: s.seekNow, Fault: g.fault})
		s.serve(targetHost(d), g.receiver)
	}
	s.targets[d.Name] = g
	if d.Webhook != nil {
		s.allowed[targetHost(d)] = true
	}
}

func targetHost(d config.Destination) string {
	host, _, _ := strings.Cut(strings.TrimPrefix(d.Webhook.URL, "http://"), "/")
	return host + ":80"
}
