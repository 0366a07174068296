package graphql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	genqlient "github.com/Khan/genqlient/graphql"
	"github.com/go-json-experiment/json"
)

// MaxAnswer is the longest answer that is read, in bytes after decompression.
const MaxAnswer = 32 << 20

// exchange is one request and its answer. It is the genqlient client of one call: the
// generated functions make the request, exchange sends it once and keeps beside the
// decoded data what they have no room for.
type exchange struct {
	client           *Client
	token, requestID string

	status     int           // of the answer; 0: there was none
	retryAfter time.Duration // as the answer asks for
	faults     []fault       // the answer's `errors`
}

// MakeRequest sends req in exactly one HTTP request and decodes a 200 answer's data into
// resp.Data. Errors of the answer stay in x.faults: whose they are depends on their paths.
func (x *exchange) MakeRequest(ctx context.Context, req *genqlient.Request, resp *genqlient.Response) error {
	request, err := x.request(ctx, req)
	if err != nil {
		return err
	}
	under := depart(x.client.http, request)
	answer, err := x.client.http.Do(request)
	if err != nil {
		return under.failure(ctx, err)
	}
	under.begun = true
	defer answer.Body.Close()
	x.status = answer.StatusCode
	x.retryAfter = retryAfter(answer.Header)
	body, err := readAnswer(answer, MaxAnswer)
	if x.status != http.StatusOK {
		return x.refusal(answer, body)
	}
	if err != nil {
		return under.failure(ctx, err)
	}
	x.faults, err = decodeAnswer(body, resp.Data)
	if err != nil && isWebPage(answer, body) {
		return webPage
	}
	return err
}

// request makes the POST. GetBody is nil, and no Idempotency-Key is set, because either
// lets net/http send the body again by itself (golang.org/src/net/http/transport.go,
// shouldRetryRequest): on GOAWAY, on REFUSED_STREAM, on a kept connection that went stale.
func (x *exchange) request(ctx context.Context, req *genqlient.Request) (*http.Request, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return nil, &Error{Kind: Rejected, Err: errors.New("write query: a variable is not UTF-8")}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, x.client.endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, &Error{Kind: Rejected, Err: errors.New("write query: the endpoint is not a URL")}
	}
	request.GetBody = nil
	request.Header = http.Header{
		"Accept":          {"application/json"},
		"Accept-Language": {"en-AU"},
		"Authorization":   {"Bearer " + x.token},
		"Content-Type":    {"application/json"},
		"User-Agent":      {x.client.userAgent},
		"X-Request-Id":    {x.requestID},
		"X-Session-Id":    {x.client.sessionID},
	}
	return request, nil
}

// refusal reads an answer that is not 200: for its GraphQL errors if it has any, else by
// its status. What cannot be read of its body is no matter.
func (x *exchange) refusal(answer *http.Response, body []byte) error {
	status := statusWords(answer, body)
	faults, err := decodeAnswer(body, nil)
	if err != nil || len(faults) == 0 {
		return errors.New(status)
	}
	e := worst(faults)
	e.Err = fmt.Errorf("%s: %w", status, e.Err)
	return e
}

// statusWords is the status of an answer that is not 200, and what can be told of it unread.
func statusWords(answer *http.Response, body []byte) string {
	text := fmt.Sprintf("HTTP %d", answer.StatusCode)
	switch {
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		text += ": redirected to " + redirectHost(answer) + ", which is not followed"
	case isWebPage(answer, body):
		text += ": " + webPage.Error()
	}
	return text
}

// webPage is an answer of someone who stands between SEEK and us.
const webPage = malformed("a web page instead of JSON (a proxy or log-in page?)")

// isWebPage tells whether body, which is not the JSON that it should be, is HTML.
func isWebPage(answer *http.Response, body []byte) bool {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	return bytes.HasPrefix(body, []byte("<")) &&
		(isHTML(answer.Header.Get("Content-Type")) || isHTML(http.DetectContentType(body)))
}

func isHTML(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == "text/html" || kind == "application/xhtml+xml")
}

// redirectHost is where a redirect points, without the path, which may hold a secret.
func redirectHost(answer *http.Response) string {
	to, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || to.Host == "" {
		return "the same host"
	}
	return "host " + plain(to.Host)
}

// readAnswer reads the body, at most limit bytes of it after decompression.
func readAnswer(answer *http.Response, limit int64) ([]byte, error) {
	if coding := answer.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return nil, malformed("the answer has an encoding that was not asked for")
	}
	var body bytes.Buffer
	body.Grow(int(min(max(answer.ContentLength, 4<<10), 1<<20)) + bytes.MinRead)
	if _, err := body.ReadFrom(io.LimitReader(answer.Body, limit+1)); err != nil {
		return nil, err
	}
	if int64(body.Len()) > limit {
		return nil, malformed(fmt.Sprintf("the answer is longer than %d MiB", limit>>20))
	}
	return body.Bytes(), nil
}
