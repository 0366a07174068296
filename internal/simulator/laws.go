package simulator

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Query is one events query in the simulator's own log.
type Query struct {
	N         int
	Arrived   time.Time // its headers were read
	FirstByte time.Time // of the answer; zero if there was none
	Ended     time.Time // the answer's last byte was about to go out, or the connection was given up

	Stream       string // scheme, types and, in a bounded stretch, the dates: queries of one stream share it
	Scheme       string
	Types        []string
	After        string
	First        int
	Since, Until string
	Selection    string
	RequestID    string
	SessionID    string

	Fault     string   // by name, "" none
	Status    int      // of the answer, 0 if there was none
	Served    []string // ids on the page; also if the answer got lost on its way
	EndCursor string
	HasNext   bool
	Answered  bool // a correct page went out complete
}

// Violation is one breach of a law of SEEK's.
type Violation struct {
	Law    string    `json:"law"` // spacing, quiet, retry-after, headers, arguments, dates, token, request
	At     time.Time `json:"at"`
	Query  int       `json:"query"` // number of the events query, 0 for another request
	Detail string    `json:"detail"`
}

// laws remembers what is needed to tell whether a request may come now.
type laws struct {
	o          Options
	queries    []*Query
	requestIDs map[string]bool
	streams    map[string]*reader
	violations []Violation
	checked    map[string]int // how often each law was put to the test
	faults     map[string]int
	repeats    int
	doubtful   int
	smallest   time.Duration
	notBefore  time.Time // a Retry-After
	told       *Query    // whose answer said so
}

// reader is a client's way through one stream.
type reader struct {
	ask      selection // scheme, types and the widest dates it started with
	started  bool      // ask is set
	from     *entry    // it began after this entry; nil: at the start
	reached  *entry    // furthest entry on a page that was made
	newest   *entry    // furthest entry on a page that was answered
	last     *Query    // the answer that said there is no more, until another answer says otherwise
	served   map[string]bool
	behind   map[int]bool // serials of entries that were inserted where it had already been
	cursors  []string     // end cursors, for answers that go in a circle
	hadFirst bool         // a query without after was seen
}

func newLaws(o Options) laws {
	return laws{o: o, requestIDs: map[string]bool{}, streams: map[string]*reader{}, checked: map[string]int{}, faults: map[string]int{}}
}

func (l *laws) violate(law string, at time.Time, query int, format string, args ...any) {
	l.violations = append(l.violations, Violation{Law: law, At: at, Query: query, Detail: fmt.Sprintf(format, args...)})
}

// arrive judges a request to the GraphQL endpoint; q is nil unless it asks for events.
func (l *laws) arrive(c *call, q *Query) {
	n := 0
	if q != nil {
		n = q.N
	}
	l.checked["headers"]++
	if id := c.request.RequestID; id != "" && l.requestIDs[id] {
		c.breaks("headers", "X-Request-Id was used before")
	}
	l.requestIDs[c.request.RequestID] = true
	if q != nil {
		l.checked["arguments"]++
		l.checkSpacing(q)
		l.checkQuiet(q)
		l.checkRetryAfter(q)
		l.checkDates(q)
		l.queries = append(l.queries, q)
	}
	for _, b := range c.faults {
		l.violate(b.law, c.arrived, n, "%s", b.detail)
	}
}

// checkSpacing: one events query per interval over the whole integration, from arrival to arrival.
func (l *laws) checkSpacing(q *Query) {
	if len(l.queries) == 0 {
		return
	}
	l.checked["spacing"]++
	gap := q.Arrived.Sub(l.queries[len(l.queries)-1].Arrived)
	if l.checked["spacing"] == 1 || gap < l.smallest {
		l.smallest = gap
	}
	if gap < l.o.Interval {
		l.violate("spacing", q.Arrived, q.N, "%v after the query before it instead of %v", gap, l.o.Interval)
	}
}

// checkQuiet: not again within the quiet time once the last page was answered. Two cases are no breach, because the
// answer may never have been applied: the old cursor is sent again although the answer moved it; or the answer moved
// nothing and another session asks, so that we cannot tell whether the client crashed before it remembered.
func (l *laws) checkQuiet(q *Query) {
	r := l.streams[q.Stream]
	if r == nil || r.last == nil {
		return
	}
	l.checked["quiet"]++
	since := q.Arrived.Sub(r.last.Ended)
	if since >= l.o.Quiet {
		return
	}
	moved := r.last.EndCursor != "" && r.last.EndCursor != r.last.After
	switch {
	case moved && q.After == r.last.After:
		l.repeats++
	case !moved && q.SessionID != r.last.SessionID:
		l.doubtful++
	default:
		l.violate("quiet", q.Arrived, q.N, "%v after the last page of %s instead of %v", since, q.Stream, l.o.Quiet)
	}
}

// checkRetryAfter: an answer that says when to come back is heeded, by every stream. A new session may not have heard.
func (l *laws) checkRetryAfter(q *Query) {
	if l.told == nil {
		return
	}
	l.checked["retry-after"]++
	early := l.notBefore.Sub(q.Arrived)
	switch {
	case early <= 0:
	case q.SessionID != l.told.SessionID:
		l.doubtful++
	default:
		l.violate("retry-after", q.Arrived, q.N, "%v before the time that the answer to query %d set", early, l.told.N)
	}
}

// away reads a Retry-After: seconds or a date (RFC 9110, 10.2.3). What is neither, or lies in the past, asks nothing,
// and nobody has to stay away for more than a day.
func (l *laws) away(q *Query, retryAfter string) {
	wait := time.Duration(0)
	if seconds, err := strconv.ParseUint(retryAfter, 10, 64); err == nil {
		wait = time.Duration(min(seconds, 24*60*60)) * time.Second
	} else if at, err := http.ParseTime(retryAfter); err == nil {
		wait = min(at.Sub(q.Ended), 24*time.Hour)
	}
	if wait > 0 {
		l.notBefore, l.told = q.Ended.Add(wait), q
	}
}

// checkDates: dates only start the retrieval. In a bounded stretch they stay as they are while after moves on.
func (l *laws) checkDates(q *Query) {
	l.checked["dates"]++
	if q.After == "" || q.Since == "" && q.Until == "" {
		return
	}
	if q.Until == "" {
		l.violate("dates", q.Arrived, q.N, "afterDateTime beside after in the delivery flow")
	} else if r := l.streams[q.Stream]; r == nil || !r.hadFirst {
		l.violate("dates", q.Arrived, q.N, "the dates are not those of the first page")
	}
}

// streamOf names the stream that a query reads. A live stream may begin with afterDateTime and goes on without; only
// beforeDateTime makes a bounded stretch.
func streamOf(r Request) string {
	types := slices.Clone(r.Types)
	slices.Sort(types)
	key := r.Scheme + " " + strings.Join(types, ",")
	if r.Until != "" {
		key += " " + r.Since + "/" + r.Until
	}
	return strings.TrimSpace(key)
}

// Queries is a copy of the log of events queries, in order of arrival.
func (s *Server) Queries() []Query {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	qs := make([]Query, len(s.laws.queries))
	for i, q := range s.laws.queries {
		qs[i] = *q
	}
	return qs
}
