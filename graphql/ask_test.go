package graphql_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"seekpoller/graphql"
)

// sent is a request as the server saw it.
type sent struct {
	Method, Path string
	Header       http.Header
	Body         struct {
		Query         string         `json:"query"`
		OperationName string         `json:"operationName"`
		Variables     map[string]any `json:"variables"`
	}
}

// record answers with body and keeps what was asked.
func record(t testing.TB, asked *[]sent, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s := sent{Method: r.Method, Path: r.URL.String(), Header: r.Header}
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &s.Body)
		}
		if err != nil {
			t.Errorf("read the request: %v", err)
		}
		*asked = append(*asked, s)
		_, _ = io.WriteString(w, body)
	}
}

// Whatever the shape of the question: one request, of an operation that SEEK's schema allows,
// that declares what it sends and sends what it declares, without a null.
func TestOperationDeclaresExactlyWhatItSends(t *testing.T) {
	schema := schema(t)
	since := time.Date(2026, 5, 1, 12, 0, 0, 593_999_999, time.FixedZone("AEST", 10*3600))
	seen := map[string]bool{}
	for _, selection := range []graphql.Selection{graphql.IDs, graphql.Details, graphql.Interface, graphql.Places} {
		for _, after := range []string{"", "cursor"} {
			for _, narrow := range []graphql.Query{{}, {Types: []string{"A", "B"}}, {Since: since}, {Until: since}, {Types: []string{"A"}, Since: since, Until: since}} {
				q := narrow
				q.Scheme, q.RequestID, q.First, q.Selection, q.After = "seekAnz", "request-1", 25, selection, after
				var asked []sent
				c := client(t, server(t, record(t, &asked, answer())), graphql.TransportConfig{})
				if _, err := c.Events(context.Background(), canaryToken, q); err != nil {
					t.Fatal(err)
				}
				if len(asked) != 1 {
					t.Fatalf("got %d requests, want 1", len(asked))
				}
				holdVariables(t, schema, asked[0])
				if got, want := asked[0].Body.Variables, variables(q); !reflect.DeepEqual(got, want) {
					t.Errorf("%s: got variables %v, want %v", asked[0].Body.OperationName, got, want)
				}
				seen[asked[0].Body.OperationName] = true
			}
		}
	}
	if len(seen) != 16 {
		t.Errorf("got %d operations %v, want 16", len(seen), slices.Sorted(maps.Keys(seen)))
	}
}

// schema is the repository's.
func schema(t *testing.T) *ast.Schema {
	t.Helper()
	text, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	s, err := gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func holdVariables(t *testing.T, schema *ast.Schema, s sent) {
	t.Helper()
	document, errs := gqlparser.LoadQueryWithRules(schema, s.Body.Query, nil)
	if errs != nil {
		t.Fatalf("%s: %v", s.Body.OperationName, errs)
	}
	if len(document.Operations) != 1 || document.Operations[0].Name != s.Body.OperationName {
		t.Fatalf("got operations %v, want only %s", document.Operations, s.Body.OperationName)
	}
	var declared []string
	for _, v := range document.Operations[0].VariableDefinitions {
		declared = append(declared, v.Variable)
	}
	if given := slices.Sorted(maps.Keys(s.Body.Variables)); !slices.Equal(given, slices.Sorted(slices.Values(declared))) {
		t.Errorf("%s: sends %v, declares %v", s.Body.OperationName, given, declared)
	}
}

// variables is what q must send, written by hand.
func variables(q graphql.Query) map[string]any {
	want := map[string]any{"schemeId": "seekAnz", "first": 25.0}
	if q.After != "" {
		want["after"] = q.After
	}
	filter := map[string]any{}
	for _, code := range q.Types {
		codes, _ := filter["eventTypeCodes"].([]any)
		filter["eventTypeCodes"] = append(codes, code)
	}
	if !q.Since.IsZero() {
		filter["afterDateTime"] = "2026-05-01T02:00:00.593Z"
	}
	if !q.Until.IsZero() {
		filter["beforeDateTime"] = "2026-05-01T02:00:00.593Z"
	}
	if len(filter) > 0 {
		want["filter"] = filter
	}
	return want
}

// Ids ask for nothing that is about a person, whatever else changes in the fragments.
func TestIDsSelectNoPersonalData(t *testing.T) {
	schema := schema(t)
	for _, selection := range []graphql.Selection{graphql.IDs, graphql.Interface, graphql.Places} {
		var asked []sent
		c := client(t, server(t, record(t, &asked, answer())), graphql.TransportConfig{})
		if _, err := c.Events(context.Background(), "t", graphql.Query{Scheme: "seekAnz", Selection: selection}); err != nil {
			t.Fatal(err)
		}
		document, errs := gqlparser.LoadQueryWithRules(schema, asked[0].Body.Query, nil)
		if errs != nil {
			t.Fatal(errs)
		}
		for _, f := range document.Fragments {
			holdImpersonal(t, f.SelectionSet)
		}
	}
}

func holdImpersonal(t *testing.T, set ast.SelectionSet) {
	t.Helper()
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			switch s.ObjectDefinition.Name {
			case "Candidate", "CandidatePerson", "PersonName", "Communication", "Attachment", "Address", "Email", "Phone":
				t.Errorf("selects %s.%s", s.ObjectDefinition.Name, s.Name)
			}
			holdImpersonal(t, s.SelectionSet)
		case *ast.InlineFragment:
			holdImpersonal(t, s.SelectionSet)
		}
	}
}

