package outbox

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// TransportConfig is how receivers are reached.
type TransportConfig struct {
	CAFile      string        // PEM; instead of the system's authorities. "": the system's
	Concurrency int           // connections kept open to a receiver; 0: 1
	Resolver    *net.Resolver // nil: the system's. What it says is not believed: see guard
	// Dial opens a connection; nil: the network's own, guarded. Tests put a network in memory here, which is not.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewHTTPClient makes the client for one destination: TLS 1.2 or newer, no redirects, no proxy from the environment, and no
// connection to a link-local or metadata address, whatever name it hides behind. It has no time-out of its own; the relay bounds each send. An unreadable or empty CAFile is an error that names the file.
func NewHTTPClient(c TransportConfig) (*http.Client, error) {
	authorities, err := authorities(c.CAFile)
	if err != nil {
		return nil, err
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer(c),
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities},
			TLSHandshakeTimeout:    10 * time.Second,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    max(c.Concurrency, 1),
			MaxResponseHeaderBytes: 64 << 10,
			// Node's server hangs up after 5 s: a connection that we would reuse later than that may be dead under our hands.
			IdleConnTimeout: 4 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read certificate authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("read certificate authorities: %s holds no PEM certificate", file)
	}
	return pool, nil
}

func dialer(c TransportConfig) func(context.Context, string, string) (net.Conn, error) {
	if c.Dial != nil {
		return c.Dial
	}
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second, Resolver: c.Resolver, Control: guard}
	return d.DialContext
}
