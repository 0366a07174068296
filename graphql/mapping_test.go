package graphql_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"seekpoller/graphql"
)

func gqlError(code, path string) string {
	if path != "" {
		path = `,"path":` + path
	}
	return `"errors":[{"message":"SEEK says \u001b no","extensions":{"code":"` + code + `"}` + path + `}]`
}

// trouble is an answer, and the error that it is.
type trouble struct {
	status int
	header http.Header
	body   string
	want   graphql.Error // Err is not compared
	token  bool          // the token was refused
}

const htmlPage = `<html>` + canaryPerson + `</html>`

func after(v string) http.Header { return http.Header{"Retry-After": {v}} }

func html() http.Header { return http.Header{"Content-Type": {"text/html"}} }

// lost is an answer without data.
func lost(code, path string) string { return `{"data":null,` + gqlError(code, path) + `}` }

// troubleByStatus is an answer that is not 200.
func troubleByStatus() map[string]trouble {
	return map[string]trouble{
		"500":                   {500, nil, htmlPage, graphql.Error{Kind: graphql.Transient, Status: 500}, false},
		"502 HTML":              {502, html(), htmlPage, graphql.Error{Kind: graphql.Transient, Status: 502}, false},
		"503 asks for patience": {503, after("120"), htmlPage, graphql.Error{Kind: graphql.Transient, Status: 503, RetryAfter: 2 * time.Minute}, false},
		"429":                   {429, after("90"), "", graphql.Error{Kind: graphql.Throttled, Status: 429, RetryAfter: 90 * time.Second}, false},
		"429 without a time":    {429, nil, "", graphql.Error{Kind: graphql.Throttled, Status: 429}, false},
		"429 of another code":   {429, nil, lost("FORBIDDEN", ""), graphql.Error{Kind: graphql.Throttled, Status: 429, Code: "FORBIDDEN"}, false},
		"401":                   {401, nil, htmlPage, graphql.Error{Kind: graphql.Unauthorized, Status: 401}, true},
		"401 of another code":   {401, nil, lost("WHATEVER", ""), graphql.Error{Kind: graphql.Unauthorized, Status: 401, Code: "WHATEVER"}, true},
		"401 of a known code":   {401, nil, lost("BAD_USER_INPUT", ""), graphql.Error{Kind: graphql.Unauthorized, Status: 401, Code: "BAD_USER_INPUT"}, true},
		"403":                   {403, nil, htmlPage, graphql.Error{Kind: graphql.Unauthorized, Status: 403}, false},
		"400":                   {400, nil, htmlPage, graphql.Error{Kind: graphql.Rejected, Status: 400}, false},
		"400 bad input":         {400, nil, lost("BAD_USER_INPUT", ""), graphql.Error{Kind: graphql.Rejected, Status: 400, Code: "BAD_USER_INPUT"}, false},
		"400 validation":        {400, nil, `{` + gqlError("GRAPHQL_VALIDATION_FAILED", "") + `}`, graphql.Error{Kind: graphql.Rejected, Status: 400, Code: "GRAPHQL_VALIDATION_FAILED"}, false},
		"400 token":             {400, nil, lost("UNAUTHENTICATED", ""), graphql.Error{Kind: graphql.Unauthorized, Status: 400, Code: "UNAUTHENTICATED"}, true},
		"400 unknown code":      {400, nil, lost("NEW_CODE", ""), graphql.Error{Kind: graphql.Rejected, Status: 400, Code: "NEW_CODE"}, false},
		"404":                   {404, html(), htmlPage, graphql.Error{Kind: graphql.Rejected, Status: 404}, false},
		"405":                   {405, nil, "", graphql.Error{Kind: graphql.Rejected, Status: 405}, false},
		"408":                   {408, nil, "", graphql.Error{Kind: graphql.Transient, Status: 408}, false},
		"410":                   {410, nil, "", graphql.Error{Kind: graphql.Rejected, Status: 410}, false},
		"413":                   {413, nil, "", graphql.Error{Kind: graphql.Rejected, Status: 413}, false},
		"415":                   {415, nil, "", graphql.Error{Kind: graphql.Rejected, Status: 415}, false},
		"422":                   {422, nil, "", graphql.Error{Kind: graphql.Rejected, Status: 422}, false},
		"204":                   {204, nil, "", graphql.Error{Kind: graphql.Transient, Status: 204}, false},
		"418":                   {418, nil, "", graphql.Error{Kind: graphql.Transient, Status: 418}, false},
	}
}

