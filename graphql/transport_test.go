package graphql_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"seekpoller/graphql"
)

// pemFile writes a certificate.
func pemFile(t *testing.T, der []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Only TLS 1.2 and newer, and only certificates that the system or the CA file vouches for.
func TestTLS(t *testing.T) {
	for name, c := range map[string]struct {
		newest  uint16
		trusted bool
		want    bool
	}{
		"TLS 1.3":             {tls.VersionTLS13, true, true},
		"TLS 1.2":             {tls.VersionTLS12, true, true},
		"TLS 1.1":             {tls.VersionTLS11, true, false},
		"unknown certificate": {tls.VersionTLS13, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(serve(200, nil, answer(node)))
			s.EnableHTTP2 = c.newest != tls.VersionTLS11 // HTTP/2 would refuse TLS 1.1 by itself
			s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: c.newest}
			s.Config.ErrorLog = quiet()
			s.StartTLS()
			t.Cleanup(s.Close)
			var config graphql.TransportConfig
			if c.trusted {
				config.CAFile = pemFile(t, s.Certificate().Raw)
			}
			page, err := askFor(t, s.URL, config)
			if (page != nil) != c.want {
				t.Errorf("got %v, %v, want a page: %t", page, err, c.want)
			}
		})
	}
}

// A CA file that is missing or holds no certificate is said before anything is asked.
func TestCAFileMustBeOne(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ca.pem")
	for range 2 {
		if _, err := graphql.NewHTTPClient(graphql.TransportConfig{CAFile: file}); err == nil {
			t.Error("got a client, want an error")
		}
		if err := os.WriteFile(file, []byte("nothing"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A proxy is used if it is configured, and never because the environment has one.
// net/http reads the environment once in a process, so that it is the field that is looked at.
func TestProxyOnlyFromConfig(t *testing.T) {
	direct, err := graphql.NewHTTPClient(graphql.TransportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if direct.Transport.(*http.Transport).Proxy != nil {
		t.Error("got a proxy that nobody configured, want none")
	}
	proxied := 0
	proxy := server(t, func(w http.ResponseWriter, r *http.Request) {
		proxied++
		serve(200, nil, answer(node))(w, r)
	})
	to, err := url.Parse(proxy)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := askFor(t, "http://seek.invalid/graphql", graphql.TransportConfig{Proxy: to}); err != nil || proxied != 1 {
		t.Errorf("got %v and %d requests at the proxy, want a page and 1", err, proxied)
	}
}
