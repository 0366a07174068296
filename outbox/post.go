package outbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

const (
	longestAnswer = 64 << 10        // bytes of a receiver's body that are read
	answerTime    = 2 * time.Second // for that body, once the status is known
)

// post makes exactly one request and reads the answer as a reply. The status decides; the body is only quoted when it failed, so
// neither an endless body nor a slow one turns a success into a second delivery. The request's GetBody must be nil: with it,
// net/http repeats a POST by itself when an HTTP/2 peer says GOAWAY or REFUSED_STREAM.
func post(hc *http.Client, req *http.Request, now func() time.Time) Reply {
	ctx, cancel := context.WithCancel(req.Context())
	defer cancel()
	resp, err := hc.Do(req.WithContext(ctx))
	if err != nil {
		return Reply{Verdict: Retry, Detail: unsent(req.Context(), err)}
	}
	defer resp.Body.Close()
	defer time.AfterFunc(answerTime, cancel).Stop()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, longestAnswer)) // cut short is good enough to quote; reading it lets the connection live
	r := Reply{Verdict: verdictOf(resp.StatusCode), Status: resp.StatusCode}
	if r.Verdict == Accepted {
		return r
	}
	r.RetryAfter = retryAfter(resp.Header, now())
	r.Detail = detail(resp, body)
	return r
}

func verdictOf(status int) Verdict {
	switch {
	case status >= 200 && status <= 299:
		return Accepted
	case status == http.StatusBadRequest, status == http.StatusUnprocessableEntity:
		return Refused
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound:
		return Denied
	case status == http.StatusGone:
		return Gone
	}
	return Retry
}

// detail names a redirect's host only: its path and query may carry a secret.
func detail(resp *http.Response, body []byte) string {
	if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		return excerpt([]byte("redirect to host " + to.Host + " not followed"))
	}
	return excerpt(body)
}

// unsent says why there was no answer, without the address: the URL that net/http puts into its error may carry a secret.
func unsent(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "no answer within the time-out"
	case ctx.Err() != nil:
		return "stopped before the answer came"
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return excerpt([]byte(err.Error()))
}
