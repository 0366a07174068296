package graphql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"seekpoller/graphql"
)

// Words that no error may hold.
const (
	canaryToken  = "token-CANARY-7f3a"
	canarySecret = "secret-CANARY-91bc"
	canaryPerson = "Jürgen CANARY"
)

// node is an application as `ids` selects it.
const node = `{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-05-01T10:11:12.593Z",` +
	`"id":{"value":"seekAnz:event:events:A1"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated",` +
	`"candidateApplicationProfileId":"seekAnz:candidateProfile:apply:P1","candidateId":"seekAnz:candidate:feed:C1",` +
	`"candidateApplicationProfile":{"associatedPositionProfile":{"__typename":"PostedPositionProfile",` +
	`"profileId":{"value":"seekAnz:positionProfile:jobAd:J1"},"positionOrganizations":[{"id":{"value":"seekAnz:organization:seek:H1"}}],` +
	`"positionOpening":{"postingRequester":{"id":{"value":"seekAnz:organization:seek:H2"}}}}}}`

const pageInfo = `"pageInfo":{"endCursor":"c-end","hasNextPage":true}`

func edge(n int, node string) string {
	return fmt.Sprintf(`{"cursor":"c%d","streamDateTime":"2026-05-01T10:11:13.5Z","node":%s}`, n, node)
}

// answer is a whole answer with these nodes.
func answer(nodes ...string) string { return answerWith("", nodes...) }

// answerWith is an answer with more members, such as `,"errors":[…]`.
func answerWith(more string, nodes ...string) string {
	edges := make([]string, len(nodes))
	for i, n := range nodes {
		edges[i] = edge(i, n)
	}
	return `{"data":{"events":{"edges":[` + strings.Join(edges, ",") + `],` + pageInfo + `}}` + more + `}`
}

// server answers everything with handler and says where it is.
func server(t testing.TB, handler http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL
}

// serve answers every request in the same way.
func serve(status int, header http.Header, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, values := range header {
			w.Header()[name] = values
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// client asks endpoint through the project's own transport.
func client(t testing.TB, endpoint string, c graphql.TransportConfig) *graphql.Client {
	t.Helper()
	hc, err := graphql.NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(hc.CloseIdleConnections)
	return graphql.New(graphql.Config{Endpoint: endpoint, HTTP: hc, UserAgent: "seek-poller/test", SessionID: "session-1"})
}

var query = graphql.Query{RequestID: "request-1", Scheme: "seekAnz", First: 25}

// askFor asks endpoint once and holds what is true of every answer.
func askFor(t testing.TB, endpoint string, c graphql.TransportConfig) (*graphql.Page, *graphql.Error) {
	t.Helper()
	page, err := client(t, endpoint, c).Events(context.Background(), canaryToken, query)
	if (page == nil) == (err == nil) {
		t.Fatalf("got page %v and error %v, want one of them", page, err)
	}
	return page, asError(t, err)
}

// asError is err as the *Error that it must be, without a word that it must not hold; nil for nil.
func asError(t testing.TB, err error) *graphql.Error {
	t.Helper()
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*graphql.Error](err)
	if !ok {
		t.Fatalf("got error %v of type %T, want *graphql.Error", err, err)
	}
	if strings.Contains(err.Error(), "CANARY") {
		t.Errorf("the error holds what it must not: %v", err)
	}
	if n := len([]rune(err.Error())); n > 600 {
		t.Errorf("got an error of %d characters, want a few hundred at most", n)
	}
	if strings.ContainsAny(err.Error(), "\x00\x07\x1b\n\r\u2028") {
		t.Errorf("the error moves the terminal: %q", err)
	}
	if e.RetryAfter < 0 || e.RetryAfter > 24*time.Hour {
		t.Errorf("got RetryAfter %v, want 0 to 24h", e.RetryAfter)
	}
	return e
}

// quiet is a log that nobody reads, for servers that are meant to be unhappy.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }
