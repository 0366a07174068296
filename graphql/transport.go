package graphql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// TransportConfig says how SEEK is reached. The zero value works.
type TransportConfig struct {
	Timeout time.Duration // of a whole exchange, its body included; 0: 30 s
	CAFile  string        // PEM certificates trusted beside the system's; "": none
	Proxy   *url.URL      // nil: none, whatever the environment says
	// Dial opens a connection; nil: the network's own. Tests put a network in memory here.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewHTTPClient makes the HTTP client for SEEK's endpoints: TLS 1.2 or newer, HTTP/2 where
// offered, no redirects, no proxy but the configured one, no cookies. Connections are not
// kept: one handshake a minute is nothing, a kept connection that went stale costs a slot,
// and what a peer sends unasked on one, net/http prints to the standard logger.
func NewHTTPClient(c TransportConfig) (*http.Client, error) {
	roots, err := trusted(c.CAFile)
	if err != nil {
		return nil, err
	}
	t := &http.Transport{
		DialContext:            c.Dial,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
		ForceAttemptHTTP2:      true,
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: 256 << 10,
	}
	if c.Proxy != nil {
		t.Proxy = http.ProxyURL(c.Proxy)
		t.OnProxyConnectResponse = proxyRefusal
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	return withoutRedirects(&http.Client{Transport: t, Timeout: c.Timeout}), nil
}

// proxyRefusal is what is told where the proxy does not connect, in place of the proxy's own words.
func proxyRefusal(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	return malformed(fmt.Sprintf("the proxy does not connect: HTTP %d", answer.StatusCode))
}

// trusted is the system's certificates and those of file; nil, which means the system's, without one.
func trusted(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read CA file: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool() // a system without certificates still has the file's
	}
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("read CA file: %s holds no PEM certificate", file)
	}
	return roots, nil
}

// withoutRedirects is hc made safe: a redirect would be a second request, with the token,
// to a place that nobody configured.
func withoutRedirects(hc *http.Client) *http.Client {
	safe := *hc
	safe.Jar = nil
	safe.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &safe
}
