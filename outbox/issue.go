package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	tokenLife        = 5 * time.Minute // of a token that does not say, or says nonsense: 0, less, no number
	longestTokenLife = 24 * time.Hour  // of any token, whatever it says
	longestToken     = 16 << 10        // bytes
)

// grant is a token and how long it lives.
type grant struct {
	token string
	life  time.Duration
}

func noToken(why string, retryAfter time.Duration) *Reply {
	return &Reply{Verdict: Retry, Detail: excerpt([]byte("no access token: " + why)), RetryAfter: retryAfter}
}

// issue asks the token server, in one HTTP request (RFC 6749, section 4.4.2). Its failure quotes nothing of the answer but OAuth's
// own error word: the rest may repeat what was sent.
func (t *tokens) issue(ctx context.Context) (grant, *Reply) {
	req, err := t.request(ctx)
	if err != nil {
		return grant{}, noToken("the configured address is not a URL", 0)
	}
	resp, err := t.HTTP.Do(req)
	if err != nil {
		return grant{}, noToken(unsent(ctx, err), 0)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, longestAnswer+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return grant{}, noToken(refusal(resp, body), retryAfter(resp.Header, time.Now()))
	case err != nil:
		return grant{}, noToken(unsent(ctx, err), 0)
	case len(body) > longestAnswer:
		return grant{}, noToken("the token server's answer is too long", 0)
	}
	got, problem := decodeGrant(body)
	if problem != "" {
		return grant{}, noToken(problem, 0)
	}
	return got, nil
}

func (t *tokens) request(ctx context.Context) (*http.Request, error) {
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {t.ClientID}, "client_secret": {t.ClientSecret}}
	if t.Scope != "" {
		form.Set("scope", t.Scope)
	}
	if t.Audience != "" {
		form.Set("audience", t.Audience)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.GetBody = nil // see post
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", t.userAgent)
	return req, nil
}

func refusal(resp *http.Response, body []byte) string {
	if to := redirect(resp); to != "" {
		return to
	}
	return strings.TrimSpace(fmt.Sprintf("the token server says HTTP %d %s", resp.StatusCode, errorWord(body)))
}

// errorWord is the error code of RFC 6749, section 5.2, if it looks like one.
func errorWord(body []byte) string {
	var answer struct{ Error string }
	if json.Unmarshal(body, &answer) != nil || len(answer.Error) > 40 || strings.Trim(answer.Error, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return answer.Error
}

// decodeGrant reads RFC 6749, section 5.1. Members that are not ours are ignored; the problem says nothing of the values.
func decodeGrant(body []byte) (g grant, problem string) {
	var answer struct {
		Token  string          `json:"access_token"`
		Kind   string          `json:"token_type"`
		Expiry json.RawMessage `json:"expires_in"`
	}
	switch {
	case json.Unmarshal(body, &answer) != nil:
		return grant{}, "the token server's answer is not the JSON that OAuth 2.0 has for it"
	case !sendable(answer.Token):
		return grant{}, "the token server's answer has no usable access_token"
	case answer.Kind != "" && !strings.EqualFold(answer.Kind, "Bearer"):
		return grant{}, "the token server's token is not a Bearer token"
	}
	return grant{answer.Token, lifeOf(answer.Expiry)}, ""
}

// sendable tells whether token can stand in a header.
func sendable(token string) bool {
	return token != "" && len(token) <= longestToken && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// lifeOf reads expires_in: seconds, also where they come as text or with a fraction. It clamps before it multiplies.
func lifeOf(expiry json.RawMessage) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(expiry), `"`), 64)
	if err != nil && !math.IsInf(seconds, 1) || math.IsNaN(seconds) || seconds < time.Nanosecond.Seconds() {
		return tokenLife
	}
	return time.Duration(min(seconds, longestTokenLife.Seconds()) * float64(time.Second))
}
