package outbox_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"seekpoller/outbox"
)

// TestPythonVerifiesSeekSignature: a handler in another language, written from SEEK's page, verifies a real request and reads its events; with
// one byte changed, or another secret, it refuses.
func TestPythonVerifiesSeekSignature(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI must have python3")
		}
		t.Skip("python3 is not installed")
	}
	const key = "a secret of sixteen bytes or more"
	var signature string
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		signature = r.Header.Get("Seek-Signature")
		body, _ = io.ReadAll(r.Body)
	}))
	defer server.Close()
	s := outbox.NewSeekWebhook(outbox.WebhookConfig{Name: "ats", URL: server.URL, Secret: []byte(key), UserAgent: "seek-poller/test", HTTP: server.Client()})
	if got := s.Send(t.Context(), oneEvent); got.Verdict != outbox.Accepted {
		t.Fatalf("sent: %+v", got)
	}
	verify := func(secret string, body []byte) (string, error) {
		cmd := exec.Command(python, "testdata/verify.py", secret, signature)
		cmd.Stdin = bytes.NewReader(body)
		out, err := cmd.Output()
		return string(out), err
	}
	out, err := verify(key, body)
	if err != nil || !strings.HasPrefix(out, oneEvent[0].Event.ID+" "+oneEvent[0].Event.Type) {
		t.Errorf("verified: %q, %v", out, err)
	}
	if _, err := verify("another secret of this length....", body); err == nil {
		t.Error("another secret verifies")
	}
	changed := bytes.Clone(body)
	changed[len(changed)/2] ^= 1
	if _, err := verify(key, changed); err == nil {
		t.Error("a changed body verifies")
	}
}
