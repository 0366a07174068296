package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"

	"seekpoller/internal/config"
)

// TestCheckConnectNames: DNS is asked for each host once, and behind a proxy only for the proxy's.
func TestCheckConnectNames(t *testing.T) {
	cfg := &config.Config{Seek: config.Seek{Endpoint: "https://graphql.seek.com/graphql", TokenURL: "https://auth.seek.com/oauth/token"}}
	unknown := &net.DNSError{Err: "no such host", Name: "x", Server: canary, IsNotFound: true}
	for proxy, want := range map[string]string{
		"": "DNS auth.seek.com: FAIL DNS does not know the name; correct the host name, or let this machine ask DNS (SEEK is asked through a proxy with seek.proxy)\n" +
			"DNS graphql.seek.com: ok 192.0.2.1, 192.0.2.2, 2 more; \n",
		"http://proxy.lan:3128": "DNS proxy.lan: FAIL DNS fails: server misbehaving; correct the host name, or let this machine ask DNS (SEEK is asked through a proxy with seek.proxy)\n",
	} {
		cfg.Seek.Proxy = proxy
		c := newConnection("x", cfg, realOutside())
		c.lookup = func(_ context.Context, host string) ([]string, error) {
			switch host {
			case "graphql.seek.com":
				return []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}, nil
			case "auth.seek.com":
				return nil, unknown
			}
			return nil, &net.DNSError{Err: "server misbehaving", Name: host, Server: canary}
		}
		var got strings.Builder
		for _, trial := range c.nameTrials() {
			f := trial.try(t.Context())
			fmt.Fprintf(&got, "%s: %s %s; %s\n", trial.name, f.State, f.Says, f.Todo)
		}
		if got.String() != want {
			t.Errorf("with proxy %q got\n%swant\n%s", proxy, got.String(), want)
		}
	}
}

// TestCheckConnectProxy: SEEK is reached the way that the poller goes, the receivers never are.
func TestCheckConnectProxy(t *testing.T) {
	b := newBench(t)
	proxy, asked := tunnelTo(t, b.replace[0])
	for _, scheme := range []string{"http", "socks5"} {
		c := b.connection()
		c.cfg.Seek.Proxy = scheme + "://" + map[string]string{"http": proxy, "socks5": nobody(t)}[scheme]
		c = newConnection(c.file, c.cfg, c.world)
		text, _ := b.lines(t.Context(), c)
		switch got := line(t, text, "TLS SEEK:1"); {
		case scheme == "http" && got != "ok TLS SEEK:1 certificate of 127.0.0.1, by Bench, 365 days left":
			t.Errorf("got %s", got)
		case scheme == "socks5" && (!strings.HasPrefix(got, "FAIL TLS SEEK:1 socks connect ") || !strings.Contains(got, "is it running")):
			t.Errorf("got %s", got)
		}
	}
	if len(*asked) == 0 || slices.ContainsFunc(*asked, func(to string) bool { return to != b.replace[0] }) {
		t.Errorf("the proxy was asked for %q, want SEEK alone", *asked)
	}
}

// tunnelTo is a proxy that connects with one place.
func tunnelTo(t *testing.T, place string) (address string, asked *[]string) {
	t.Helper()
	asked = new([]string)
	address = listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = append(*asked, r.Host)
		there, err := net.Dial("tcp", place)
		if err != nil || r.Method != http.MethodConnect {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		here, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		_, _ = io.WriteString(here, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(there, here); there.Close() }()
		_, _ = io.Copy(here, there)
		here.Close()
	}))
	return address, asked
}

// Those that no test should bring about on a network.
func TestRemedies(t *testing.T) {
	dial := func(err error) error { return fmt.Errorf("asked: %w", &net.OpError{Op: "dial", Err: err}) }
	for _, c := range []struct{ got, want string }{
		{networkRemedy(dial(syscall.EHOSTUNREACH), ""), "firewall"},
		{networkRemedy(dial(syscall.ENETUNREACH), ""), "firewall"},
		{networkRemedy(dial(context.DeadlineExceeded), ""), "firewall"},
		{networkRemedy(dial(syscall.ECONNRESET), ""), "breaks connections off"},
		{networkRemedy(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, ""), "update-ca-certificates"},
		{networkRemedy(tls.AlertError(40), ""), "TLS 1.2"},
		{directoryRemedy(fs.ErrPermission, "/d"), "sudo -u USER"},
		{directoryRemedy(&fs.PathError{Err: syscall.EROFS}, "/d"), "mount"},
		{directoryRemedy(&fs.PathError{Err: syscall.ENOSPC}, "/d"), "make room"},
		{directoryRemedy(fmt.Errorf("%w: %w", errGroup, fs.ErrPermission), "/d"), "usermod"},
		{directoryRemedy(fs.ErrInvalid, "/d"), "let the daemon's user write"},
	} {
		if !strings.Contains(c.got, c.want) {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
