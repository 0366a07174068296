package outbox_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

// granting answers like a token server that says just this.
func granting(status int, body string, headers ...string) func(int, http.ResponseWriter) {
	return func(_ int, w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// TestTokenServerThatFails: the event is tried again, the receiver is not asked, and the reason holds no secret.
func TestTokenServerThatFails(t *testing.T) {
	const token = `{"access_token":"ok","token_type":"Bearer"}`
	echo := clientSecret + " canary"
	for _, c := range []struct {
		name  string
		grant func(int, http.ResponseWriter)
		want  outbox.Reply
	}{
		{"wrong secret", granting(401, `{"error":"invalid_client","error_description":"`+echo+`"}`), outbox.Reply{Detail: "the token server says HTTP 401 invalid_client"}},
		{"bad scope", granting(400, `{"error":"invalid_scope"}`), outbox.Reply{Detail: "the token server says HTTP 400 invalid_scope"}},
		{"an error that is none", granting(400, `{"error":"`+echo+`"}`), outbox.Reply{Detail: "the token server says HTTP 400"}},
		{"a long error", granting(400, `{"error":"`+strings.Repeat("a", 41)+`"}`), outbox.Reply{Detail: "the token server says HTTP 400"}},
		{"the longest error", granting(400, `{"error":"`+strings.Repeat("a", 40)+`"}`), outbox.Reply{Detail: "the token server says HTTP 400 " + strings.Repeat("a", 40)}},
		{"two errors", granting(400, `{"error":"invalid_scope","error":1}`), outbox.Reply{Detail: "the token server says HTTP 400"}},
		{"busy", granting(429, echo, "Retry-After", "70"), outbox.Reply{Detail: "the token server says HTTP 429", RetryAfter: 70 * time.Second}},
		{"down", granting(503, echo), outbox.Reply{Detail: "the token server says HTTP 503"}},
		{"created", granting(201, token), outbox.Reply{Detail: "the token server says HTTP 201"}},
		{"redirect", granting(307, "", "Location", "http://elsewhere.test/?"+clientSecret), outbox.Reply{Detail: "redirect to host elsewhere.test not followed"}},
		{"a page", granting(200, "<html>"+echo), outbox.Reply{Detail: "the token server's answer is not the JSON that OAuth 2.0 has for it"}},
		{"two documents", granting(200, token+token), outbox.Reply{Detail: "the token server's answer is not the JSON that OAuth 2.0 has for it"}},
		{"no token", granting(200, `{}`), outbox.Reply{Detail: "the token server's answer has no usable access_token"}},
		{"a number", granting(200, `{"access_token":1}`), outbox.Reply{Detail: "the token server's answer is not the JSON that OAuth 2.0 has for it"}},
		{"two lines", granting(200, `{"access_token":"a\r\nX: y"}`), outbox.Reply{Detail: "the token server's answer has no usable access_token"}},
		{"very long token", granting(200, `{"access_token":"`+strings.Repeat("a", 16<<10+1)+`"}`), outbox.Reply{Detail: "the token server's answer has no usable access_token"}},
		{"another kind", granting(200, `{"access_token":"a","token_type":"mac"}`), outbox.Reply{Detail: "the token server's token is not a Bearer token"}},
		{"endless", func(_ int, w http.ResponseWriter) {
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 1<<10))
			}
		}, outbox.Reply{Detail: "the token server's answer is too long"}},
		{"hangs up", func(int, http.ResponseWriter) { panic(http.ErrAbortHandler) }, outbox.Reply{Detail: "the connection broke off before an answer came"}},
		{"never answers", func(int, http.ResponseWriter) { time.Sleep(2 * time.Minute) }, outbox.Reply{Detail: "no answer within the time-out"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := &partner{grant: c.grant}
				began := time.Now()
				got := send(t, p.hook(t), time.Minute, oneEvent...)
				c.want.Verdict, c.want.Detail = outbox.Retry, "no access token: "+c.want.Detail
				if got != c.want || len(p.tokens) > 0 || p.asked() != 1 || time.Since(began) > time.Minute {
					t.Errorf("got %+v after %d token requests, %d requests, %v, want %+v after 1 and 0", got, p.asked(), len(p.tokens), time.Since(began), c.want)
				}
				time.Sleep(2 * time.Minute) // for the handler's goroutine to end
				if strings.Contains(got.Detail, "canary") {
					t.Errorf("a secret in %q", got.Detail)
				}
			})
		})
	}
}

