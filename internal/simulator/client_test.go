package simulator_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

// world is a simulator behind a network in memory, and a client that keeps the rules unless it is told not to.
type world struct {
	t       testing.TB
	sim     *simulator.Server
	http    *http.Client
	session string
	token   string
	base    string              // of the URL; empty: http://seek
	edit    func(*http.Request) // nil: as it should be
}

// inBubble runs a test with a world of its own, in fake time.
func inBubble(t *testing.T, o simulator.Options, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, sim: simulator.New(o), session: uuid.NewString()}
		w.http = serve(t, w.sim)
		w.login()
		test(t, w)
	})
}

// serve puts a handler on a Pipe until the test ends, and returns a client for it that follows no redirects.
func serve(t *testing.T, h http.Handler) *http.Client {
	pipe := simulator.NewPipe()
	server := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(pipe) // ends with ErrServerClosed
	}()
	transport := &http.Transport{DialContext: pipe.Dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return &http.Client{Transport: transport, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

const credentials = `{"audience":"https://graphql.seek.com","client_id":"a","client_secret":"b","grant_type":"client_credentials"}`

func (w *world) post(path, body string) (*http.Response, []byte, error) {
	w.t.Helper()
	base := w.base
	if base == "" {
		base = "http://seek"
	}
	r, err := http.NewRequest(http.MethodPost, base+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	r.GetBody = nil
	r.Header.Set("User-Agent", "tester/1")
	r.Header.Set("Content-Type", "application/json")
	if path == "/graphql" {
		r.Header.Set("Accept-Language", "en-AU")
		r.Header.Set("Authorization", "Bearer "+w.token)
		r.Header.Set("X-Request-Id", uuid.NewString())
		r.Header.Set("X-Session-Id", w.session)
	}
	if w.edit != nil {
		w.edit(r)
	}
	a, err := w.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return a, b, err
}

func (w *world) login() {
	w.t.Helper()
	_, b, err := w.post("/oauth/token", credentials)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err == nil {
		err = json.Unmarshal(b, &answer)
	}
	if err != nil || answer.AccessToken == "" {
		w.t.Fatalf("log in: %v, %s", err, b)
	}
	w.token = answer.AccessToken
}

// vars are the variables of a query.
type vars map[string]any

const (
	firstPage = `query q($schemeId: String!, $first: Int!) { events(schemeId: $schemeId, first: $first) { ...page } } ` + pageFragment
	nextPage  = `query q($schemeId: String!, $first: Int!, $after: String!) { events(schemeId: $schemeId, first: $first, after: $after) { ...page } } ` + pageFragment
	filtered  = `query q($schemeId: String!, $first: Int!, $filter: EventsFilterInput!) { events(schemeId: $schemeId, first: $first, filter: $filter) { ...page } } ` + pageFragment
	both      = `query q($schemeId: String!, $first: Int!, $after: String!, $filter: EventsFilterInput!) { events(schemeId: $schemeId, first: $first, after: $after, filter: $filter) { ...page } } ` + pageFragment

	pageFragment = `fragment page on EventsConnection { edges { cursor streamDateTime node { id { value } typeCode createDateTime } } pageInfo { endCursor hasNextPage } }`
)

// page is the answer to the queries above.
type page struct {
	Data *struct {
		Events *struct {
			Edges []struct {
				Cursor         string
				StreamDateTime string
				Node           struct {
					ID       struct{ Value string }
					TypeCode string
				}
			}
			PageInfo struct {
				EndCursor   *string
				HasNextPage bool
			}
		}
	}
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
}

func (p page) ids() []string {
	if p.Data == nil || p.Data.Events == nil {
		return []string{"no page"}
	}
	var ids []string
	for _, e := range p.Data.Events.Edges {
		ids = append(ids, e.Node.ID.Value)
	}
	return ids
}

func (p page) end() string {
	if p.Data == nil || p.Data.Events == nil || p.Data.Events.PageInfo.EndCursor == nil {
		return ""
	}
	return *p.Data.Events.PageInfo.EndCursor
}

// raw sends an operation.
func (w *world) raw(query string, v vars) (*http.Response, []byte, error) {
	w.t.Helper()
	b, err := json.Marshal(map[string]any{"query": query, "variables": v})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.post("/graphql", string(b))
}

// ask sends an operation that must be answered.
func (w *world) ask(query string, v vars) page {
	w.t.Helper()
	_, b, err := w.raw(query, v)
	var p page
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil {
		w.t.Fatalf("ask: %v: %s", err, b)
	}
	return p
}

// next asks for the page after a cursor, "" for the first.
func (w *world) next(after string) page {
	w.t.Helper()
	if after == "" {
		return w.ask(firstPage, vars{"schemeId": "seekAnz", "first": 100})
	}
	return w.ask(nextPage, vars{"schemeId": "seekAnz", "first": 100, "after": after})
}

// laws are the names of the laws broken, in order.
func laws(r simulator.Report) []string {
	names := []string{}
	for _, v := range r.Violations {
		names = append(names, v.Law)
	}
	return names
}
