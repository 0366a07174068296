package admin_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"seekpoller/internal/admin"
)

// TestMistakesAtThePort: what the database says when it fails is for the log, and for whoever may use the socket. At the port there is a word by which the
// line of the log is found.
func TestMistakesAtThePort(t *testing.T) {
	f := newFeedSite(t)
	core, logged := observer.New(zapcore.ErrorLevel)
	f.config.Log = zap.New(core)
	f.server.Use(f.config)
	if err := f.store.Close(); err != nil {
		t.Fatal(err)
	}
	const secret = "closed" // as the driver says
	word := regexp.MustCompile(`mistake [0-9a-f]{8}`)
	for _, path := range []string{"/api/v1/status", "/api/v1/events", "/readyz", "/", "/deliveries"} {
		for _, accept := range []string{"application/json", "text/html"} {
			w := newRecorded()
			f.server.Port().ServeHTTP(w, request(t.Context(), http.MethodGet, path, "", "localhost", "Accept: "+accept, ""))
			lines := logged.TakeAll()
			said := word.FindString(w.body.String())
			if w.status != http.StatusInternalServerError || said == "" || strings.Contains(w.body.String(), secret) {
				t.Errorf("%s: %d %s", path, w.status, w.body.String())
			}
			if len(lines) != 1 || "mistake "+lines[0].ContextMap()["mistake"].(string) != said || !strings.Contains(lines[0].ContextMap()["error"].(string), secret) {
				t.Errorf("%s: the log says %v", path, lines)
			}
		}
	}
	if err := admin.Within(f.server.Inside("tester")).Get(t.Context(), "/api/v1/status", nil, io.Discard); err == nil || !strings.Contains(err.Error(), secret) {
		t.Errorf("inside: %v", err)
	}
}
