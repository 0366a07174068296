package outbox

import (
	"context"
	"net/http"
	"sync"
	"time"
)

const (
	// sharedFailure is how long a failure of the token server answers for itself: the sends that wait in line do not each ask again.
	// It is shorter than the first retry, so no attempt is lost to it.
	sharedFailure = 4 * time.Second
	// againAfter: a receiver that refuses a fresh token as well does not refuse it for its age. Another is not tried sooner.
	againAfter = 15 * time.Minute
)

// tokens keeps the access token for one receiver, in memory only. One send at a time asks for it; there is no back-off of its own,
// since a send without a token is a failed attempt and waits as those do. Safe for several goroutines.
type tokens struct {
	OAuth2
	userAgent string
	turn      chan struct{} // full while someone asks; a channel, so that waiting can be cancelled

	mu      sync.Mutex // guards what follows, never over I/O
	token   string     // "": none
	issued  time.Time
	use     time.Duration // how long after issued the token is sent
	dropped time.Time     // when the receiver last refused one, and none was accepted since; zero: never
	failure *Reply        // the last; nil after a success
	failed  time.Time
}

func newTokens(c WebhookConfig) *tokens {
	t := &tokens{OAuth2: *c.Auth.OAuth2, userAgent: c.UserAgent, turn: make(chan struct{}, 1)}
	if t.HTTP == nil {
		t.HTTP = c.HTTP
	}
	hc := *t.HTTP // whatever it does elsewhere, credentials go nowhere but to TokenURL
	hc.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.HTTP = &hc
	return t
}

// get gives a token that is good for a minute at least, or for half of its life if that is less; or the reply that the send ends with.
func (t *tokens) get(ctx context.Context) (string, *Reply) {
	if token, failure := t.known(); token != "" || failure != nil {
		return token, failure
	}
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", noToken(unsent(ctx, ctx.Err()), 0)
	}
	if token, failure := t.known(); token != "" || failure != nil {
		return token, failure // whoever had the turn before has asked
	}
	return t.renew(ctx)
}

// known is the token, or the failure, that needs no request; neither if one is needed.
func (t *tokens) known() (string, *Reply) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if t.token != "" && elapsed(t.issued, now) < t.use {
		return t.token, nil
	}
	if t.failure != nil && elapsed(t.failed, now) < sharedFailure {
		return "", t.failure
	}
	return "", nil
}

// renew asks for a token. Its life is counted from before the request, which is never too long. A send that was cut off says nothing
// about the token server.
func (t *tokens) renew(ctx context.Context) (string, *Reply) {
	asked := time.Now()
	got, failure := t.issue(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	if failure != nil {
		if ctx.Err() == nil {
			t.failure, t.failed = failure, time.Now()
		}
		return "", failure
	}
	t.failure = nil
	t.token, t.issued, t.use = got.token, asked, got.life-min(time.Minute, got.life/2)
	return t.token, nil
}

// refused says that the receiver answered token with 401. It is dropped once; if the one after it is refused too, it is kept, and
// another is asked for after 15 minutes at the earliest. A token that is no longer in use is not worth a word.
func (t *tokens) refused(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if token != t.token || !t.dropped.IsZero() && elapsed(t.dropped, now) < againAfter {
		return
	}
	t.token, t.dropped = "", now
}

// accepted says that the receiver took token: from now on a refusal may be cured by a new one again.
func (t *tokens) accepted(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if token == t.token {
		t.dropped = time.Time{}
	}
}

// elapsed is the time between by the clock that says more: the monotonic clock stands still while the machine sleeps, the wall clock
// can be set back.
func elapsed(from, to time.Time) time.Duration {
	return max(to.Sub(from), to.Round(0).Sub(from.Round(0)))
}
