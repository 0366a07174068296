package outbox_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

// TestEveryAttemptSendsTheSame: whoever keeps what came, or signs it, finds the same bytes under the same id at each attempt.
func TestEveryAttemptSendsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		hc := serve(t, recording(&calls, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
		for name, s := range map[string]outbox.Sender{
			"SEEK's webhook": newWebhook(hc), "standard webhook": newStandard(t, outbox.WebhookConfig{Secret: []byte(secret), HTTP: hc}),
		} {
			calls = nil
			for attempt := range 5 {
				d := application("e1")
				d.Attempt, d.Try = attempt+1, attempt+1
				send(t, s, time.Minute, d)
				time.Sleep(time.Hour)
			}
			for i, c := range calls {
				if string(c.body) != string(calls[0].body) || c.header.Get("webhook-id") != calls[0].header.Get("webhook-id") {
					t.Errorf("%s: attempt %d sent another body or id:\n%s\nthe first was\n%s", name, i+1, c.body, calls[0].body)
				}
			}
			if len(calls) != 5 {
				t.Errorf("%s: %d requests, want 5", name, len(calls))
			}
		}
	})
}

// TestNameThatChangesBeforeItsConnection: what a name says is not believed until the connection, so a name that says something harmless first leads nowhere
// else.
func TestNameThatChangesBeforeItsConnection(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer srv.Close()
	at, err := url.Parse(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	dns, questions := &names{}, atomic.Int32{}
	dns.set("127.0.0.1")
	harmless := dns.resolver()
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Resolver: &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		if questions.Add(1) == 3 { // one look-up asks for both kinds of addresses
			dns.set("fd00:ec2::254")
		}
		return harmless.Dial(ctx, network, address)
	}}})
	if err != nil {
		t.Fatal(err)
	}
	s := outbox.NewSeekWebhook(outbox.WebhookConfig{URL: "http://receiver.test.:" + at.Port() + "/", HTTP: hc})
	for range 2 {
		got := s.Send(t.Context(), oneEvent)
		if got.Verdict != outbox.Accepted && !strings.HasSuffix(got.Detail, ": not connected") {
			t.Errorf("a metadata address was connected to: %+v", got)
		}
		hc.CloseIdleConnections()
	}
	if n := questions.Load(); n < 4 {
		t.Errorf("the name was looked up with %d questions, want 4 at least", n)
	}
}
