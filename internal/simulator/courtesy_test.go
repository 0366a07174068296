package simulator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

func TestSingleRequestsAreJudged(t *testing.T) {
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set(name, value)
			if value == "" {
				r.Header.Del(name)
			}
		}
	}
	ok := vars{"schemeId": "seekAnz", "first": 10}
	since := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	for _, c := range []struct {
		name  string
		edit  func(*http.Request)
		query string
		vars  vars
		want  string // law and a part of the detail; "" none
	}{
		{"all is well", nil, firstPage, ok, ""},
		{"user agent", header("User-Agent", "Go-http-client/1.1"), firstPage, ok, "headers: User-Agent"},
		{"user agent without version", header("User-Agent", "poller"), firstPage, ok, "headers: User-Agent"},
		{"content type", header("Content-Type", "text/plain"), firstPage, ok, "headers: Content-Type"},
		{"language", header("Accept-Language", ""), firstPage, ok, "headers: Accept-Language"},
		{"request id", header("X-Request-Id", "17"), firstPage, ok, "headers: X-Request-Id"},
		{"request id of version 1", header("X-Request-Id", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"), firstPage, ok, "headers: X-Request-Id"},
		{"session id", header("X-Session-Id", ""), firstPage, ok, "headers: X-Session-Id"},
		{"idempotency key", header("Idempotency-Key", "k"), firstPage, ok, "headers: Idempotency-Key"},
		{"query string", func(r *http.Request) { r.URL.RawQuery = "token=x" }, firstPage, ok, "headers: the URL"},
		{"null variable", nil, nextPage, vars{"schemeId": "seekAnz", "first": 10, "after": nil}, "arguments: variable after is or holds null"},
		{"null in the filter", nil, filtered, vars{"schemeId": "seekAnz", "first": 10, "filter": vars{"afterDateTime": nil}}, "arguments: variable filter is or holds null"},
		{"variable not sent", nil, strings.Replace(nextPage, "$after: String!", "$after: String", 1), ok, "arguments: variable after is declared but not sent"},
		{"variable not declared", nil, firstPage, vars{"schemeId": "seekAnz", "first": 10, "x": 1}, "arguments: variable x is sent but not declared"},
		{"variable not used", nil, strings.Replace(firstPage, "$first: Int!", "$first: Int!, $z: Int", 1), vars{"schemeId": "seekAnz", "first": 10, "z": 1}, "request: the operation does not fit"},
		{"literal argument", nil, `query q($first: Int!) { events(schemeId: "seekAnz", first: $first) { edges { cursor } } }`, vars{"first": 1}, "arguments: argument schemeId"},
		{"literal null", nil, `query q($schemeId: String!) { events(schemeId: $schemeId, after: null) { edges { cursor } } }`, vars{"schemeId": "seekAnz"}, "arguments: argument after"},
		{"empty cursor", nil, nextPage, vars{"schemeId": "seekAnz", "first": 10, "after": ""}, `arguments: argument after is ""`},
		{"101 events", nil, firstPage, vars{"schemeId": "seekAnz", "first": 101}, "arguments: first is 101"},
		{"no such field", nil, `query q($schemeId: String!) { events(schemeId: $schemeId) { edges { colour } } }`, vars{"schemeId": "seekAnz"}, "request: the operation does not fit"},
		{"date beside cursor", nil, both, vars{"schemeId": "seekAnz", "first": 10, "after": "x", "filter": vars{"afterDateTime": since}}, "dates: afterDateTime beside after"},
		{"dates of no first page", nil, both, vars{"schemeId": "seekAnz", "first": 10, "after": "x", "filter": vars{"afterDateTime": since, "beforeDateTime": since}}, "dates: the dates are not"},
		{"no token", header("Authorization", ""), firstPage, ok, "token: no bearer token"},
		{"unknown token", header("Authorization", "Bearer x"), firstPage, ok, "token: a token that was never issued"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
				w.edit = c.edit
				if _, _, err := w.raw(c.query, c.vars); err != nil {
					t.Fatal(err)
				}
				got := ""
				if vs := w.sim.Report().Violations; len(vs) > 0 {
					got = vs[0].Law + ": " + vs[0].Detail
				}
				if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
					t.Errorf("got %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestRequestIDsAreUsedOnce(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		id := uuid.NewString()
		w.edit = func(r *http.Request) { r.Header.Set("X-Request-Id", id) }
		w.next("")
		time.Sleep(time.Hour / 3)
		w.next("")
		if got := laws(w.sim.Report()); !slices.Equal(got, []string{"headers"}) {
			t.Errorf("got %v, want one breach of headers", got)
		}
	})
}

// A bounded stretch keeps its dates on every page; it is a stream of its own.
func TestBackfillMayKeepItsDates(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		w.sim.AddHistory(250, 48*time.Hour)
		now := time.Now()
		filter := vars{"afterDateTime": now.Add(-time.Hour * 40).Format(time.RFC3339), "beforeDateTime": now.Add(-time.Hour).Format(time.RFC3339)}
		p := w.ask(filtered, vars{"schemeId": "seekAnz", "first": 100, "filter": filter})
		for p.Data.Events.PageInfo.HasNextPage {
			time.Sleep(time.Minute)
			p = w.ask(both, vars{"schemeId": "seekAnz", "first": 100, "after": p.end(), "filter": filter})
		}
		if got := w.sim.Report(); len(got.Violations) > 0 || got.Queries < 3 {
			t.Errorf("got %+v, want no complaint in 3 queries or more", got)
		}
	})
}