// troubleByCode is a 200 of which nothing can be used.
func troubleByCode() map[string]trouble {
	return map[string]trouble{
		"200 HTML":             {200, html(), htmlPage, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 empty":            {200, nil, "", graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 token":            {200, nil, lost("UNAUTHENTICATED", `["events"]`), graphql.Error{Kind: graphql.Unauthorized, Status: 200, Code: "UNAUTHENTICATED"}, true},
		"200 forbidden stream": {200, nil, lost("FORBIDDEN", `["events"]`), graphql.Error{Kind: graphql.Unauthorized, Status: 200, Code: "FORBIDDEN"}, false},
		"200 limited":          {200, after("300"), lost("RATE_LIMITED", ""), graphql.Error{Kind: graphql.Throttled, Status: 200, Code: "RATE_LIMITED", RetryAfter: 5 * time.Minute}, false},
		"200 too many":         {200, nil, lost("TOO_MANY_REQUESTS", ""), graphql.Error{Kind: graphql.Throttled, Status: 200, Code: "TOO_MANY_REQUESTS"}, false},
		"200 throttled":        {200, nil, lost("Throttled", ""), graphql.Error{Kind: graphql.Throttled, Status: 200, Code: "Throttled"}, false},
		"200 internal":         {200, nil, lost("INTERNAL_SERVER_ERROR", ""), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "INTERNAL_SERVER_ERROR"}, false},
		"200 unknown code":     {200, nil, lost("NEW_CODE", ""), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "NEW_CODE"}, false},
		"200 no code":          {200, nil, `{"data":null,"errors":[{"message":"no"}]}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 bad cursor":       {200, nil, lost("BAD_USER_INPUT", `["events"]`), graphql.Error{Kind: graphql.Rejected, Status: 200, Code: "BAD_USER_INPUT"}, false},
		"200 parse":            {200, nil, `{` + gqlError("GRAPHQL_PARSE_FAILED", "") + `}`, graphql.Error{Kind: graphql.Rejected, Status: 200, Code: "GRAPHQL_PARSE_FAILED"}, false},
		"200 encoded":          {200, http.Header{"Content-Encoding": {"br"}}, answer(node), graphql.Error{Kind: graphql.Transient, Status: 200}, false},
	}
}

// troubleInPage is a page that is not whole.
func troubleInPage() map[string]trouble {
	return map[string]trouble{
		"200 an event nulls all":    {200, nil, lost("INTERNAL_SERVER_ERROR", `["events","edges",3,"node"]`), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "INTERNAL_SERVER_ERROR", Node: true}, false},
		"200 a right nulls all":     {200, nil, lost("FORBIDDEN", `["events","edges",3,"node","candidateId"]`), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "FORBIDDEN", Node: true}, false},
		"200 token at an event":     {200, nil, lost("UNAUTHENTICATED", `["events","edges",3,"node","hirer"]`), graphql.Error{Kind: graphql.Unauthorized, Status: 200, Code: "UNAUTHENTICATED", Node: true}, true},
		"200 null event":            {200, nil, answer(node, "null"), graphql.Error{Kind: graphql.Transient, Status: 200, Node: true}, false},
		"200 null edge":             {200, nil, `{"data":{"events":{"edges":[null],` + pageInfo + `}}}`, graphql.Error{Kind: graphql.Transient, Status: 200, Node: true}, false},
		"200 null events":           {200, nil, `{"data":{"events":null}}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 null edges":            {200, nil, `{"data":{"events":{"edges":null,` + pageInfo + `}}}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 no events":             {200, nil, `{"data":{}}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 null data":             {200, nil, `{"data":null}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 neither":               {200, nil, `{}`, graphql.Error{Kind: graphql.Transient, Status: 200}, false},
		"200 error without a place": {200, nil, answerWith(`,`+gqlError("FORBIDDEN", ""), node), graphql.Error{Kind: graphql.Unauthorized, Status: 200, Code: "FORBIDDEN"}, false},
		"200 error at pageInfo":     {200, nil, answerWith(`,`+gqlError("OTHER", `["events","pageInfo","endCursor"]`), node), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "OTHER"}, false},
		"200 error at the node":     {200, nil, answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",0,"node"]`), node), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "FORBIDDEN", Node: true}, false},
		"200 error at no edge":      {200, nil, answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",1,"node","hirer"]`), node), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "FORBIDDEN", Node: true}, false},
		"200 error at an edge time": {200, nil, answerWith(`,`+gqlError("OTHER", `["events","edges",0,"streamDateTime"]`), node), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "OTHER", Node: true}, false},
		"200 error below no node":   {200, nil, answerWith(`,`+gqlError("OTHER", `["events","edges",0,"extra","x"]`), node), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "OTHER", Node: true}, false},
		"200 null and a refusal":    {200, nil, answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",0,"node","hirer"]`), node, "null"), graphql.Error{Kind: graphql.Transient, Status: 200, Node: true}, false},
		"200 null and its reason":   {200, nil, answerWith(`,`+gqlError("FORBIDDEN", `["events","edges",1,"node","candidateId"]`), node, "null"), graphql.Error{Kind: graphql.Transient, Status: 200, Code: "FORBIDDEN", Node: true}, false},
	}
}

// Each kind of trouble is somebody's: the tables say whose.
func TestErrorsBySomeoneToAct(t *testing.T) {
	for _, table := range []map[string]trouble{troubleByStatus(), troubleByCode(), troubleInPage()} {
		for name, c := range table {
			t.Run(name, func(t *testing.T) { holdTrouble(t, c) })
		}
	}
}

func holdTrouble(t *testing.T, c trouble) {
	t.Helper()
	_, got := askFor(t, server(t, serve(c.status, c.header, c.body)), graphql.TransportConfig{})
	if got == nil {
		t.Fatal("got a page, want an error")
	}
	if brief := (graphql.Error{Kind: got.Kind, Status: got.Status, Code: got.Code, RetryAfter: got.RetryAfter, Node: got.Node}); brief != c.want {
		t.Errorf("got %+v (%v), want %+v", brief, got, c.want)
	}
	if got.Unauthenticated() != c.token {
		t.Errorf("got Unauthenticated %t, want %t", got.Unauthenticated(), c.token)
	}
}

// Of several errors the one is told that the most has to be done about.
func TestWorstErrorIsTold(t *testing.T) {
	body := `{"data":null,"errors":[{"message":"a","extensions":{"code":"INTERNAL_SERVER_ERROR"}},` +
		`{"message":"b","extensions":{"code":"BAD_USER_INPUT"}},{"message":"c","extensions":{"code":"UNAUTHENTICATED"}}]}`
	_, got := askFor(t, server(t, serve(200, nil, body)), graphql.TransportConfig{})
	if got.Code != "UNAUTHENTICATED" || !strings.Contains(got.Error(), "UNAUTHENTICATED: c") {
		t.Errorf("got %v, want the refused token", got)
	}
}

// A server that prints our token, or a novel, back at us does not get it into our log.
func TestMessagesAreCutAndClean(t *testing.T) {
	body := `{"errors":[{"message":"no ` + canaryToken + ` \u001b[31m \n` + strings.Repeat("ü", 5000) + `"}]}`
	_, got := askFor(t, server(t, serve(200, nil, body)), graphql.TransportConfig{})
	if !strings.Contains(got.Error(), `no [token] \x1b[31m \n`) {
		t.Errorf("got %q, want the message cleaned", got)
	}
}

// A redirect of whatever sort is not followed, and only its host is told.
func TestRedirectIsRejected(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		var self string
		self = server(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			w.Header().Set("Location", strings.Replace(self, "http://", "http://user:"+canarySecret+"@", 1)+"/"+canarySecret+"?a="+canarySecret)
			w.WriteHeader(status)
		})
		_, got := askFor(t, self, graphql.TransportConfig{})
		if got.Kind != graphql.Rejected || !strings.Contains(got.Error(), strings.TrimPrefix(self, "http://")) {
			t.Errorf("%d: got %v, want a rejection that names the host", status, got)
		}
		if asked != 1 {
			t.Errorf("%d: got %d requests, want 1", status, asked)
		}
	}
}

