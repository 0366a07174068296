package outbox

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// WebhookConfig is a receiver of requests, in either format.
type WebhookConfig struct {
	Name           string
	URL            string
	SubscriptionID string // in the body of SEEK's format; "": made from the name
	Secret         []byte // signs; SEEK's format: the key itself, none if empty; standard: whsec_ and base64, or the key itself
	PreviousSecret []byte // standard only: signs beside Secret while the receiver changes over; empty: none
	Auth           Auth   // beside the signature; zero: none
	UserAgent      string // name/version
	HTTP           *http.Client
	Now            func() time.Time // for timestamps and Retry-After dates; nil: time.Now
}

// Format keeps the secrets out of whatever prints c.
func (c WebhookConfig) Format(f fmt.State, _ rune) { io.WriteString(f, "webhook "+c.Name) }

// hook is what the formats share: one POST to one receiver, with credentials.
type hook struct {
	WebhookConfig
	tokens *tokens // nil: the receiver wants none
}

func newHook(c WebhookConfig) hook {
	if c.Now == nil {
		c.Now = time.Now
	}
	h := hook{WebhookConfig: c}
	if c.Auth.OAuth2 != nil {
		h.tokens = newTokens(c)
	}
	return h
}

// send makes one attempt: body with the format's own headers, which it adds to, under a request id that is new each time.
func (h *hook) send(ctx context.Context, body []byte, headers http.Header) Reply {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return Reply{Verdict: Retry, Detail: "the configured address is not a URL"}
	}
	req.GetBody = nil // see post
	id := uuid.NewString()
	req.Header = headers
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", h.UserAgent)
	req.Header.Set("X-Request-Id", id)
	token, failure := h.authorize(req)
	if failure != nil {
		return *failure
	}
	reply := post(h.HTTP, req, h.Now)
	reply.RequestID = id
	h.learn(token, reply)
	return reply
}

// authorize puts the credentials on req. The token is "" if none was wanted; the failure ends the send.
func (h *hook) authorize(req *http.Request) (token string, failure *Reply) {
	if b := h.Auth.Basic; b != nil {
		req.SetBasicAuth(b.Username, b.Password)
	}
	if h.tokens == nil {
		return "", nil
	}
	token, failure = h.tokens.get(req.Context())
	if failure == nil {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return token, failure
}

// learn tells the keeper what the receiver made of the token. There is no second request within a send: the next attempt has the
// fresh token.
func (h *hook) learn(token string, r Reply) {
	switch {
	case token == "":
	case r.Status == http.StatusUnauthorized:
		h.tokens.refused(token)
	case r.Verdict == Accepted:
		h.tokens.accepted(token)
	}
}
