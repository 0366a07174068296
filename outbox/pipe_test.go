package outbox_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"

	"seekpoller/outbox"
)

// pipe is a network in memory with one listener, fit for synctest bubbles: real net/http on both sides and no real socket.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipe) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error   { p.once.Do(func() { close(p.closed) }); return nil }
func (p *pipe) Addr() net.Addr { return &net.IPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// serve runs h behind a pipe until the test ends and returns a client that reaches nothing else.
func serve(t testing.TB, h http.Handler) *http.Client {
	t.Helper()
	p := newPipe()
	srv := &http.Server{Handler: h}
	go srv.Serve(p)
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Concurrency: 8, Dial: p.Dial})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hc.CloseIdleConnections(); srv.Close() })
	return hc
}
