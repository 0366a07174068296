package graphql_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"seekpoller/graphql"
)

// An answer that breaks off is told by where.
func TestBrokenConnectionInWords(t *testing.T) {
	reset := func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }
	for name, c := range map[string]struct {
		text string
		end  func(net.Conn)
		want string
	}{
		"closed before":  {"", func(net.Conn) {}, "HOST broke off the connection before it answered"},
		"reset before":   {"", reset, "HOST broke off the connection before it answered"},
		"closed within":  {begun, func(net.Conn) {}, "HOST broke off the connection in the middle of its answer"},
		"reset within":   {begun, reset, "HOST broke off the connection in the middle of its answer"},
		"not HTTP":       {canaryPerson + "\r\n\r\n", func(net.Conn) {}, "no answer from HOST: it is not proper HTTP"},
		"an odd header":  {"HTTP/1.1 200 OK\r\n" + canaryPerson + "\r\n\r\n", func(net.Conn) {}, "no answer from HOST: it is not proper HTTP"},
		"an odd length":  {"HTTP/1.1 200 OK\r\nContent-Length: " + canarySecret + "\r\n\r\n", func(net.Conn) {}, "no answer from HOST: bad Content-Length"},
		"two lengths":    {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6CANARY\r\n\r\n", func(net.Conn) {}, "no answer from HOST: message cannot contain multiple Content-Length headers; got"},
		"an odd zip":     {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 12\r\n\r\nno zip at all", func(net.Conn) {}, "the answer cannot be read: gzip: invalid header"},
		"an odd chunk":   {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n", func(net.Conn) {}, "the answer cannot be read: invalid byte in chunk length"},
		"an odd trailer": {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nCANARY\r\n\r\n", func(net.Conn) {}, "the answer cannot be read: it is not proper HTTP"},
	} {
		t.Run(name, func(t *testing.T) {
			address := raw(t, func(conn net.Conn) {
				if request, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					_, _ = io.Copy(io.Discard, request.Body)
					_, _ = io.WriteString(conn, c.text)
					if c.text != "" {
						time.Sleep(20 * time.Millisecond) // a reset overtakes what was sent before it
					}
					c.end(conn)
				}
			})
			holdWords(t, httpClient(t, graphql.TransportConfig{}), address, strings.Replace(c.want, "HOST", strings.TrimPrefix(address, "http://"), 1))
		})
	}
}

// An answer that is not what was asked for is told by what it is.
func TestOtherAnswersInWords(t *testing.T) {
	const page = "a web page instead of JSON (a proxy or log-in page?)"
	json := http.Header{"Content-Type": {"application/json"}}
	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		want   string
	}{
		"HTML":                 {200, html(), htmlPage, page},
		"HTML in parts":        {200, html(), " \n<p>" + canaryPerson, page},
		"HTML by its looks":    {200, json, "\ufeff\r\n<!DOCTYPE html>" + canaryPerson, page},
		"XHTML":                {200, http.Header{"Content-Type": {"application/xhtml+xml; charset=utf-8"}}, "<?xml version='1.0'?>", page},
		"XML":                  {200, json, "<?xml version='1.0'?>" + canaryPerson, "the answer is not JSON"},
		"text that says HTML":  {200, html(), canaryPerson, "the answer is not JSON"},
		"text":                 {200, json, canaryPerson, "the answer is not JSON"},
		"text in the middle":   {200, json, `{"a":` + canaryPerson, "the answer is not JSON from byte 4 on"},
		"nothing":              {200, json, "", "the answer is empty"},
		"next to nothing":      {200, json, " \r\n", "the answer is empty"},
		"half a word":          {200, json, `{"access`, "the answer ends too early, after 1 bytes"},
		"HTTP 500":             {500, json, "{}", "HTTP 500"},
		"HTTP 500 and text":    {500, json, canaryPerson, "HTTP 500"},
		"HTTP 500 and nothing": {500, nil, "", "HTTP 500"},
		"HTTP 502 and HTML":    {502, html(), htmlPage, "HTTP 502: " + page},
		"HTTP 403 and HTML":    {403, nil, htmlPage, "HTTP 403: " + page},
		"elsewhere, of many":   {300, http.Header{"Location": {"/" + canarySecret}}, htmlPage, "HTTP 300: redirected to the same host, which is not followed"},
		"elsewhere, by HTML":   {302, http.Header{"Location": {"https://login.invalid/" + canarySecret}}, htmlPage, "HTTP 302: redirected to host login.invalid, which is not followed"},
	} {
		t.Run(name, func(t *testing.T) {
			holdWords(t, httpClient(t, graphql.TransportConfig{}), server(t, serve(c.status, c.header, c.body)), c.want)
		})
	}
}

// SEEK's own words come after the status, where there is one to tell.
func TestRefusalsInWords(t *testing.T) {
	_, got := askFor(t, server(t, serve(400, nil, lost("NEW_CODE", ""))), graphql.TransportConfig{})
	if want := `HTTP 400: NEW_CODE: SEEK says \x1b no`; got.Error() != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"a code":      {401, `{"error":"invalid_client","error_description":"` + canarySecret + `"}`, "HTTP 401: invalid_client"},
		"other words": {400, `{"error":"` + canarySecret + `"}`, "HTTP 400"},
		"no token":    {200, `{}`, "the answer has no usable access_token"},
	} {
		_, err := tokens(refusing(c.status, nil, c.body)).Token(context.Background())
		if got := asError(t, err).Error(); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
