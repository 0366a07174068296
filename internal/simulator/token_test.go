package simulator_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

func TestTokensAreKeptForTheirLife(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(w *world)
		want []string
	}{
		{"renewed a minute before the end", func(w *world) { time.Sleep(29 * time.Minute); w.login(); w.ask("{version}", nil) }, nil},
		{"renewed early", func(w *world) { time.Sleep(28 * time.Minute); w.login(); w.ask("{version}", nil) }, []string{"token"}},
		{"renewed early by a new process", func(w *world) {
			time.Sleep(time.Minute)
			w.session = uuid.NewString()
			w.login()
			w.ask("{version}", nil)
		}, nil},
		{"renewed after a refusal", func(w *world) { w.sim.Fault(first("expired-token")); w.next(""); w.login(); w.ask("{version}", nil) }, nil},
		{"renewed after a 401 that was not meant", func(w *world) {
			w.sim.Fault(first("401"))
			w.ask(firstPage, vars{"schemeId": "seekAnz", "first": 1})
			w.login()
			w.ask("{version}", nil)
		}, nil},
		{"used after its end", func(w *world) { time.Sleep(30 * time.Minute); w.ask("{version}", nil) }, []string{"token"}},
		{"used at its very end", func(w *world) { time.Sleep(30*time.Minute - time.Millisecond); w.ask("{version}", nil) }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
				w.ask("{version}", nil)
				c.do(w)
				if got := laws(w.sim.Report()); !slices.Equal(got, append([]string{}, c.want...)) {
					t.Errorf("got %v, want %v", got, c.want)
				}
			})
		})
	}
}

func TestTokenEndpoint(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		answer     string
	}{
		{"granted", credentials, 200, `"expires_in":1800`},
		{"other secret", strings.Replace(credentials, `"b"`, `"c"`, 1), 401, `"invalid_client"`},
		{"no audience", `{"client_id":"a","client_secret":"b","grant_type":"client_credentials"}`, 400, `"invalid_request"`},
		{"form", "grant_type=client_credentials", 400, `"invalid_request"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{ClientID: "a", ClientSecret: "b"}, func(t *testing.T, w *world) {
				a, b, err := w.post("/oauth/token", c.body)
				if err != nil || a.StatusCode != c.status || !strings.Contains(string(b), c.answer) {
					t.Errorf("got %v %s (%v), want %d with %s", a, b, err, c.status, c.answer)
				}
			})
		})
	}
}

// Live and test do not mix, and a refused token stays refused.
func TestUnauthenticated(t *testing.T) {
	inBubble(t, simulator.Options{UnauthenticatedCode: http.StatusUnauthorized}, func(t *testing.T, w *world) {
		for range 2 {
			a, b, err := w.raw(firstPage, vars{"schemeId": "seekAnzPublicTest", "first": 1})
			if err != nil || a.StatusCode != 401 || !strings.Contains(string(b), "UNAUTHENTICATED") || strings.Contains(string(b), `"data"`) {
				t.Errorf("got %v %s (%v), want 401, UNAUTHENTICATED and no data", a, b, err)
			}
			time.Sleep(time.Minute)
		}
		if p := w.next(""); len(p.Errors) != 1 {
			t.Errorf("got %+v, want the token refused for ever", p)
		}
	})
}

// No secret is in what the simulator says about its clients.
func TestReportHoldsNoToken(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		time.Sleep(time.Hour)
		w.next("")
		said := fmt.Sprintf("%+v %+v", w.sim.Report(), w.sim.Queries())
		for _, secret := range append(w.sim.Tokens(), `"b"`) {
			if strings.Contains(said, secret) {
				t.Errorf("the report holds the token or the secret")
			}
		}
	})
}
