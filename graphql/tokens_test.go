package graphql_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/graphql"
)

// endpoint is a token endpoint without a network, for bubbles: the transport's own seam.
type endpoint struct {
	asked  atomic.Int64
	answer func(n int64, r *http.Request) (*http.Response, error)
}

func (e *endpoint) RoundTrip(r *http.Request) (*http.Response, error) {
	return e.answer(e.asked.Add(1), r)
}

func reply(status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, ContentLength: -1, Body: io.NopCloser(strings.NewReader(body))}
}

// granting issues token-1, token-2 and on, with this life.
func granting(life string) *endpoint {
	return &endpoint{answer: func(n int64, _ *http.Request) (*http.Response, error) {
		return reply(200, nil, fmt.Sprintf(`{"access_token":"token-%d","token_type":"Bearer","expires_in":%s}`, n, life)), nil
	}}
}

func refusing(status int, header http.Header, body string) *endpoint {
	return &endpoint{answer: func(int64, *http.Request) (*http.Response, error) { return reply(status, header, body), nil }}
}

func tokens(e *endpoint) *graphql.Tokens { return tokensOf(e, 0) }

func tokensOf(e *endpoint, slowest time.Duration) *graphql.Tokens {
	return graphql.NewTokens(&http.Client{Transport: e}, "seek-poller/test", graphql.Credentials{
		TokenURL: "https://auth.invalid/oauth/token", Audience: "a", ClientID: "id", ClientSecret: canarySecret, Slowest: slowest,
	})
}

// want holds that the next token is this one, after so many requests in all.
func want(t *testing.T, k *graphql.Tokens, e *endpoint, token string, asked int64) {
	t.Helper()
	got, err := k.Token(context.Background())
	if err != nil || got != token {
		t.Errorf("got token %q, %v, want %q", got, asError(t, err), token)
	}
	if n := e.asked.Load(); n != asked {
		t.Errorf("got %d token requests, want %d", n, asked)
	}
}

// refused holds that the next call fails in this way, after so many requests in all.
func refused(t *testing.T, k *graphql.Tokens, e *endpoint, kind graphql.Kind, asked int64) *graphql.Error {
	t.Helper()
	token, err := k.Token(context.Background())
	got := asError(t, err)
	if token != "" || got == nil || got.Kind != kind {
		t.Fatalf("got %q, %v, want a %s error", token, err, kind)
	}
	if n := e.asked.Load(); n != asked {
		t.Errorf("got %d token requests, want %d", n, asked)
	}
	return got
}

// A token is given out for its life less a minute, or for half of it if that is more; a
// life that is none counts as five minutes, one beyond reason as a day.
func TestTokenIsKeptForItsLife(t *testing.T) {
	for life, use := range map[string]time.Duration{
		`1800`: 29 * time.Minute, `120`: time.Minute, `60`: 30 * time.Second, `1`: 500 * time.Millisecond,
		`1800.5`: 29*time.Minute + 500*time.Millisecond, `"1800"`: 29 * time.Minute,
		`0`: 4 * time.Minute, `-5`: 4 * time.Minute, `null`: 4 * time.Minute, `"soon"`: 4 * time.Minute, `[]`: 4 * time.Minute, `"NaN"`: 4 * time.Minute,
		`86400`: 24*time.Hour - time.Minute, `1e12`: 24*time.Hour - time.Minute, `1e999`: 24*time.Hour - time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			e := granting(life)
			k := tokens(e)
			want(t, k, e, "token-1", 1)
			time.Sleep(use - time.Millisecond)
			want(t, k, e, "token-1", 1)
			time.Sleep(time.Millisecond)
			want(t, k, e, "token-2", 2)
			if t.Failed() {
				t.Logf("expires_in is %s", life)
			}
		})
	}
}

