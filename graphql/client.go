package graphql

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// MaxFirst is the most events that SEEK puts into one page.
// https://developer.seek.com/schema/query/events
const MaxFirst = 100

// Config says where to ask and as whom. Every field is required.
type Config struct {
	Endpoint  string       // URL of the GraphQL endpoint
	HTTP      *http.Client // see NewHTTPClient; its redirect rule and cookie jar are not used
	UserAgent string       // name/version, as SEEK wants it
	SessionID string       // X-Session-Id: a UUID shared by the requests of this process
}

// Client asks SEEK. It keeps no state and may be used by several goroutines at once.
type Client struct {
	endpoint, userAgent, sessionID string
	http                           *http.Client
}

// New makes a client. Nothing is sent.
func New(c Config) *Client {
	return &Client{
		endpoint:  c.Endpoint,
		userAgent: c.UserAgent,
		sessionID: c.SessionID,
		http:      withoutRedirects(c.HTTP),
	}
}

// Selection is how much of each event is asked for.
type Selection string

const (
	IDs       Selection = "ids"       // what names the event and says whose it is; no personal data
	Details   Selection = "details"   // candidate, profile and position as well: personal data
	Interface Selection = "interface" // only what every event has; for an event that cannot be had whole
	Places    Selection = "places"    // no event at all, only where each is: to get past one that cannot be had
)

// Query is one question for a page of events. What is zero is left out of the request,
// and the operation sent does not even declare it.
type Query struct {
	RequestID    string    // X-Request-Id: a fresh version 4 UUID
	Scheme       string    // seekAnz or seekAnzPublicTest
	Types        []string  // event types; empty: all
	After        string    // cursor that the page follows; "": from the start
	Since, Until time.Time // stream time, both exclusive, sent to the millisecond
	First        int       // at most this many, 1 to MaxFirst; 0: MaxFirst
	Selection    Selection // "": IDs
}

// Page is an answer that may be kept: complete, and as the schema has it.
type Page struct {
	Edges       []Edge
	EndCursor   string // "": null, empty or absent; then the place in the stream has not moved
	HasNextPage bool
	Status      int // of the HTTP answer, always 200
}

// Edge is one event in its place.
type Edge struct {
	Cursor         string
	StreamDateTime time.Time // UTC; zero if SEEK's cannot be read
	Node           Node      // all nodes of a page share one buffer
	Refused        []Refusal // fields that SEEK left null with an error
}

// Node is an event byte for byte as SEEK sent it: one JSON value, not always an object.
type Node []byte

// Refusal is a field below a node that SEEK would not or could not give. It is a fact about
// that one event, most often FORBIDDEN for want of a hirer relationship.
type Refusal struct {
	Path    string // below the node: "candidate.person", "positionProfile.positionOrganizations.0"
	Code    string // extensions.code, "" if there is none
	Message string // SEEK's, at most 300 characters, control characters escaped
}

// Events sends one `events` query in exactly one HTTP request and returns its page. The
// error is always an *Error; where ctx ended the exchange, its error is wrapped in it.
// An error of a field below an intact node is no error here but a Refusal of its edge.
func (c *Client) Events(ctx context.Context, token string, q Query) (*Page, error) {
	if q.First == 0 {
		q.First = MaxFirst
	}
	if q.First < 0 || q.First > MaxFirst {
		return nil, &Error{Kind: Rejected, Err: fmt.Errorf("a page of %d events is not 1 to %d", q.First, MaxFirst)}
	}
	x := &exchange{client: c, token: token, requestID: q.RequestID}
	got, err := ask(ctx, x, q)
	if err != nil {
		return nil, x.failure(err)
	}
	page, err := x.page(got)
	if err != nil {
		return nil, x.failure(err)
	}
	return page, nil
}

// Version asks for the version of SEEK's API, in exactly one HTTP request: proof that the
// endpoint is reached and takes the token, outside the limits of `events`. The error is always an *Error.
func (c *Client) Version(ctx context.Context, token, requestID string) (string, error) {
	x := &exchange{client: c, token: token, requestID: requestID}
	answer, err := version(ctx, x)
	if err == nil && len(x.faults) > 0 {
		err = worst(x.faults)
	}
	if err == nil && answer.Version == "" {
		err = malformed("the answer has no version")
	}
	if err != nil {
		return "", x.failure(err)
	}
	return answer.Version, nil
}
