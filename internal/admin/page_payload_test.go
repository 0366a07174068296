package admin_test

import (
	"strings"
	"testing"

	"seekpoller/internal/admin"
)

// TestPayloadIsNotShown: personal data is shown to whoever comes by the socket, asks for it, and looks at a stream with details; to nobody else,
// and on no other page.
func TestPayloadIsNotShown(t *testing.T) {
	sc := newScene(t)
	sc.play()
	details := admin.ConfiguredStream{Name: sc.lastStream(), Details: true}
	plain := admin.ConfiguredStream{Name: sc.lastStream()}
	event := "/event?id=" + sc.last.ID
	for _, c := range []struct {
		name  string
		v     viewer
		path  string
		shown bool
		says  string
	}{
		{"on the socket, asked", viewer{t, sc.server(details).Socket()}, event + "&payload=1", true, payloadCanary},
		{"within, asked", viewer{t, sc.server(details).Inside("tester")}, event + "&payload=1", true, payloadCanary},
		{"on the socket, not asked", viewer{t, sc.server(details).Socket()}, event, false, "Show it"},
		{"on the socket, without details", viewer{t, sc.server(plain).Socket()}, event + "&payload=1", false, "does not say details"},
		{"on the socket, unknown stream", viewer{t, sc.server().Socket()}, event + "&payload=1", false, "does not say details"},
		{"on the port, asked", viewer{t, sc.server(details).Port()}, event + "&payload=1", false, "this port asks nobody"},
	} {
		got := text(c.v.document(c.path))
		if strings.Contains(got, payloadCanary) != c.shown || !strings.Contains(got, c.says) {
			t.Errorf("%s: shown %v, want %v, and %q", c.name, !c.shown, c.shown, c.says)
		}
	}
	for _, path := range sc.everyPage() {
		for _, v := range []viewer{{t, sc.server(details).Socket()}, {t, sc.server(details).Port()}} {
			if w := v.get(path); strings.Contains(w.Body.String(), payloadCanary) {
				t.Errorf("%s shows personal data", path)
			}
		}
	}
}
