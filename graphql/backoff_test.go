package graphql_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/graphql"
)

// Trouble that may pass is met after 5 s, 10 s and on to 15 minutes, within a tenth; between
// there is no request, and the error says what is left of the wait.
func TestTransientBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := refusing(503, nil, "<html>"+canaryPerson)
		k := tokens(e)
		for n, nominal := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900} {
			got := refused(t, k, e, graphql.Transient, int64(n+1))
			nominal *= time.Second
			if got.RetryAfter < nominal*9/10 || got.RetryAfter > min(nominal*11/10, 15*time.Minute) {
				t.Errorf("failure %d: got %v, want %v within a tenth", n+1, got.RetryAfter, nominal)
			}
			time.Sleep(got.RetryAfter - time.Millisecond)
			if again := refused(t, k, e, graphql.Transient, int64(n+1)); again.RetryAfter != time.Millisecond || again.Status != 503 {
				t.Errorf("got %v left of HTTP %d, want 1ms of HTTP 503", again.RetryAfter, again.Status)
			}
			time.Sleep(time.Millisecond)
		}
		e.answer = granting("600").answer
		want(t, k, e, "token-12", 12)
		time.Sleep(9 * time.Minute)
		e.answer = refusing(503, nil, "").answer
		if got := refused(t, k, e, graphql.Transient, 13); got.RetryAfter > 6*time.Second {
			t.Errorf("after a success: got %v, want 5s within a tenth", got.RetryAfter)
		}
	})
}

// Installations that failed together do not come back together, not even at the cap.
func TestBackoffIsSpread(t *testing.T) {
	for _, slowest := range []time.Duration{15 * time.Minute, time.Second} {
		for failures := 1; failures < 2000; failures += 50 {
			seen := map[time.Duration]bool{}
			for range 100 {
				seen[graphql.Backoff(graphql.Transient, failures, slowest)] = true
			}
			if len(seen) < 20 {
				t.Errorf("after %d failures, %v at most: got %d different waits of 100, want many", failures, slowest, len(seen))
			}
		}
	}
}

// Where everything else is quick, as on loopback, so is coming back: no wait of our own is longer
// than Slowest, not the first, not the last, not the one that a person must end.
func TestSlowestCapsEveryBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slowest = 150 * time.Millisecond
		e := refusing(503, nil, "")
		k := tokensOf(e, slowest)
		for n := range int64(5) {
			got := refused(t, k, e, graphql.Transient, n+1)
			if got.RetryAfter < slowest*9/10 || got.RetryAfter > slowest {
				t.Errorf("failure %d: got %v, want %v within a tenth", n+1, got.RetryAfter, slowest)
			}
			time.Sleep(slowest)
		}
		e.answer = refusing(401, nil, "").answer
		if got := refused(t, k, e, graphql.Unauthorized, 6); got.RetryAfter != slowest {
			t.Errorf("refused: got %v, want %v", got.RetryAfter, slowest)
		}
		time.Sleep(slowest)
		e.answer = refusing(429, after("2"), "").answer
		if got := refused(t, k, e, graphql.Throttled, 7); got.RetryAfter != 2*time.Second {
			t.Errorf("asked for patience: got %v, want the endpoint's 2s", got.RetryAfter)
		}
		time.Sleep(2 * time.Second)
		e.answer = granting("1800").answer
		want(t, k, e, "token-8", 8)
		k.Refused("token-8")
		want(t, k, e, "token-9", 9)
		k.Refused("token-9")
		if got := refused(t, k, e, graphql.Unauthorized, 9); got.RetryAfter != slowest {
			t.Errorf("refused twice: got %v, want %v", got.RetryAfter, slowest)
		}
	})
}

// A Slowest that is none is the default, and not leave to ask without end.
func TestNegativeSlowest(t *testing.T) {
	e := refusing(401, nil, "")
	if got := refused(t, tokensOf(e, -time.Second), e, graphql.Unauthorized, 1); got.RetryAfter != 15*time.Minute {
		t.Errorf("got %v, want 15m", got.RetryAfter)
	}
}

// Whatever a person must mend is asked for every 15 minutes, from the first.
func TestRefusalsOfTheEndpoint(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		kind   graphql.Kind
		code   string
		wait   time.Duration
	}{
		"401":                  {401, `{"error":"invalid_client","error_description":"` + canarySecret + `"}`, graphql.Unauthorized, "invalid_client", 15 * time.Minute},
		"403":                  {403, `{"error":"access_denied"}`, graphql.Unauthorized, "access_denied", 15 * time.Minute},
		"400 invalid_client":   {400, `{"error":"invalid_client"}`, graphql.Unauthorized, "invalid_client", 15 * time.Minute},
		"400 invalid_request":  {400, `{"error":"invalid_request"}`, graphql.Rejected, "invalid_request", 15 * time.Minute},
		"400 of other words":   {400, `{"error":"Bad ` + canarySecret + `"}`, graphql.Rejected, "", 15 * time.Minute},
		"404":                  {404, `<html>`, graphql.Rejected, "", 15 * time.Minute},
		"301":                  {301, ``, graphql.Rejected, "", 15 * time.Minute},
		"429":                  {429, `{"error":"invalid_request"}`, graphql.Throttled, "invalid_request", 30 * time.Minute},
		"503":                  {503, ``, graphql.Transient, "", 30 * time.Minute},
		"400 come back":        {400, `{"error":"temporarily_unavailable"}`, graphql.Transient, "temporarily_unavailable", 30 * time.Minute},
		"200 not JSON":         {200, `<html>` + canaryPerson, graphql.Transient, "", 0},
		"200 no token":         {200, `{"expires_in":1800}`, graphql.Transient, "", 0},
		"200 null":             {200, `null`, graphql.Transient, "", 0},
		"200 empty token":      {200, `{"access_token":""}`, graphql.Transient, "", 0},
		"200 token with space": {200, `{"access_token":"a b"}`, graphql.Transient, "", 0},
		"200 header injection": {200, `{"access_token":"a\r\nX-Evil: 1"}`, graphql.Transient, "", 0},
		"200 token twice":      {200, `{"access_token":"a","access_token":"b"}`, graphql.Transient, "", 0},
		"200 another scheme":   {200, `{"access_token":"a","token_type":"DPoP"}`, graphql.Transient, "", 0},
		"200 endless":          {200, `{"access_token":"a"}` + strings.Repeat(" ", 1<<20), graphql.Transient, "", 0},
		"200 two":              {200, `{"access_token":"a"}{}`, graphql.Transient, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				header := http.Header{}
				if c.wait == 30*time.Minute {
					header.Set("Retry-After", "1800")
				}
				e := refusing(c.status, header, c.body)
				got := refused(t, tokens(e), e, c.kind, 1)
				if got.Code != c.code || got.Status != c.status {
					t.Errorf("got HTTP %d %q, want %d %q", got.Status, got.Code, c.status, c.code)
				}
				if c.wait != 0 && got.RetryAfter != c.wait {
					t.Errorf("got wait %v, want %v", got.RetryAfter, c.wait)
				}
			})
		})
	}
}