func TestRetryAfter(t *testing.T) {
	const date = "Sun, 06 Nov 1994 08:49:37 GMT"
	for text, want := range map[string]time.Duration{
		"":                               0,
		"0":                              0,
		"60":                             time.Minute,
		" 60 ":                           time.Minute,
		"-1":                             0,
		"+5":                             0,
		"1.5":                            0,
		"soon":                           0,
		"86400":                          24 * time.Hour,
		"86401":                          24 * time.Hour,
		"10000000000":                    24 * time.Hour,
		"99999999999999999999999":        24 * time.Hour,
		"Sun, 06 Nov 1994 08:50:37 GMT":  time.Minute,
		"Sunday, 06-Nov-94 08:50:37 GMT": time.Minute,
		"Sun Nov  6 08:50:37 1994":       time.Minute,
		"Sun, 06 Nov 1994 08:48:37 GMT":  0,
		"Fri, 31 Dec 9999 23:59:59 GMT":  24 * time.Hour,
		"Sun, 06 Nov 1994 08:50:37 CEST": 0,
	} {
		if got := graphql.RetryAfter(http.Header{"Retry-After": {text}, "Date": {date}}); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	if got := graphql.RetryAfter(http.Header{"Retry-After": {"5", "x", "70", "60"}}); got != 70*time.Second {
		t.Errorf("several: got %v, want the longest, 1m10s", got)
	}
	if got := graphql.RetryAfter(http.Header{"Retry-After": {date}}); got != 0 {
		t.Errorf("a date from a server without one: got %v, want 0", got)
	}
}
