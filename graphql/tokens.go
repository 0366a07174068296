package graphql

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Credentials are what SEEK's token endpoint wants, and how it is spared. They print as "[hidden]".
type Credentials struct {
	TokenURL     string // https://auth.seek.com/oauth/token
	Audience     string // https://graphql.seek.com, or https://test.graphql.seek.com for the Playground
	ClientID     string
	ClientSecret string

	// Slowest is the longest that Tokens waits of its own accord after a failure; 0: 15 minutes.
	// At once where only a person can help. A Retry-After of the endpoint's counts beside it.
	Slowest time.Duration

	// Told is called with Fetched after a token came, with the error's Kind after a request for one brought none, and with Refused after
	// SEEK did not take the one in use. It must not block. nil: nobody watches.
	Told func(outcome string)

	Jitter func() float64 // in [0,1), spreads back-off; nil: random
}

// What becomes of tokens, beside the kinds of errors.
const (
	Fetched = "fetched"
	Refused = "refused"
)

// Format keeps the secret out of whatever prints c.
func (c Credentials) Format(f fmt.State, _ rune) { fmt.Fprint(f, "[hidden]") }

// MarshalText keeps the secret out of whatever encodes c.
func (c Credentials) MarshalText() ([]byte, error) { return []byte("[hidden]"), nil }

const (
	firstBackoff = 5 * time.Second  // after one failure; each further one doubles it
	lastBackoff  = 15 * time.Minute // where Credentials.Slowest does not say
)

// Tokens gives the access token, kept in memory only, and spares the token endpoint: a token
// is asked for when one is needed, by one caller at a time, and after a failure not again
// before a while has passed. Safe for several goroutines.
// https://developer.seek.com/auth/partner-tokens
type Tokens struct {
	http      *http.Client
	userAgent string
	turn      chan struct{} // full while someone asks the token endpoint; a channel, so that waiting can be cancelled

	mu       sync.Mutex // guards what follows, never over I/O
	creds    Credentials
	token    string // "": none
	issued   time.Time
	use      time.Duration // how long after issued the token is given out
	reissued bool          // a token was refused, and none was accepted since
	failures int           // in a row
	failure  *Error        // the last, nil after a success
	failed   time.Time
	wait     time.Duration // after failed
}

// NewTokens makes the keeper. Nothing is sent before the first Token. The http client is as
// for New, userAgent is name/version.
func NewTokens(hc *http.Client, userAgent string, c Credentials) *Tokens {
	if c.Slowest <= 0 {
		c.Slowest = lastBackoff
	}
	return &Tokens{http: withoutRedirects(hc), userAgent: userAgent, creds: c, turn: make(chan struct{}, 1)}
}

// Use takes other credentials from now on, after a secret was changed say. A token that is in hand is used to its end, because SEEK wants tokens
// used for as long as they live; a back-off ends, because what failed may have been the old secret. TokenURL, Audience and ClientID stay what
// they were: a token of another client would be another matter.
func (t *Tokens) Use(c Credentials) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.creds.ClientSecret = c.ClientSecret
	t.failures, t.failure, t.wait = 0, nil, 0
}

// Token gives a token that is good for at least its buffer: a minute, or half of its life
// if that is less. It asks for a new one if need be, in one HTTP request. The error is always
// an *Error whose RetryAfter says when asking makes sense again; until then it is
// given again without a request. A cancelled ctx is no failure of the endpoint.
func (t *Tokens) Token(ctx context.Context) (string, error) {
	if token, err := t.known(time.Now()); token != "" || err != nil {
		return token, err
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", &Error{Kind: Transient, Err: said{"given up while another call asks for the token", ctx.Err()}}
	}
	if token, err := t.known(time.Now()); token != "" || err != nil {
		return token, err // whoever had the turn before has asked
	}
	return t.renew(ctx)
}

// known is the token or the error that needs no request; neither if one is needed.
func (t *Tokens) known(now time.Time) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && elapsed(t.issued, now) < t.use {
		return t.token, nil
	}
	if t.failure == nil {
		return "", nil
	}
	left := t.wait - elapsed(t.failed, now)
	if left <= 0 {
		return "", nil
	}
	again := *t.failure
	again.RetryAfter = left
	return "", &again
}

// renew asks for a token. Its life is counted from before the request, which is never too long.
func (t *Tokens) renew(ctx context.Context) (string, error) {
	asked := time.Now()
	got, err := t.issue(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil && errors.Is(ctx.Err(), context.Canceled) {
		return "", err
	}
	if err != nil {
		t.fail(err, time.Now())
		t.told(string(err.Kind))
		return "", err
	}
	t.told(Fetched)
	t.failures, t.failure = 0, nil
	t.token, t.issued, t.use = got.token, asked, got.life-min(time.Minute, got.life/2)
	return t.token, nil
}

// told passes on what happened.
func (t *Tokens) told(outcome string) {
	if t.creds.Told != nil {
		t.creds.Told(outcome)
	}
}

// fail starts the back-off. The caller holds mu.
func (t *Tokens) fail(e *Error, now time.Time) {
	t.failures++
	e.RetryAfter = max(e.RetryAfter, backoff(e.Kind, t.failures, t.creds.Slowest, t.random()))
	t.failure, t.failed, t.wait = e, now, e.RetryAfter
}

func (t *Tokens) random() float64 {
	if t.creds.Jitter == nil {
		return rand.Float64()
	}
	return t.creds.Jitter()
}

// backoff is the wait after so many failures in a row, at most slowest, within a tenth, which
// keeps installations from asking in step.
func backoff(kind Kind, failures int, slowest time.Duration, random float64) time.Duration {
	if kind == Unauthorized || kind == Rejected {
		return slowest
	}
	wait := min(firstBackoff<<min(failures-1, 16), slowest)
	return min(time.Duration(float64(wait)*(0.9+0.2*random)), slowest)
}

// Refused says that SEEK did not take token. The next Token asks for another, once: if that
// one is refused as well, it is not for want of a fresh token, and none is asked for
// before Credentials.Slowest has passed. A token that is no longer in use is not worth a word.
// https://developer.seek.com/graphql/error-responses
func (t *Tokens) Refused(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token == "" || token != t.token {
		return
	}
	t.token = ""
	t.told(Refused)
	if t.reissued {
		t.fail(&Error{
			Kind: Unauthorized,
			Code: "UNAUTHENTICATED",
			Err:  errors.New("SEEK refuses the tokens that it issues: do audience, endpoint and credentials belong together?"),
		}, time.Now())
	}
	t.reissued = true
}

// Accepted says that SEEK took token: from now on a refusal may be cured by a new one again.
func (t *Tokens) Accepted(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token == t.token {
		t.reissued = false
	}
}

// elapsed is the time from from to now by the clock that says more: the monotonic clock stands
// still while the machine sleeps, the wall clock can be set back.
func elapsed(from, now time.Time) time.Duration {
	return max(now.Sub(from), now.Round(0).Sub(from.Round(0)))
}
