package outbox_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/outbox"
)

const (
	clientSecret = "client-secret-canary"
	password     = "pass:word canary"
)

// partner is a receiver with a token server beside it, each with a log of its own.
type partner struct {
	grant  func(n int, w http.ResponseWriter) // nil: token-n, good for an hour
	answer func(token string) int             // nil: 200
	took   time.Duration                      // of the token server

	mu     sync.Mutex // guards what follows
	forms  []url.Values
	tokens []string // as the receiver saw them
}

func (p *partner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		p.serveToken(w, r)
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	p.tokens = append(p.tokens, token)
	p.mu.Unlock()
	if p.answer != nil {
		w.WriteHeader(p.answer(token))
	}
	io.WriteString(w, "you sent "+r.Header.Get("Authorization"))
}

func (p *partner) serveToken(w http.ResponseWriter, r *http.Request) {
	time.Sleep(p.took)
	r.ParseForm()
	p.mu.Lock()
	p.forms = append(p.forms, r.PostForm)
	n := len(p.forms)
	p.mu.Unlock()
	if p.grant != nil {
		p.grant(n, w)
		return
	}
	fmt.Fprintf(w, `{"access_token":"token-%d","token_type":"bearer","expires_in":3600}`, n)
}

func (p *partner) asked() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.forms)
}

func (p *partner) hook(t *testing.T) outbox.Sender {
	t.Helper()
	return newStandard(t, outbox.WebhookConfig{Secret: []byte(newSecret), HTTP: serve(t, p), Auth: outbox.Auth{OAuth2: &outbox.OAuth2{
		TokenURL: "http://auth.test/token?tenant=canary", ClientID: "us", ClientSecret: clientSecret, Scope: "events:write more", Audience: "https://receiver.test",
	}}})
}

// TestBasicCredentials: in both formats, before what the URL carries.
func TestBasicCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		c := outbox.WebhookConfig{Name: "ats", URL: "http://other:one@receiver.test/", Secret: []byte(newSecret), HTTP: serve(t, recording(&calls, accept)),
			Auth: outbox.Auth{Basic: &outbox.Basic{Username: "us", Password: password}}}
		standard, err := outbox.NewStandardWebhook(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []outbox.Sender{standard, outbox.NewSeekWebhook(c)} {
			send(t, s, time.Minute, oneEvent...)
		}
		for _, c := range calls {
			if got, want := c.header.Get("Authorization"), "Basic "+base64.StdEncoding.EncodeToString([]byte("us:"+password)); got != want {
				t.Errorf("Authorization: got %q, want %q", got, want)
			}
		}
	})
}

// TestCredentialsAreNeverShown: by no verb, and not by a receiver that quotes the request.
func TestCredentialsAreNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		basic := outbox.Auth{Basic: &outbox.Basic{Username: "us", Password: password}}
		oauth := outbox.Auth{OAuth2: &outbox.OAuth2{ClientSecret: clientSecret}}
		c := outbox.WebhookConfig{Name: "ats", Secret: []byte(newSecret), Auth: basic}
		shown := fmt.Sprintf("%v %+v %#v %s %x", c, &c, basic, basic, oauth)
		p := &partner{answer: func(string) int { return 400 }}
		shown += send(t, p.hook(t), time.Minute, oneEvent...).Detail
		encoded := base64.StdEncoding.EncodeToString([]byte("us:" + password))
		c.URL, c.HTTP = "http://receiver.test/", serve(t, p)
		shown += send(t, outbox.NewSeekWebhook(c), time.Minute, oneEvent...).Detail
		for _, hidden := range []string{password, clientSecret, newSecret, newSecret[6:], "token-1", encoded} {
			if strings.Contains(shown, hidden) {
				t.Errorf("%q in %q", hidden, shown)
			}
		}
		if want := "you sent Bearer [hidden]"; !strings.Contains(shown, want) {
			t.Errorf("got %q, want %q in it", shown, want)
		}
	})
}

