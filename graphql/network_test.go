package graphql_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/graphql"
)

// holdWords holds what both who ask are told of the same failure, exactly.
func holdWords(t *testing.T, hc *http.Client, address, want string) {
	t.Helper()
	ask := graphql.New(graphql.Config{Endpoint: address, HTTP: hc})
	_, err := ask.Events(context.Background(), canaryToken, query)
	if got := asError(t, err); got == nil || got.Error() != want {
		t.Errorf("events: got %v, want %s", got, want)
	}
	keep := graphql.NewTokens(hc, "seek-poller/test", graphql.Credentials{TokenURL: address, ClientSecret: canarySecret})
	_, err = keep.Token(context.Background())
	if got := asError(t, err); got == nil || got.Error() != want {
		t.Errorf("token: got %v, want %s", got, want)
	}
}

func httpClient(t *testing.T, c graphql.TransportConfig) *http.Client {
	t.Helper()
	hc, err := graphql.NewHTTPClient(c)
	if err != nil {
		t.Fatal(err)
	}
	return hc
}

// A connection that does not come about is told in words that need no Go.
func TestNoConnectionInWords(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"refused":          {dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "seek.invalid refuses the connection: nothing listens there, or a firewall is in between"},
		"no route":         {dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), "no route to seek.invalid"},
		"no network":       {dial(os.NewSyscallError("connect", syscall.ENETUNREACH)), "no route to seek.invalid"},
		"silence":          {dial(os.NewSyscallError("connect", syscall.ETIMEDOUT)), "seek.invalid does not answer"},
		"reset":            {dial(os.NewSyscallError("read", syscall.ECONNRESET)), "seek.invalid broke off the connection before it answered"},
		"no such name":     {dial(&net.DNSError{Err: "no such host", Name: "seek.invalid", Server: "10.0.0.53:53", IsNotFound: true}), "the name seek.invalid cannot be resolved: DNS does not know it"},
		"DNS is silent":    {dial(&net.DNSError{Err: "i/o timeout", Name: "seek.invalid", IsTimeout: true}), "the name seek.invalid cannot be resolved: DNS does not answer in time"},
		"DNS is broken":    {dial(&net.DNSError{Err: "server misbehaving", Name: "seek.invalid", IsTemporary: true}), "the name seek.invalid cannot be resolved: DNS fails"},
		"a local firewall": {dial(os.NewSyscallError("connect", syscall.EPERM)), "no answer from seek.invalid: dial tcp: connect: operation not permitted"},
		"whatever else":    {errors.New(`http: odd "` + canaryPerson + `"`), "no answer from seek.invalid: odd"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := func(context.Context, string, string) (net.Conn, error) { return nil, c.err }
			holdWords(t, httpClient(t, graphql.TransportConfig{Dial: broken}), "http://seek.invalid/"+canarySecret, c.want)
		})
	}
}

// The same from a real network: a port where nobody listens.
func TestRefusedConnectionNamesThePort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := l.Addr().String()
	l.Close()
	holdWords(t, httpClient(t, graphql.TransportConfig{}), "http://"+host+"/graphql",
		host+" refuses the connection: nothing listens there, or a firewall is in between")
	proxy := graphql.TransportConfig{Proxy: &url.URL{Scheme: "http", Host: host}}
	holdWords(t, httpClient(t, proxy), "https://seek.invalid/graphql",
		"the proxy refuses the connection: nothing listens there, or a firewall is in between")
}

// A proxy that connects to nobody is not quoted.
func TestProxyThatDoesNotConnect(t *testing.T) {
	proxy := raw(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, "HTTP/1.1 407 "+canaryPerson+"\r\n\r\n")
	})
	to, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	holdWords(t, httpClient(t, graphql.TransportConfig{Proxy: to}), "https://seek.invalid/graphql", "the proxy does not connect: HTTP 407")
}

// A proxy that does connect is not in the way.
func TestProxyThatConnects(t *testing.T) {
	s := httptest.NewTLSServer(serve(200, nil, answer(node)))
	t.Cleanup(s.Close)
	proxy := raw(t, func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		there, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			return
		}
		defer there.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, conn) }()
		_, _ = io.Copy(conn, there)
	})
	to, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	page, failed := askFor(t, "https://example.com/graphql", graphql.TransportConfig{Proxy: to, CAFile: pemFile(t, s.Certificate().Raw)})
	if page == nil {
		t.Errorf("got %v, want a page", failed)
	}
}