// The life counts from before the request, so that a slow endpoint does not lengthen it.
func TestSlowEndpointDoesNotLengthenLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := granting("600")
		quick := e.answer
		e.answer = func(n int64, r *http.Request) (*http.Response, error) {
			time.Sleep(20 * time.Second)
			return quick(n, r)
		}
		k := tokens(e)
		want(t, k, e, "token-1", 1)
		time.Sleep(8*time.Minute + 40*time.Second)
		want(t, k, e, "token-2", 2)
	})
}

// However many need a token at once, one asks, and one who leaves meanwhile gets away.
func TestSingleFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := granting("600")
		quick := e.answer
		e.answer = func(n int64, r *http.Request) (*http.Response, error) {
			time.Sleep(10 * time.Second)
			return quick(n, r)
		}
		k := tokens(e)
		for range 20 {
			go func() {
				if got, err := k.Token(context.Background()); err != nil || got != "token-1" {
					t.Errorf("got %q, %v, want token-1", got, err)
				}
			}()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := k.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
		k.Refused("token-0") // does not wait for the network
		time.Sleep(9 * time.Second)
		synctest.Wait()
		want(t, k, e, "token-1", 1)
	})
}

// A refused token is renewed once; if the new one is refused too, no more are asked for
// in 15 minutes, until one is accepted.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := granting("1800")
		k := tokens(e)
		want(t, k, e, "token-1", 1)
		k.Refused("of yore")
		k.Refused("")
		want(t, k, e, "token-1", 1)
		k.Refused("token-1")
		k.Refused("token-1")
		want(t, k, e, "token-2", 2)
		k.Accepted("token-2")
		k.Refused("token-2")
		want(t, k, e, "token-3", 3)
		k.Accepted("token-2") // of an exchange that ended late: says nothing about token-3
		for asked := int64(3); asked < 6; asked++ {
			k.Refused(fmt.Sprintf("token-%d", asked))
			got := refused(t, k, e, graphql.Unauthorized, asked)
			if got.RetryAfter != 15*time.Minute || !got.Unauthenticated() {
				t.Errorf("got %v and %v, want 15m and a refused token", got.RetryAfter, got)
			}
			time.Sleep(15 * time.Minute)
			want(t, k, e, fmt.Sprintf("token-%d", asked+1), asked+1)
		}
	})
}

// Who leaves while a token is asked for has not shown the endpoint to be broken.
func TestCancelledIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := granting("1800")
		grant := e.answer
		e.answer = func(n int64, r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		k := tokens(e)
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(time.Second, cancel)
		_, err := k.Token(ctx)
		if asError(t, err); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the context's error", err)
		}
		e.answer = grant
		want(t, k, e, "token-2", 2)
	})
}

// The request is as https://developer.seek.com/auth/partner-tokens has it.
func TestTokenRequest(t *testing.T) {
	e := granting("1800")
	grant := e.answer
	e.answer = func(n int64, r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		if got, want := string(body), `{"audience":"a","client_id":"id","client_secret":"`+canarySecret+`","grant_type":"client_credentials"}`; got != want {
			t.Errorf("got body %s, want %s", got, want)
		}
		if r.Method != http.MethodPost || r.URL.String() != "https://auth.invalid/oauth/token" || r.GetBody != nil {
			t.Errorf("got %s %s, want one POST", r.Method, r.URL)
		}
		if r.Header.Get("Content-Type") != "application/json" || r.Header.Get("User-Agent") != "seek-poller/test" || r.Header.Get("Authorization") != "" {
			t.Errorf("got header %v", r.Header)
		}
		return grant(n, r)
	}
	want(t, tokens(e), e, "token-1", 1)
}

// Whoever prints or encodes credentials prints nothing.
func TestCredentialsAreHidden(t *testing.T) {
	c := graphql.Credentials{ClientID: "CANARY", ClientSecret: canarySecret}
	text, _ := c.MarshalText()
	for _, got := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v %s %q", c, c, c, &c), string(text), fmt.Sprintf("%v", struct{ C graphql.Credentials }{c})} {
		if strings.Contains(got, "CANARY") {
			t.Errorf("got %s, want it hidden", got)
		}
	}
}
