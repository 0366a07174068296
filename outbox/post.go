package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	longestAnswer = 64 << 10        // bytes of a receiver's body that are read
	answerTime    = 2 * time.Second // for that body, once the status is known
	// noticeableSkew is under the five minutes that receivers of signed timestamps allow (https://www.standardwebhooks.com).
	noticeableSkew = time.Minute
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
	body := read(resp, cancel)
	r := Reply{Verdict: verdictOf(resp.StatusCode), Status: resp.StatusCode}
	if r.Verdict == Accepted {
		return r
	}
	r.RetryAfter = retryAfter(resp.Header, now())
	r.Detail = detail(resp, body, now())
	return r
}

// read reads a body, so that the connection lives, for no longer than it may take. Cut short is good enough to quote.
func read(resp *http.Response, cancel context.CancelFunc) []byte {
	if resp.Body == http.NoBody {
		return nil
	}
	defer time.AfterFunc(answerTime, cancel).Stop()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, longestAnswer))
	return body
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

// detail is the reason of a failure in the receiver's words. Some repeat the request in them, credentials and all.
func detail(resp *http.Response, body []byte, now time.Time) string {
	if to := redirect(resp); to != "" {
		return excerpt([]byte(to))
	}
	if _, credentials, _ := strings.Cut(resp.Request.Header.Get("Authorization"), " "); credentials != "" {
		body = bytes.ReplaceAll(body, []byte(credentials), []byte("[hidden]"))
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = fmt.Appendf(nil, "HTTP %d, and no word of why", resp.StatusCode)
	}
	return excerpt(append([]byte(skew(resp.Header, now)), body...))
}

// redirect names the host only: the path and the query may carry a secret. "": resp is none.
func redirect(resp *http.Response) string {
	if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		return "redirect to host " + to.Host + " not followed"
	}
	return ""
}

// skew says by how much the receiver's clock differs from ours, if it is enough to make it think a signature old or not yet made.
func skew(h http.Header, now time.Time) string {
	its, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return ""
	}
	switch ahead := its.Sub(now).Round(time.Second); {
	case ahead >= noticeableSkew:
		return "(its clock is " + ahead.String() + " ahead of ours) "
	case ahead <= -noticeableSkew:
		return "(its clock is " + (-ahead).String() + " behind ours) "
	}
	return ""
}

// unsent says why there was no answer, without the address: the URL that net/http puts into its error may carry a secret.
func unsent(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "no answer within the time-out"
	case ctx.Err() != nil:
		return "stopped before the answer came"
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "the connection broke off before an answer came"
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	text, _, _ := strings.Cut(err.Error(), "malformed ") // what follows quotes the peer, and this text is logged
	if text != err.Error() {
		text += "malformed answer"
	}
	return excerpt([]byte(text))
}
