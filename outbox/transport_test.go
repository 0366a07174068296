package outbox_test

import (
	"crypto/tls"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/outbox"
)

// client makes one for a private authority, given as a PEM file.
func client(t *testing.T, cert []byte) (*http.Client, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	return outbox.NewHTTPClient(outbox.TransportConfig{CAFile: file})
}

func TestReceiversAreVerified(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	hook := func(hc *http.Client) outbox.Reply {
		return outbox.NewSeekWebhook(outbox.WebhookConfig{Name: "ats", URL: srv.URL, HTTP: hc}).Send(t.Context(), oneEvent)
	}
	private, err := client(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	if err != nil {
		t.Fatal(err)
	}
	if got := hook(private); got.Verdict != outbox.Accepted {
		t.Errorf("known authority: got %+v, want accepted", got)
	}
	public, err := outbox.NewHTTPClient(outbox.TransportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if got := hook(public); got.Verdict != outbox.Retry || !strings.Contains(got.Detail, "certificate") {
		t.Errorf("unknown authority: got %+v, want a retry that names the certificate", got)
	}
}

func TestOldTLSIsRefused(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(accept))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	srv.StartTLS()
	defer srv.Close()
	hc, err := client(t, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}))
	if err != nil {
		t.Fatal(err)
	}
	got := outbox.NewSeekWebhook(outbox.WebhookConfig{Name: "ats", URL: srv.URL, HTTP: hc}).Send(t.Context(), oneEvent)
	if got.Verdict != outbox.Retry || !strings.Contains(got.Detail, "protocol version") {
		t.Errorf("got %+v, want a retry that names the protocol version", got)
	}
}

func TestBadAuthorityFilesAreNamed(t *testing.T) {
	if _, err := client(t, []byte("no certificate")); err == nil || !strings.Contains(err.Error(), "ca.pem holds no PEM certificate") {
		t.Errorf("got %v, want an error that names the file", err)
	}
	if _, err := outbox.NewHTTPClient(outbox.TransportConfig{CAFile: "/nowhere/ca.pem"}); err == nil || !strings.Contains(err.Error(), "/nowhere/ca.pem") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

func TestTheEnvironmentsProxyIsNotUsed(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{})
	if err != nil {
		t.Fatal(err)
	}
	if hc.Transport.(*http.Transport).Proxy != nil {
		t.Error("the client asks for a proxy")
	}
}