// TestTokenServerWithAClientOfItsOwn: it is asked with that one, which is not to follow redirects here whatever it does elsewhere, and has
// no way to repeat a request by itself.
func TestTokenServerWithAClientOfItsOwn(t *testing.T) {
	asked := 0
	own := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if asked++; r.GetBody != nil {
			t.Error("the request can be repeated")
		}
		return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"/elsewhere"}}, Body: http.NoBody, Request: r}, nil
	})}
	receiver := &http.Client{Transport: transport(func(*http.Request) (*http.Response, error) {
		t.Error("the receiver was asked")
		return nil, io.ErrUnexpectedEOF
	})}
	s := outbox.NewSeekWebhook(outbox.WebhookConfig{URL: "http://receiver.test/", HTTP: receiver,
		Auth: outbox.Auth{OAuth2: &outbox.OAuth2{TokenURL: "http://auth.test/token", HTTP: own}}})
	if got := s.Send(t.Context(), oneEvent); got.Verdict != outbox.Retry || asked != 1 || own.CheckRedirect != nil {
		t.Errorf("got %+v after %d token requests, want a retry after one", got, asked)
	}
}

// TestTokenFailureIsShared: sends that waited for the one that asked do not ask again; the next attempt does.
func TestTokenFailureIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &partner{took: time.Second, grant: func(n int, w http.ResponseWriter) {
			if n == 1 {
				w.WriteHeader(500)
				return
			}
			io.WriteString(w, `{"access_token":"good"}`)
		}}
		w := newWorld(t, outbox.Destination{Name: "ats", Sender: p.hook(t), Concurrency: 8})
		w.save(8)
		w.start()
		time.Sleep(4 * time.Second)
		if got := p.asked(); got != 1 {
			t.Errorf("tokens asked for by eight sends: got %d, want 1", got)
		}
		time.Sleep(6 * time.Second)
		if got := w.states("ats"); got["delivered"] != 8 || p.asked() != 2 {
			t.Errorf("got %v after %d tokens, want 8 delivered by the first retry, after 2", got, p.asked())
		}
	})
}

// TestATokenServerThatFailedHasFourSeconds: sends within them fail with it, and the first one after them asks again.
func TestATokenServerThatFailedHasFourSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &partner{grant: granting(500, "")}
		s := p.hook(t)
		for i, after := range []time.Duration{0, 4*time.Second - 1, 1, 4*time.Second - 1, 1} {
			time.Sleep(after)
			if got := send(t, s, time.Minute, oneEvent...); got.Verdict != outbox.Retry || p.asked() != []int{1, 1, 2, 2, 3}[i] {
				t.Errorf("send %d: got %+v after %d requests for a token, want a retry after %d", i+1, got, p.asked(), []int{1, 1, 2, 2, 3}[i])
			}
		}
	})
}

// TestASendThatIsCutOffIsNoFailureOfTheTokenServer: neither the one that asked nor one that waited for it.
func TestASendThatIsCutOffIsNoFailureOfTheTokenServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &partner{took: time.Second}
		s := p.hook(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
		for range 2 {
			go func() {
				if got := s.Send(ctx, oneEvent); got.Verdict != outbox.Retry || got.Detail != "no access token: stopped before the answer came" {
					t.Errorf("got %+v, want a retry", got)
				}
			}()
		}
		time.Sleep(600 * time.Millisecond)
		if got := send(t, s, time.Minute, oneEvent...); got.Verdict != outbox.Accepted {
			t.Errorf("the next send: got %+v, want accepted", got)
		}
	})
}

// TestTokenLife: what expires_in may say, and how long the token is used then: a minute less, or half of it.
func TestTokenLife(t *testing.T) {
	for expiry, want := range map[string]time.Duration{
		`3600`: 59 * time.Minute, `"3600"`: 59 * time.Minute, `120`: time.Minute, `60`: 30 * time.Second, `90.5`: 45250 * time.Millisecond,
		`0`: 4 * time.Minute, `-1`: 4 * time.Minute, `null`: 4 * time.Minute, `"soon"`: 4 * time.Minute, `"NaN"`: 4 * time.Minute, `{}`: 4 * time.Minute,
		`1e12`: 24*time.Hour - time.Minute, `1e999`: 24*time.Hour - time.Minute, `10000000000`: 24*time.Hour - time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &partner{grant: func(n int, w http.ResponseWriter) {
				fmt.Fprintf(w, `{"access_token":"token-%d","expires_in":%s}`, n, expiry)
			}}
			s := p.hook(t)
			for i, after := range []time.Duration{0, want - time.Millisecond, time.Millisecond} {
				time.Sleep(after)
				send(t, s, time.Minute, oneEvent...)
				if asked := []int{1, 1, 2}[i]; p.asked() != asked {
					t.Errorf("expires_in %s, at %d: got %d tokens, want %d", expiry, i, p.asked(), asked)
				}
			}
		})
	}
}
