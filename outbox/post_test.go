package outbox_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

func TestWhatEachAnswerMeans(t *testing.T) {
	date := func(w http.ResponseWriter) {
		w.Header().Set("Retry-After", time.Now().Add(90*time.Second).Format(http.TimeFormat))
	}
	for _, c := range []struct {
		status     int
		prepare    func(http.ResponseWriter)
		body       string
		verdict    outbox.Verdict
		retryAfter time.Duration
		detail     string
	}{
		{status: 200, body: "ignored", verdict: outbox.Accepted},
		{status: 204, verdict: outbox.Accepted},
		{status: 299, verdict: outbox.Accepted},
		{status: 301, prepare: header("Location", "https://elsewhere.test/secret?token=x"), verdict: outbox.Retry, detail: "redirect to host elsewhere.test not followed"},
		{status: 307, prepare: header("Location", "/other"), verdict: outbox.Retry, detail: "redirect to host receiver.test not followed"},
		{status: 304, verdict: outbox.Retry, detail: "HTTP 304, and no word of why"},
		{status: 400, body: "bad\x1b[31m\n data", verdict: outbox.Refused, detail: `bad\u001b[31m\u000a data`},
		{status: 401, verdict: outbox.Denied, detail: "HTTP 401, and no word of why"},
		{status: 403, verdict: outbox.Denied, detail: "HTTP 403, and no word of why"},
		{status: 404, verdict: outbox.Denied, detail: "HTTP 404, and no word of why"},
		{status: 405, verdict: outbox.Retry, detail: "HTTP 405, and no word of why"},
		{status: 410, verdict: outbox.Gone, detail: "HTTP 410, and no word of why"},
		{status: 413, verdict: outbox.Retry, detail: "HTTP 413, and no word of why"},
		{status: 422, verdict: outbox.Refused, detail: "HTTP 422, and no word of why"},
		{status: 429, prepare: header("Retry-After", "60"), verdict: outbox.Retry, retryAfter: time.Minute, detail: "HTTP 429, and no word of why"},
		{status: 429, prepare: header("Retry-After", "10000000000"), verdict: outbox.Retry, retryAfter: 24 * time.Hour, detail: "HTTP 429, and no word of why"},
		{status: 500, body: strings.Repeat("x", 1<<20), verdict: outbox.Retry, detail: strings.Repeat("x", 500)},
		{status: 503, prepare: date, verdict: outbox.Retry, retryAfter: 90 * time.Second, detail: "HTTP 503, and no word of why"},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls []call
				s := newWebhook(serve(t, recording(&calls, func(w http.ResponseWriter, _ *http.Request) {
					if c.prepare != nil {
						c.prepare(w)
					}
					w.WriteHeader(c.status)
					io.WriteString(w, c.body)
				})))
				got := send(t, s, time.Minute, application("e1"))
				want := outbox.Reply{Verdict: c.verdict, Status: c.status, Detail: c.detail, RetryAfter: c.retryAfter, RequestID: got.RequestID}
				if got != want || len(calls) != 1 {
					t.Errorf("got %+v after %d requests, want %+v after 1", got, len(calls), want)
				}
			})
		})
	}
}

func header(name, value string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.Header().Set(name, value) }
}

// TestReceiversThatMisbehave: each ends within the time-out, and a 2xx counts whatever comes after it.
func TestReceiversThatMisbehave(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<10)); err != nil {
				return
			}
		}
	}
	trickle := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, "x")
			http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(time.Second):
			}
		}
	}
	late := func(by time.Duration) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(500)
			io.WriteString(w, "closed")
			http.NewResponseController(w).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(by):
			}
			io.WriteString(w, " until Monday")
		}
	}
	for _, c := range []struct {
		name    string
		handler http.HandlerFunc
		within  time.Duration
		want    outbox.Reply
	}{
		{"never answers", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 30 * time.Second,
			outbox.Reply{Verdict: outbox.Retry, Detail: "no answer within the time-out"}},
		{"2xx with an endless body", endless, 2 * time.Second, outbox.Reply{Verdict: outbox.Accepted, Status: 200}},
		{"2xx with a trickling body", trickle, 2 * time.Second, outbox.Reply{Verdict: outbox.Accepted, Status: 200}},
		{"a reason that takes its time", late(time.Second), time.Second, outbox.Reply{Verdict: outbox.Retry, Status: 500, Detail: "closed until Monday"}},
		{"a reason that takes too long", late(time.Minute), 2 * time.Second, outbox.Reply{Verdict: outbox.Retry, Status: 500, Detail: "closed"}},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, outbox.Reply{Verdict: outbox.Retry, Detail: "the connection broke off before an answer came"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls []call
				s := newWebhook(serve(t, recording(&calls, c.handler)))
				began := time.Now()
				got := send(t, s, 30*time.Second, application("e1"))
				c.want.RequestID = got.RequestID
				if took := time.Since(began); got != c.want || took > c.within {
					t.Errorf("got %+v after %v, want %+v within %v", got, took, c.want, c.within)
				}
			})
		})
	}
}

// TestNoSecretInAnyReply: the address, its query and the signature's secret stay out of what is stored and shown.
func TestNoSecretInAnyReply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPipe()
		p.Close() // nobody listens
		hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Dial: p.Dial})
		if err != nil {
			t.Fatal(err)
		}
		got := send(t, newWebhook(hc), time.Minute, application("e1"))
		if got.Verdict != outbox.Retry || got.Detail == "" {
			t.Errorf("got %+v, want a retry with its reason", got)
		}
		for _, hidden := range []string{"password", "a=b", secret} {
			if strings.Contains(got.Detail, hidden) {
				t.Errorf("%q in %q", hidden, got.Detail)
			}
		}
	})
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestNetHTTPCannotRepeatARequest: with GetBody or an Idempotency-Key it would by itself, thousands of times when an HTTP/2 peer says
// GOAWAY.
func TestNetHTTPCannotRepeatARequest(t *testing.T) {
	hc := &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil || r.Header.Get("Idempotency-Key") != "" {
			t.Error("the request can be repeated")
		}
		return nil, io.ErrUnexpectedEOF
	})}
	if got := send(t, newWebhook(hc), time.Minute, oneEvent...); got.Verdict != outbox.Retry {
		t.Errorf("got %+v, want a retry", got)
	}
}
