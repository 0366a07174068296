package graphql_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"seekpoller/graphql"
)

// http1 answers each request on a connection with text, and then hangs up if told so.
func (h *hostile) http1(t *testing.T, hangUp bool, text string, then func(net.Conn)) (endpoint string) {
	t.Helper()
	return "http://" + h.listen(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			h.requests.Add(1)
			_, _ = io.Copy(io.Discard, request.Body)
			_, _ = io.WriteString(conn, text)
			if then != nil {
				then(conn)
			}
			if hangUp {
				return
			}
		}
	})
}

// trickle writes text byte by byte, far too slowly.
func trickle(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for i := range len(text) {
			if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// TestHostileHTTP1: the same over HTTP/1.1, where a peer may break off, say it again, or never come to an end.
func TestHostileHTTP1(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	whole := fmt.Sprintf(ok+"Content-Length: %d\r\n\r\n%s", len(answer(node)), answer(node))
	chunked := fmt.Sprintf(ok+"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n%x\r\n%s\r\n0\r\n", len(answer(node)), answer(node))
	abort := func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) } // the next close is a RST
	for name, c := range map[string]struct {
		text   string
		then   func(net.Conn)
		hangUp bool
		page   bool
	}{
		"hangs up":                             {hangUp: true},
		"hangs up with a reset":                {then: abort, hangUp: true},
		"hangs up in the head":                 {text: ok + "Content-Le", hangUp: true},
		"hangs up after the head":              {text: ok + "Content-Length: 10\r\n\r\n", hangUp: true},
		"resets in the body":                   {text: whole[:len(whole)-30], then: abort, hangUp: true},
		"1xx, then hangs up":                   {text: "HTTP/1.1 100 Continue\r\n\r\n", hangUp: true},
		"1xx without end":                      {text: strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", 2000)},
		"another protocol":                     {text: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", hangUp: true},
		"time-out of an idle connection":       {text: "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", hangUp: true},
		"misdirected":                          {text: "HTTP/1.1 421 Misdirected Request\r\nContent-Length: 0\r\n\r\n"},
		"too early":                            {text: "HTTP/1.1 425 Too Early\r\nContent-Length: 0\r\n\r\n"},
		"asks for other credentials":           {text: "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"},
		"a head that comes slowly":             {then: trickle(whole)},
		"a body that comes slowly":             {text: whole[:80], then: trickle(whole[80:])},
		"a body that never comes":              {text: ok + "Content-Length: 10\r\n\r\n"},
		"a body without end":                   {text: ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\n \r\n", 5000)},
		"trailers that are none":               {text: chunked + "\x00\x01 no trailer\r\n\r\n", hangUp: true},
		"trailers without end":                 {text: chunked + strings.Repeat("X: y\r\n", 100000), hangUp: true},
		"trailers":                             {text: chunked + "X: y\r\n\r\n", page: true},
		"two lengths":                          {text: ok + "Content-Length: 10\r\nContent-Length: 11\r\n\r\n0123456789", hangUp: true},
		"the answer twice":                     {text: whole + whole, page: true},
		"answers on, unasked":                  {text: whole + strings.Repeat("x", 1<<20), hangUp: true, page: true},
		"no content, but content":              {text: strings.Replace(whole, "200 OK", "204 No Content", 1), hangUp: true},
		"reset content":                        {text: "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
		"redirect without a place":             {text: "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\n\r\n"},
		"a retry at once":                      {text: "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"},
		"an HTTP/2 greeting":                   {text: "\x00\x00\x00\x04\x00\x00\x00\x00\x00", hangUp: true},
		"an answer that claims to be unpacked": {text: ok + "Content-Encoding: gzip, gzip\r\nContent-Length: 2\r\n\r\n{}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h hostile
			endpoint := h.http1(t, c.hangUp, c.text, c.then)
			page, err := askFor(t, endpoint, graphql.TransportConfig{Timeout: patience(c.page)})
			if (page != nil) != c.page {
				t.Errorf("got page %v, %v, want a page: %t", page, err, c.page)
			}
			if requests, conns := h.requests.Load(), h.conns.Load(); requests != 1 || conns != 1 {
				t.Errorf("got %d requests over %d connections, want one (%v)", requests, conns, err)
			}
		})
	}
}

// TestConnectionThatNeverStands: no name, no connection, no handshake: each ends in time, and nothing was asked.
func TestConnectionThatNeverStands(t *testing.T) {
	var h hostile
	silent := h.listen(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
	never := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
	for name, c := range map[string]graphql.TransportConfig{
		"a handshake without an answer": {},
		"a connection that hangs":       {Dial: never},
	} {
		t.Run(name, func(t *testing.T) {
			c.Timeout = 300 * time.Millisecond
			began := time.Now()
			_, err := askFor(t, "https://"+silent, c)
			if err == nil || err.Kind != graphql.Transient || time.Since(began) > 10*time.Second {
				t.Errorf("got %v after %v, want a transient error in time", err, time.Since(began))
			}
		})
	}
}

// bomb is n times 32 MiB of one byte, packed to a thousandth of that: gzip may be made of many members.
func bomb(t *testing.T, n int) string {
	t.Helper()
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if _, err := z.Write(bytes.Repeat([]byte(" "), graphql.MaxAnswer)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.Repeat(b.String(), n)
}

// TestBombs: a gibibyte in little costs the limit and no more, of the page as of the token.
func TestBombs(t *testing.T) {
	endpoint := server(t, serve(200, http.Header{"Content-Encoding": {"gzip"}}, bomb(t, 32)))
	for name, c := range map[string]struct {
		most uint64 // bytes that may be allocated
		ask  func() error
	}{
		"page":  {8 * graphql.MaxAnswer, func() error { _, err := askFor(t, endpoint, graphql.TransportConfig{}); return err }},
		"token": {graphql.MaxAnswer / 4, func() error { _, err := realTokens(t, endpoint).Token(t.Context()); return err }},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := c.ask()
			runtime.ReadMemStats(&after)
			if graphql.KindOf(err) != graphql.Transient || !strings.Contains(err.Error(), "longer than") {
				t.Errorf("got %v, want a transient error that tells the limit", err)
			}
			if got := after.TotalAlloc - before.TotalAlloc; got > c.most {
				t.Errorf("%d MiB were allocated, want at most %d", got>>20, c.most>>20)
			}
		})
	}
}

// realTokens asks url for tokens through the project's own transport.
func realTokens(t *testing.T, url string) *graphql.Tokens {
	t.Helper()
	hc, err := graphql.NewHTTPClient(graphql.TransportConfig{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return graphql.NewTokens(hc, "seek-poller/test", graphql.Credentials{TokenURL: url, Audience: "a", ClientID: "id", ClientSecret: canarySecret})
}

// TestHostileTokenEndpoint: it is asked once, the secret is not carried on to another place, and what it says is not told.
func TestHostileTokenEndpoint(t *testing.T) {
	for name, text := range map[string]string{
		"301": "HTTP/1.1 301 Moved\r\n", "302": "HTTP/1.1 302 Found\r\n", "303": "HTTP/1.1 303 See Other\r\n",
		"307": "HTTP/1.1 307 Temporary Redirect\r\n", "308": "HTTP/1.1 308 Permanent Redirect\r\n",
		"hangs up": "", "hangs up in the head": "HTTP/1.1 200 OK\r\nX-" + canarySecret, "not HTTP": canarySecret + "\r\n\r\n",
		"a page that is cut": "HTTP/1.1 200 OK\r\nX-Length: 900\r\nTransfer-Encoding: chunked\r\nX-Rest: ",
	} {
		t.Run(name, func(t *testing.T) {
			var first, second hostile
			elsewhere := second.http1(t, true, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", nil)
			if strings.HasPrefix(text, "HTTP/1.1 3") {
				text += "Location: " + elsewhere + "/" + canarySecret + "\r\nContent-Length: 0\r\n\r\n"
			}
			endpoint := first.http1(t, true, text, nil)
			token, err := realTokens(t, endpoint).Token(t.Context())
			if token != "" || asError(t, err) == nil {
				t.Errorf("got %q, %v, want an error", token, err)
			}
			if got := first.requests.Load(); got != 1 || second.conns.Load() != 0 {
				t.Errorf("got %d requests and %d connections elsewhere, want 1 and none", got, second.conns.Load())
			}
		})
	}
}
