package graphql

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxTokenAnswer = 1 << 20         // bytes
	defaultLife    = 5 * time.Minute // of a token that does not say, or says nonsense: 0, less, no number
	longestLife    = 24 * time.Hour  // of any token, whatever it says
)

// grant is a token and how long it lives.
type grant struct {
	token string
	life  time.Duration
}

// issue asks the token endpoint, in one HTTP request.
func (t *Tokens) issue(ctx context.Context) (grant, *Error) {
	request, err := t.request(ctx)
	if err != nil {
		return grant{}, &Error{Kind: Rejected, Err: errors.New("the address of the token endpoint is not a URL")}
	}
	under := depart(t.http, request)
	answer, err := t.http.Do(request)
	if err != nil {
		return grant{}, &Error{Kind: Transient, Err: under.failure(ctx, err)}
	}
	under.begun = true
	defer answer.Body.Close()
	body, err := readAnswer(answer, maxTokenAnswer)
	if answer.StatusCode != http.StatusOK {
		return grant{}, tokenRefusal(answer, body)
	}
	if err != nil {
		return grant{}, &Error{Kind: Transient, Status: answer.StatusCode, Err: under.failure(ctx, err)}
	}
	got, err := decodeGrant(body)
	if err != nil && isWebPage(answer, body) {
		err = webPage
	}
	if err != nil {
		return grant{}, &Error{Kind: Transient, Status: answer.StatusCode, Err: err}
	}
	return got, nil
}

// request makes the POST: all four members in a JSON body, as SEEK documents it.
func (t *Tokens) request(ctx context.Context) (*http.Request, error) {
	t.mu.Lock()
	creds := t.creds
	t.mu.Unlock()
	body, err := json.Marshal(map[string]string{
		"audience":      creds.Audience,
		"client_id":     creds.ClientID,
		"client_secret": creds.ClientSecret,
		"grant_type":    "client_credentials",
	})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, creds.TokenURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.GetBody = nil // or net/http may send it more than once
	request.Header = http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"User-Agent":   {t.userAgent},
	}
	return request, nil
}

// tokenRefusal sorts an answer that is not 200. Of its body only OAuth's `error` is used
// (RFC 6749, section 5.2), and only if it looks like one.
func tokenRefusal(answer *http.Response, body []byte) *Error {
	e := &Error{
		Kind:       kindOfStatus(answer.StatusCode),
		Status:     answer.StatusCode,
		Code:       oauthError(body),
		RetryAfter: retryAfter(answer.Header),
	}
	switch e.Code {
	case "invalid_client", "unauthorized_client", "access_denied":
		e.Kind = Unauthorized
	case "temporarily_unavailable", "server_error":
		e.Kind = Transient
	}
	if e.Status == http.StatusTooManyRequests {
		e.Kind = Throttled
	}
	text := statusWords(answer, body)
	if e.Code != "" {
		text += ": " + e.Code
	}
	e.Err = errors.New(text)
	return e
}

func oauthError(body []byte) (code string) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	_, err := object(d, "the answer", []string{"error"}, func(string) (err error) {
		code, err = text(d, "error")
		return err
	})
	if err != nil || len(code) > 40 || strings.Trim(code, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return ""
	}
	return code
}

// decodeGrant reads a token answer. Members that are not ours are ignored.
func decodeGrant(body []byte) (g grant, err error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(body))
	kind := ""
	g.life = defaultLife
	_, err = object(d, "the answer", []string{"access_token", "expires_in", "token_type"}, func(name string) error {
		switch name {
		case "access_token":
			g.token, err = text(d, name)
		case "token_type":
			kind, err = text(d, name)
		default:
			var value jsontext.Value
			value, err = d.ReadValue()
			g.life = life(value)
		}
		return err
	})
	if err == nil {
		err = atEnd(d)
	}
	switch {
	case err != nil:
		return grant{}, inOurWords(d, err)
	case !usable(g.token):
		return grant{}, malformed("the answer has no usable access_token")
	case kind != "" && !strings.EqualFold(kind, "Bearer"):
		return grant{}, malformed("the token is not a Bearer token")
	}
	return g, nil
}

// usable tells whether token can stand in a header.
func usable(token string) bool {
	return token != "" && len(token) <= 16<<10 && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' })
}

// life reads expires_in: seconds, also where they come as text or with a fraction.
func life(value jsontext.Value) time.Duration {
	seconds, err := strconv.ParseFloat(strings.Trim(string(value), `"`), 64)
	if errors.Is(err, strconv.ErrRange) && seconds > 0 {
		err = nil // 1e999: very long
	}
	if err != nil || math.IsNaN(seconds) || seconds < time.Nanosecond.Seconds() {
		return defaultLife
	}
	return time.Duration(min(seconds, longestLife.Seconds()) * float64(time.Second))
}
