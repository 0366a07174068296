package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// token is one that was issued.
type token struct {
	audience        string
	issued, expires time.Time
	refused         bool // it is not accepted any more
	renewable       bool // UNAUTHENTICATED was answered to it, so a new one may be fetched
	used            bool
}

// tokenBook remembers all tokens. The token endpoint cannot tell one process from the next, but the queries can: a
// token is too many if a session uses it while one that the same session used before it is still fresh.
type tokenBook struct {
	byValue   map[string]*token
	bySession map[string]*token // the token that the session used last
	order     []string
}

func newTokenBook() tokenBook {
	return tokenBook{byValue: map[string]*token{}, bySession: map[string]*token{}}
}

// Tokens are the values issued until now: tests search all output for them.
func (s *Server) Tokens() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.tokens.order...)
}

// fresh says that there was no reason yet to fetch another one. A client may renew a minute before the end, or half
// way through a very short life.
func (t *token) fresh(at time.Time) bool {
	buffer := min(time.Minute, t.expires.Sub(t.issued)/2)
	return !t.refused && !t.renewable && at.Before(t.expires.Add(-buffer))
}

// check judges the token that a request carries, and says whether it is accepted. The caller holds mu.
func (s *Server) check(c *call) bool {
	s.laws.checked["token"]++
	t := s.tokens.byValue[c.token]
	switch {
	case c.token == "":
		c.breaks("token", "no bearer token")
	case t == nil:
		c.breaks("token", "a token that was never issued")
	case !c.arrived.Before(t.expires):
		c.breaks("token", "a token that expired %v ago", c.arrived.Sub(t.expires))
		t.refused = true
	default:
		s.firstUse(c, t)
		ok := !t.refused && audienceFits(t.audience, c.request.Scheme)
		t.refused = t.refused || !ok
		return ok
	}
	return false
}

func (s *Server) firstUse(c *call, t *token) {
	before := s.tokens.bySession[c.request.SessionID]
	if !t.used && before != nil && before != t && before.fresh(t.issued) {
		c.breaks("token", "a new token %v after the one before it, which was good for %v", t.issued.Sub(before.issued), before.expires.Sub(before.issued))
	}
	t.used = true
	s.tokens.bySession[c.request.SessionID] = t
}

// audienceFits: a token of the Playground reads no live data and the reverse
// (https://developer.seek.com/graphql/playground). Other audiences are taken for anything.
func audienceFits(audience, scheme string) bool {
	switch audience {
	case "https://graphql.seek.com":
		return scheme != "seekAnzPublicTest"
	case "https://test.graphql.seek.com":
		return scheme != "seekAnz"
	}
	return true
}

// serveToken is POST /oauth/token (https://developer.seek.com/auth/partner-tokens).
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	arrived := s.o.Now()
	b, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client has gone
	}
	c := &call{arrived: arrived, kind: kindToken}
	s.checkTokenHeaders(c, r)
	s.mu.Lock()
	_, f := s.next(Request{Kind: kindToken, At: arrived, RequestID: r.Header.Get("X-Request-Id"), SessionID: r.Header.Get("X-Session-Id")})
	status, body := s.issue(c, b, f)
	s.laws.checked["headers"]++
	for _, br := range c.faults {
		s.laws.violate(br.law, arrived, 0, "token request: %s", br.detail)
	}
	s.mu.Unlock()
	send(w, r, f, reply{status: status, body: body})
}

func (s *Server) checkTokenHeaders(c *call, r *http.Request) {
	if r.Method != http.MethodPost {
		c.breaks("headers", "method %s instead of POST", r.Method)
	}
	if r.URL.RawQuery != "" {
		c.breaks("headers", "the URL has a query string")
	}
	if !product.MatchString(r.UserAgent()) || strings.HasPrefix(r.UserAgent(), "Go-http-client/") {
		c.breaks("headers", "User-Agent does not name the software and its version")
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		c.breaks("headers", "Content-Type is not application/json")
	}
	if r.Header.Get("Authorization") != "" {
		c.breaks("headers", "Authorization, although the credentials belong into the body")
	}
}

// issue makes a token, unless the request or the fault forbids it. The caller holds mu.
func (s *Server) issue(c *call, body []byte, f Fault) (int, []byte) {
	var ask struct {
		Audience     string `json:"audience"`
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
		GrantType    string `json:"grant_type"`
	}
	switch err := json.Unmarshal(body, &ask); {
	case err != nil || ask.GrantType != "client_credentials" || ask.Audience == "":
		c.breaks("token", "the body is not the JSON of a client credentials grant")
		return http.StatusBadRequest, []byte(`{"error":"invalid_request"}`)
	case ask.ClientID == "" || ask.ClientSecret == "" || !same(s.o.ClientID, ask.ClientID) || !same(s.o.ClientSecret, ask.ClientSecret):
		return http.StatusUnauthorized, []byte(`{"error":"invalid_client","error_description":"the client is not known"}`)
	case f.spoils():
		return http.StatusServiceUnavailable, nil
	}
	value := fmt.Sprintf("simulated-token-%d-%016x%016x", len(s.tokens.order)+1, s.rng.Uint64(), s.rng.Uint64())
	s.tokens.byValue[value] = &token{audience: ask.Audience, issued: c.arrived, expires: c.arrived.Add(s.o.TokenTTL)}
	s.tokens.order = append(s.tokens.order, value)
	b, err := json.Marshal(map[string]any{"access_token": value, "expires_in": int(s.o.TokenTTL / time.Second), "token_type": "Bearer"})
	if err != nil {
		panic("encode a token: " + err.Error()) // three plain values
	}
	return http.StatusOK, b
}

// same compares with a value that may be left open.
func same(want, got string) bool { return want == "" || want == got }