// SEEK's example requests carry these headers: https://developer.seek.com/graphql
func TestHeaders(t *testing.T) {
	var asked []sent
	c := client(t, server(t, record(t, &asked, answer())), graphql.TransportConfig{})
	if _, err := c.Events(context.Background(), canaryToken, query); err != nil {
		t.Fatal(err)
	}
	got := asked[0].Header
	for name, want := range map[string]string{
		"Accept":          "application/json",
		"Accept-Language": "en-AU",
		"Authorization":   "Bearer " + canaryToken,
		"Content-Type":    "application/json",
		"User-Agent":      "seek-poller/test",
		"X-Request-Id":    "request-1",
		"X-Session-Id":    "session-1",
		"Accept-Encoding": "gzip",
	} {
		if values := got[name]; len(values) != 1 || values[0] != want {
			t.Errorf("%s: got %q, want %q", name, values, want)
		}
	}
	if key, ok := got["Idempotency-Key"]; ok {
		t.Errorf("got Idempotency-Key %q, want none: net/http sends such a POST again by itself", key)
	}
	if asked[0].Method != http.MethodPost || asked[0].Path != "/" {
		t.Errorf("got %s %s, want POST /", asked[0].Method, asked[0].Path)
	}
}

// The version tells that the endpoint and the token are good.
func TestVersion(t *testing.T) {
	for body, want := range map[string]string{
		`{"data":{"version":"abcdefa.12345"},"extensions":{"requestLatency":1}}`:                                           "abcdefa.12345",
		`{"data":{"version":null},"errors":[{"message":"no","path":["version"],"extensions":{"code":"UNAUTHENTICATED"}}]}`: "",
		`{"data":{"version":""}}`:  "",
		`{"data":{"version":7}}`:   "",
		`{"data":{"Version":"x"}}`: "",
		`<html>`:                   "",
	} {
		var asked []sent
		c := client(t, server(t, record(t, &asked, body)), graphql.TransportConfig{})
		got, err := c.Version(context.Background(), canaryToken, "request-2")
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%s: got %q, %v, want %q", body, got, err, want)
		}
		if e := asError(t, err); e != nil && e.Unauthenticated() != (e.Code != "") {
			t.Errorf("%s: got %v", body, e)
		}
		if len(asked) != 1 || asked[0].Header.Get("X-Request-Id") != "request-2" {
			t.Errorf("%s: got %d requests, want 1 with its id", body, len(asked))
		}
	}
}

// What cannot be asked is not sent.
func TestImpossibleQuestionIsNotSent(t *testing.T) {
	asked := 0
	endpoint := server(t, func(http.ResponseWriter, *http.Request) { asked++ })
	for _, q := range []graphql.Query{{First: 101}, {First: -1}, {Selection: "everything"}, {After: "\xff"}} {
		page, err := client(t, endpoint, graphql.TransportConfig{}).Events(context.Background(), canaryToken, q)
		if page != nil || graphql.KindOf(err) != graphql.Rejected {
			t.Errorf("%+v: got %v, %v, want a rejection", q, page, err)
		}
	}
	if _, err := client(t, "http://[::1", graphql.TransportConfig{}).Events(context.Background(), canaryToken, query); graphql.KindOf(err) != graphql.Rejected {
		t.Errorf("endpoint that is no URL: got %v, want a rejection", err)
	}
	if asked != 0 {
		t.Errorf("got %d requests, want none", asked)
	}
}

// An answer without nodes is right where only places were asked for, and a spoilt page everywhere else.
func TestPlacesHaveNoEvents(t *testing.T) {
	const page = `{"data":{"events":{"edges":[{"cursor":"c1","streamDateTime":"2026-05-01T02:00:00.593Z"}],"pageInfo":{"endCursor":"c1","hasNextPage":true}}}}`
	for _, selection := range []graphql.Selection{graphql.Places, graphql.IDs, graphql.Details, graphql.Interface} {
		var asked []sent
		c := client(t, server(t, record(t, &asked, page)), graphql.TransportConfig{})
		got, err := c.Events(context.Background(), "t", graphql.Query{Scheme: "seekAnz", Selection: selection, First: 1})
		if selection == graphql.Places {
			if err != nil || len(got.Edges) != 1 || got.Edges[0].Cursor != "c1" || got.Edges[0].Node != nil || got.EndCursor != "c1" {
				t.Errorf("places: got %+v, %v", got, err)
			}
			continue
		}
		var e *graphql.Error
		if !errors.As(err, &e) || !e.Node || e.Kind != graphql.Transient {
			t.Errorf("%s: got %v, want an error of the node", selection, err)
		}
	}
}
