package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

const (
	longestWait = 30 * time.Second
	mostWaiting = 16      // of the connections of a listener
	mostLooked  = 2       // stretches of 5,000 events in one request, whatever its filter leaves out
	mostTold    = 4 << 20 // bytes of events in one answer, give or take one event
	atOnce      = 100     // events read in one go
)

// Feed is a stretch of the events, in order of arrival, for a consumer that keeps its own position.
type Feed struct {
	Events []json.RawMessage `json:"events"` // as other receivers get them
	Next   int64             `json:"next"`   // the position from which to go on: what after is in the next request
	More   bool              `json:"more"`   // there is more to look at right now
}

func (s *Server) feedRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /api/v1/feed", func(w http.ResponseWriter, r *http.Request) {
		if err := s.mayFollow(w, r); err != nil {
			writeError(w, r, err)
			return
		}
		s.answer(func(r *http.Request) (any, error) { return s.feed(w, r) })(w, r)
	})
}

// mayFollow lets everybody at the socket follow the feed, and at the port whoever has the token: an event may carry what the page does not show.
func (s *Server) mayFollow(w http.ResponseWriter, r *http.Request) error {
	if doorOf(r.Context()).local {
		return nil
	}
	token := s.config.Load().FeedToken
	if token == "" {
		return &Error{Status: http.StatusForbidden, What: "the feed is not open on this port",
			Todo: "name a file with a token of your own in admin.token_file and reload the daemon, or ask at the admin socket, which needs none"}
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(given), token) {
		return nil
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="seek-poller feed"`)
	return &Error{Status: http.StatusUnauthorized, What: "the feed wants the token of admin.token_file", Todo: "send the header Authorization: Bearer and the token"}
}

// same compares without telling by its time how much of the token was right, or how long it is.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// following is one request of the feed.
type following struct {
	filter store.FeedFilter
	after  int64
	limit  int
	wait   time.Duration
}

func readFollowing(r *http.Request) (following, error) {
	p := readParams(r)
	f := following{
		filter: store.FeedFilter{Streams: p.texts("stream"), Types: p.texts("type"), Hirers: p.texts("hirer")},
		after:  p.number("after", 0), limit: p.limit(), wait: longestWait + 1,
	}
	if seconds := p.number("wait", 0); seconds <= int64(longestWait/time.Second) {
		f.wait = time.Duration(seconds) * time.Second
	} else {
		p.wrong("wait is over 30 seconds")
	}
	return f, p.end()
}

// knowStreams refuses a stream that there is not: whoever mistypes its name would wait for ever. One that is configured may have no cursor yet.
func (s *Server) knowStreams(ctx context.Context, names []string) error {
	for _, name := range names {
		if slices.ContainsFunc(s.config.Load().Streams, func(c ConfiguredStream) bool { return c.Name == name }) {
			continue
		}
		if _, err := s.live(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) feed(w http.ResponseWriter, r *http.Request) (any, error) {
	f, err := readFollowing(r)
	if err == nil {
		err = s.knowStreams(r.Context(), f.filter.Streams)
	}
	if err != nil {
		return nil, err
	}
	if f.wait == 0 {
		return s.look(r.Context(), &f)
	}
	leave, err := doorOf(r.Context()).wait(w)
	if err != nil {
		return nil, err
	}
	defer leave()
	// The server's time-out began with the request. The deadline for reading is SQLite's affair no more than ours: net/http lifts it itself.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(f.wait + longest)) // not there inside the process
	return s.follow(r.Context(), &f)
}

// follow looks until there is something, for as long as the consumer wants to wait. It ends early when the consumer goes or the server ends.
func (s *Server) follow(ctx context.Context, f *following) (any, error) {
	over := time.NewTimer(f.wait)
	defer over.Stop()
	for {
		news := s.saved.after() // before the look, so that nothing falls between
		found, err := s.look(ctx, f)
		if err != nil || len(found.Events) > 0 || found.More {
			return found, err
		}
		f.after = found.Next
		select {
		case <-news:
		case <-over.C:
			return found, nil
		case <-ending(ctx):
			return found, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// look reads what is there behind the position.
func (s *Server) look(ctx context.Context, f *following) (Feed, error) {
	c := s.config.Load()
	found, told := Feed{Events: []json.RawMessage{}, Next: f.after}, 0
	for range mostLooked {
		part, err := c.Store.Feed(ctx, f.filter, found.Next, min(atOnce, f.limit-len(found.Events)))
		if err != nil {
			return Feed{}, err
		}
		if found.Next > part.Newest {
			return Feed{}, beyond(found.Next, part.Newest)
		}
		for _, e := range part.Events {
			body := c.Envelope(e)
			found.Events, told = append(found.Events, body), told+len(body)
		}
		found.Next, found.More = part.Next, part.Next < part.Newest
		if !found.More || len(found.Events) == f.limit || told >= mostTold {
			break
		}
	}
	return found, nil
}

func beyond(after, newest int64) error {
	return &Error{Status: http.StatusConflict, What: fmt.Sprintf("position %d is not reached yet: the newest event here has %d. Was the database restored from a backup, or is it another one?", after, newest),
		Todo: "go on from a position that you had when the backup was made, or from after=0, and drop the events whose id you know"}
}

// wait takes one of the places of those who wait, so that they never take all connections.
func (d door) wait(w http.ResponseWriter) (leave func(), err error) {
	select {
	case d.waiting <- struct{}{}:
		return func() { <-d.waiting }, nil
	default:
		w.Header().Set("Retry-After", "5")
		return nil, &Error{Status: http.StatusServiceUnavailable, What: fmt.Sprintf("%d consumers wait already", mostWaiting), Todo: "try again in a few seconds, or ask without wait"}
	}
}
