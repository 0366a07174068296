package admin

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

// Config is what a Server works with. What it does not know of the configuration, as of a copy of a database without its config, is left
// empty; then verbs that need it say so.
type Config struct {
	Store        *store.Store
	Now          func() store.Instant
	Version      string
	Streams      []ConfiguredStream
	Destinations []ConfiguredDestination
	Interval     time.Duration                        // SEEK's minute; 0: unknown, and one minute is assumed
	Wake         func()                               // after a deed: poller and relay look again; nil: nobody works on this database
	Envelope     func(store.Event) []byte             // the JSON object of an event that receivers get
	FeedToken    string                               // opens the feed on the port; "": no feed there
	ReadOnly     bool                                 // no deeds at all: the database is open for reading only
	Space        func() (left, size int64, err error) // of the disk, in bytes; nil: of the one that the database is on
	Log          *zap.Logger                          // nil: silent
	Metrics      *Metrics                             // nil: nothing that happens is counted, only how things stand
}

// ConfiguredStream is what deeds need to know of a stream.
type ConfiguredStream struct {
	Name, Scheme string
	Types        []string // empty: all
	Fingerprint  string
	Details      bool
}

// ConfiguredDestination says which events a destination takes. Empty lists: all.
type ConfiguredDestination struct {
	Name                   string
	Streams, Types, Hirers []string
}

// Server answers people: a page, JSON, and deeds. One for a database; it is safe for concurrent use.
type Server struct {
	config atomic.Pointer[Config]
	saved  notice
	routes *http.ServeMux

	verifying sync.Mutex // one at a time: it reads the whole database
	backingUp sync.Mutex // likewise, and needs room for another
}

// NewServer makes a server; reach it through Socket, Port or Inside.
func NewServer(c Config) *Server {
	s := &Server{saved: newNotice()}
	s.Use(c)
	s.routes = s.mux()
	return s
}

// Use puts another configuration in force, after a reload.
func (s *Server) Use(c Config) {
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	if c.Interval == 0 {
		c.Interval = time.Minute
	}
	if c.Metrics == nil {
		c.Metrics = NewMetrics(c.Version)
	}
	c.Metrics.expect(c)
	s.config.Store(&c)
}

// Saved says that events came in: it wakes those who wait at the feed.
func (s *Server) Saved() { s.saved.tell() }

// Socket is the handler for the unix socket: everything, deeds too. Who asks is read from the connection; see Serve.
func (s *Server) Socket() http.Handler { return s.door(door{deeds: true, local: true}) }

// Port is the handler for the loopback port: whoever can reach it may read, and nobody can do anything.
func (s *Server) Port() http.Handler { return s.door(door{}) }

// Inside is the handler for the process itself, for a database without a daemon. actor is who does the deeds.
func (s *Server) Inside(actor string) http.Handler {
	return s.door(door{deeds: true, local: true, inside: true, actor: actor})
}

// door is the way by which a request came in, and with it what it may do.
type door struct {
	deeds  bool
	local  bool // by the socket: personal data may be shown, and the Host header is of no matter
	inside bool
	actor  string // "": the peer of the connection
	// waiting has a place for each of those who may wait at the feed at a time.
	waiting chan struct{}
}

type doorKey struct{}

func doorOf(ctx context.Context) door {
	d, _ := ctx.Value(doorKey{}).(door)
	return d
}

// door is the handler of one way in: the same routes behind different limits.
func (s *Server) door(d door) http.Handler {
	d.waiting = make(chan struct{}, mostWaiting)
	return http.HandlerFunc(func(plain http.ResponseWriter, r *http.Request) {
		protect(plain.Header())
		w := &answering{ResponseWriter: plain}
		defer s.rescue(w, r)
		if err := d.admits(w, r); err != nil {
			writeError(w, r, err)
			return
		}
		if r.Method == http.MethodPost {
			_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longestDeed)) // not there inside the process
		}
		r.Body = http.MaxBytesReader(w, r.Body, mostBody)
		s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), doorKey{}, d)))
	})
}

// mux names every route. Reads are GET and HEAD; deeds are POST.
func (s *Server) mux() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /api/v1/status", s.answer(s.status))
	s.eventRoutes(m)
	s.deliveryRoutes(m)
	s.deedRoutes(m)
	s.cursorRoutes(m)
	s.rewindRoutes(m)
	s.backfillRoutes(m)
	s.upkeepRoutes(m)
	s.feedRoutes(m)
	s.pageRoutes(m)
	s.metricRoutes(m)
	m.HandleFunc("GET /healthz", s.healthz)
	m.HandleFunc("GET /readyz", s.readyz)
	m.HandleFunc("/", s.nowhere)
	return m
}

func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	writeError(w, r, &Error{Status: http.StatusNotFound, What: "there is nothing at " + r.URL.Path, Todo: "the page is at /, the JSON below /api/v1/"})
}

// healthz says that the process answers.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, r, map[string]string{"status": "ok"})
}

// readyz says whether all is well: 503 if a person should look, with the reasons.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	report, err := s.Report(r.Context())
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if !report.Healthy {
		w.Header().Set("Content-Type", jsonType)
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	writeJSON(w, r, map[string]any{"ready": report.Healthy, "problems": report.Problems})
}
