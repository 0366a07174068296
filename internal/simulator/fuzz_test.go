package simulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"seekpoller/internal/simulator"
)

// FuzzAsk: whatever is asked of the simulated SEEK, it answers with JSON and never with a mistake of its own; without a token it gives no data, and without
// the right credentials no token.
func FuzzAsk(f *testing.F) {
	const ask = `query($s: String!, $n: Int) { events(schemeId: $s, first: $n) { edges { cursor node { id { value } typeCode __typename } } pageInfo { endCursor hasNextPage } } version }`
	f.Add("POST", "/graphql", "Bearer x", `{"query":"{ version }"}`)
	f.Add("POST", "/graphql", "Bearer", `{"query":"`+ask+`","variables":{"s":"seekAnz","n":1e9}}`)
	f.Add("POST", "/graphql", "", `{"query":"`+ask+`","variables":{"s":null,"n":"1"}}`)
	f.Add("POST", "/graphql", "TOKEN", `{"query":"`+ask+`","variables":{"s":"seekAnz","n":3}}`)
	f.Add("POST", "/graphql", "TOKEN", `{"query":"query a { ...b } fragment b on Query { ...b events(schemeId: \"seekAnz\") { __typename } }","operationName":"a"}`)
	f.Add("POST", "/oauth/token", "", `{"audience":"https://graphql.seek.com","client_id":"partner","client_secret":"wrong","grant_type":"client_credentials"}`)
	f.Add("GET", "/oauth/token", "", `[`)
	f.Add("GET", "/report", "", "")
	var seek *simulator.Server
	var token string
	asked := 0
	f.Fuzz(func(t *testing.T, method, path, authorization, body string) {
		if asked%1000 == 0 { // it keeps everything that was ever asked of it, and a report would take longer and longer
			seek = simulator.New(simulator.Options{Seed: 1, ClientID: "partner", ClientSecret: "right"})
			seek.Add(30)
			token = tokenOf(t, seek)
		}
		asked++
		r, err := http.NewRequest(method, "http://seek.test/", strings.NewReader(body))
		if err != nil {
			return // not a request
		}
		r.URL.Path = path
		r.Header.Set("Authorization", strings.Replace(authorization, "TOKEN", "Bearer "+token, 1))
		w := httptest.NewRecorder()
		seek.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		var said struct {
			Data        map[string]any
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &said); w.Code == http.StatusOK && err != nil {
			t.Errorf("%s %s: %q is no JSON: %v", method, path, w.Body, err)
		}
		if said.Data["events"] != nil && !strings.Contains(r.Header.Get("Authorization"), token) {
			t.Errorf("events without a token: %q", w.Body)
		}
		var sent struct {
			ClientSecret string `json:"client_secret"`
		}
		if _ = json.Unmarshal([]byte(body), &sent); said.AccessToken != "" && sent.ClientSecret != "right" {
			t.Errorf("a token for %q", body)
		}
	})
}

func tokenOf(t testing.TB, seek http.Handler) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/oauth/token", strings.NewReader(
		`{"audience":"https://graphql.seek.com","client_id":"partner","client_secret":"right","grant_type":"client_credentials"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "fuzz/1")
	w := httptest.NewRecorder()
	seek.ServeHTTP(w, r)
	var said struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || said.AccessToken == "" {
		t.Fatalf("no token: %d %s", w.Code, w.Body)
	}
	return said.AccessToken
}