// TestTokenIsAskedForOnceInItsLife: as RFC 6749, section 4.4 has it, by one of many sends at one time, and again a minute before its end.
func TestTokenIsAskedForOnceInItsLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &partner{took: time.Second}
		s := p.hook(t)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { send(t, s, time.Minute, oneEvent...) })
		}
		all.Wait()
		time.Sleep(59*time.Minute - 2*time.Second) // its life counts from before it was asked for
		send(t, s, time.Minute, oneEvent...)
		if got := p.asked(); got != 1 {
			t.Errorf("tokens asked for in the first 59 minutes: got %d, want 1", got)
		}
		time.Sleep(time.Second)
		send(t, s, time.Minute, oneEvent...)
		want := url.Values{"grant_type": {"client_credentials"}, "client_id": {"us"}, "client_secret": {clientSecret},
			"scope": {"events:write more"}, "audience": {"https://receiver.test"}}
		if diff := cmp.Diff(p.forms, []url.Values{want, want}); diff != "" {
			t.Errorf("forms: got, want:\n%s", diff)
		}
		if last := p.tokens[len(p.tokens)-1]; len(p.tokens) != 10 || p.tokens[0] != "token-1" || last != "token-2" {
			t.Errorf("tokens: got %q", p.tokens)
		}
	})
}

// TestTokenThatTheReceiverRefuses is dropped, and the next attempt has a new one, not the same attempt. If that is refused as well, none
// is asked for in the next 15 minutes; if it was accepted meanwhile, a later refusal counts anew.
func TestTokenThatTheReceiverRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		good := map[string]bool{"token-2": true}
		p := &partner{answer: func(token string) int { return map[bool]int{true: 200, false: 401}[good[token]] }}
		s := p.hook(t)
		try := func(want outbox.Verdict, asked int) {
			t.Helper()
			if got := send(t, s, time.Minute, oneEvent...); got.Verdict != want || p.asked() != asked {
				t.Errorf("got %s after %d tokens, want %s after %d", got.Verdict, p.asked(), want, asked)
			}
		}
		try(outbox.Denied, 1)
		try(outbox.Accepted, 2)
		good["token-2"] = false // revoked
		try(outbox.Denied, 2)
		try(outbox.Denied, 3) // so it is not for its age
		try(outbox.Denied, 3)
		time.Sleep(14 * time.Minute)
		try(outbox.Denied, 3)
		time.Sleep(2 * time.Minute)
		try(outbox.Denied, 3) // dropped now
		good["token-4"] = true
		try(outbox.Accepted, 4)
	})
}

// TestTokenIsKeptWhereItIsNotToBlame: 403 and 404 are about something else, and a late word on a token of the past about nothing.
func TestTokenIsKeptWhereItIsNotToBlame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		statuses, slow := []int{403, 404, 401, 401, 200, 200}, time.Second
		p := &partner{}
		p.answer = func(string) int {
			p.mu.Lock()
			n := len(p.tokens)
			p.mu.Unlock()
			if n == 3 {
				time.Sleep(slow)
			}
			return statuses[n-1]
		}
		s := p.hook(t)
		for range 2 {
			send(t, s, time.Minute, oneEvent...)
		}
		if got := p.asked(); got != 1 {
			t.Errorf("tokens after 403 and 404: got %d, want 1", got)
		}
		go send(t, s, time.Minute, oneEvent...) // its 401 comes after the new token's first success
		synctest.Wait()
		for range 2 {
			send(t, s, time.Minute, oneEvent...)
		}
		time.Sleep(2 * slow)
		if got := send(t, s, time.Minute, oneEvent...); got.Verdict != outbox.Accepted || p.asked() != 2 {
			t.Errorf("got %s after %d tokens, want accepted with the second", got.Verdict, p.asked())
		}
	})
}

// TestManyRefusalsOfOneToken: eight sends were in hand with it; one new token cures them all.
func TestManyRefusalsOfOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &partner{answer: func(token string) int { return map[bool]int{true: 200, false: 401}[token == "token-2"] }}
		w := newWorld(t, outbox.Destination{Name: "ats", Sender: p.hook(t), Concurrency: 8})
		w.save(8)
		w.start()
		time.Sleep(time.Minute)
		if got := w.states("ats"); got["delivered"] != 8 || p.asked() != 2 {
			t.Errorf("got %v after %d tokens, want 8 delivered with the second", got, p.asked())
		}
	})
}
