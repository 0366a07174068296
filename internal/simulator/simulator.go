// Package simulator is SEEK in memory: the token endpoint and the GraphQL endpoint, with SEEK's polling rules and
// the faults that a network and a busy service have. It also plays the partner's side, which receives the events.
//
// It judges the daemon. So it shares no code with it, keeps its own log, and measures with its own clock at its own
// door: the laws in Report are SEEK's (https://developer.seek.com/events/polling), not the daemon's opinion of them.
//
// It is not a mock of our client's expectations, and it is not the place for policy: it never waits for anyone, it
// only answers, counts and complains. It works behind a real port and, over Pipe, inside a testing/synctest bubble.
package simulator

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// Options describe one simulated SEEK. The zero value is a usable one with SEEK's own limits.
type Options struct {
	Seed int64 // everything that is made up follows from it

	Interval time.Duration // least time between two events queries; 0: one minute
	Quiet    time.Duration // least time after the last page of a stream; 0: 15 minutes

	PageLatency func(n int) time.Duration // time that the answer to the n-th events query takes, n from 1; nil: none
	TokenTTL    time.Duration             // life of a token; 0: 30 minutes
	Now         func() time.Time          // the simulator's clock; nil: time.Now

	Schemes []string // events are made for the first; the rest exist and are empty. Empty: seekAnz

	ClientID, ClientSecret string // the only credentials that get a token; empty: any that are not empty

	// NullEndCursorOnEmpty answers an empty page with endCursor null; otherwise it repeats the cursor that was sent.
	// SEEK does not say which of the two it does.
	NullEndCursorOnEmpty bool
	UnauthenticatedCode  int           // HTTP status of UNAUTHENTICATED; 0: 200. SEEK's documents do not say
	Retention            time.Duration // events older than this, and cursors to them, are gone; 0: kept for ever
	Plain                bool          // Add makes no odd events: all known types, nothing refused, null, late or repeated
	Canary               string        // occurs in every piece of personal data, so that tests can search for it
}

// Server is the simulated SEEK. It is an http.Handler for POST /oauth/token, POST /graphql and GET /report, and safe
// for concurrent use.
type Server struct {
	o      Options
	schema *ast.Schema
	parsed parsed

	mu     sync.Mutex // guards all below; never held while an answer is written or waited for
	rng    *rand.Rand
	stream stream
	tokens tokenBook
	laws   laws
	script func(Request) Fault
	counts map[string]int           // requests by kind
	ends   map[*Query]chan struct{} // answers whose last byte is going out; closed when it is logged
}

// New makes a SEEK that has no events yet.
func New(o Options) *Server {
	o = o.withDefaults()
	s := &Server{
		o:      o,
		schema: loadSchema(),
		rng:    rand.New(rand.NewPCG(uint64(o.Seed), 0x5eec)),
		stream: newStream(o),
		tokens: newTokenBook(),
		laws:   newLaws(o),
		counts: map[string]int{},
		ends:   map[*Query]chan struct{}{},
	}
	return s
}

func (o Options) withDefaults() Options {
	if o.Interval == 0 {
		o.Interval = time.Minute
	}
	if o.Quiet == 0 {
		o.Quiet = 15 * time.Minute
	}
	if o.TokenTTL == 0 {
		o.TokenTTL = 30 * time.Minute
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if len(o.Schemes) == 0 {
		o.Schemes = []string{"seekAnz"}
	}
	if o.UnauthenticatedCode == 0 {
		o.UnauthenticatedCode = http.StatusOK
	}
	return o
}

// ServeHTTP answers the two endpoints of SEEK, and GET /report with the Report as JSON.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/oauth/token":
		s.serveToken(w, r)
	case "/graphql":
		s.serveGraphQL(w, r)
	case "/report":
		s.serveReport(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Fault scripts what goes wrong: f is asked once per request, in order of arrival, under a lock; it must be quick and
// must not call the Server. A zero Fault lets the request through. nil ends the script.
func (s *Server) Fault(f func(Request) Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = f
}

// Request is what a fault script may look at.
type Request struct {
	N    int    // counts the requests of this kind, from 1
	Kind string // events, event, candidateProfile, version, token; "invalid" for what could not be read. A broken events query is events
	At   time.Time

	Scheme       string
	Types        []string
	After        string
	First        int
	Since, Until string // as sent
	Selection    string // below node: interface, ids, or details if a person is selected
	RequestID    string
	SessionID    string
}

// The kinds of request that more than one file speaks of.
const (
	kindEvents = "events"
	kindToken  = "token"
)

// next counts the request and asks the script. The caller holds mu.
func (s *Server) next(r Request) (Request, Fault) {
	s.counts[r.Kind]++
	r.N = s.counts[r.Kind]
	if s.script == nil {
		return r, Fault{}
	}
	f := s.script(r)
	if f.Name != "" {
		s.laws.faults[f.Name]++
	}
	return r, f
}