// inMemory is a network of one host, which treats each connection in this way.
func inMemory(serve func(net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			defer theirs.Close()
			if request, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
				_, _ = io.Copy(io.Discard, request.Body)
				serve(theirs)
			}
		}()
		return ours, nil
	}
}

const begun = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"

// A time-out is named, whoever set it, and whether an answer was under way.
func TestTimeOutInWords(t *testing.T) {
	silent := func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) }
	slow := func(conn net.Conn) { _, _ = io.WriteString(conn, begun); silent(conn) }
	for name, c := range map[string]struct {
		serve            func(net.Conn)
		client, deadline time.Duration
		want             string
	}{
		"silence":              {silent, 0, time.Hour, "no answer within 30s from seek.invalid"},
		"half an answer":       {slow, 0, time.Hour, "connected, but no whole answer within 30s from seek.invalid"},
		"the caller's":         {silent, 0, 5 * time.Second, "no answer within 5s from seek.invalid"},
		"both, one hair apart": {silent, 30 * time.Second, 30*time.Second - time.Millisecond, "no answer within 30s from seek.invalid"},
		"only the caller's":    {silent, -1, 5 * time.Second, "no answer within 5s from seek.invalid"},
		"next to none":         {silent, 0, time.Millisecond, "no answer within 10ms from seek.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hc := httpClient(t, graphql.TransportConfig{Timeout: c.client, Dial: inMemory(c.serve)})
				hc.Timeout = max(hc.Timeout, 0)
				ctx, cancel := context.WithTimeout(context.Background(), c.deadline)
				defer cancel()
				_, err := graphql.New(graphql.Config{Endpoint: "http://seek.invalid/", HTTP: hc}).Events(ctx, canaryToken, query)
				if got := asError(t, err); got.Error() != c.want || !errors.Is(got, context.DeadlineExceeded) {
					t.Errorf("got %q, want %q and the context's error", got, c.want)
				}
			})
		})
	}
}

// A client without a time-out of its own cannot name one; what ends the exchange is told all the same.
func TestTimeOutWithoutOne(t *testing.T) {
	e := &endpoint{answer: func(int64, *http.Request) (*http.Response, error) { return nil, os.ErrDeadlineExceeded }}
	_, err := tokens(e).Token(context.Background())
	if got, want := asError(t, err).Error(), "no answer from auth.invalid: i/o timeout"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	e.answer = func(int64, *http.Request) (*http.Response, error) { return nil, context.DeadlineExceeded }
	_, err = tokens(e).Token(context.Background())
	if got, want := asError(t, err).Error(), "no answer in time from auth.invalid"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever words a transport has for it, it is the context that ended the exchange.
func TestEndOfContextIsTheCause(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	e := &endpoint{answer: func(int64, *http.Request) (*http.Response, error) { cancel(); return nil, net.ErrClosed }}
	_, err := tokens(e).Token(ctx)
	if got := asError(t, err); got.Error() != "given up before there was an answer" || !errors.Is(got, context.Canceled) || !errors.Is(got, net.ErrClosed) {
		t.Errorf("got %q, want the context's error and the transport's", got)
	}
}

// Who is told to stop says so, and not that anything is broken.
func TestCancelledInWords(t *testing.T) {
	for text, want := range map[string]string{"": "given up before there was an answer", begun: "given up in the middle of the answer"} {
		synctest.Test(t, func(t *testing.T) {
			hc := httpClient(t, graphql.TransportConfig{Dial: inMemory(func(conn net.Conn) {
				_, _ = io.WriteString(conn, text)
				_, _ = conn.Read(make([]byte, 1))
			})})
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(time.Second, cancel)
			_, err := graphql.New(graphql.Config{Endpoint: "http://seek.invalid/", HTTP: hc}).Events(ctx, canaryToken, query)
			if got := asError(t, err); got.Error() != want || !errors.Is(got, context.Canceled) {
				t.Errorf("got %q, want %q and the context's error", got, want)
			}
		})
	}
}
