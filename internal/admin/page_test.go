package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// viewer asks a server as a browser does.
type viewer struct {
	t *testing.T
	h http.Handler
}

func (v viewer) get(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "127.0.0.1:9477"
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	return w
}

// document asks for a page that must be there, and checks what holds for every page.
func (v viewer) document(path string) *html.Node {
	v.t.Helper()
	w := v.get(path)
	if w.Code != http.StatusOK {
		v.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return v.check(path, w)
}

func (v viewer) check(path string, w *httptest.ResponseRecorder) *html.Node {
	v.t.Helper()
	doc, err := html.Parse(w.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, mistake := range mistakesOf(doc) {
		v.t.Errorf("%s: %s", path, mistake)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	} {
		if got := w.Header().Get(name); got != want {
			v.t.Errorf("%s: %s is %q, want %q", path, name, got, want)
		}
	}
	return doc
}

// everyPage is a page of each kind.
func (sc *scene) everyPage() []string {
	return []string{"/", "/?refresh=off", "/search", "/search?type=CandidateApplicationCreated&since=2026-03-10", "/search?q=nothing", "/search?hirer=seekAnz:organization:seek:1&state=delivered",
		"/deliveries", "/deliveries?state=dead", "/deliveries?destination=crm&state=retrying", "/event?id=" + sc.last.ID}
}

// TestLinks follows every link of every page.
func TestLinks(t *testing.T) {
	sc := newScene(t)
	sc.play()
	_, err := sc.s.Pause(t.Context(), sc.deed("destinations pause", "crm", "it is being upgraded"), "crm")
	sc.must(err)
	v := viewer{t, sc.server().Port()}
	seen := map[string]bool{}
	todo := sc.everyPage()
	for len(todo) > 0 && len(seen) < 400 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		w := v.get(path)
		if w.Code != http.StatusOK {
			if w.Code == http.StatusSeeOther {
				todo = append(todo, w.Header().Get("Location"))
				continue
			}
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
			continue
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for n := range v.check(path, w).Descendants() {
			if href := attr(n, "href"); strings.HasPrefix(href, "/") {
				todo = append(todo, href)
			}
		}
	}
	if len(seen) < 60 {
		t.Errorf("only %d pages were found", len(seen))
	}
}

// TestPagesOfNothing: where nothing is there, words say so.
func TestPagesOfNothing(t *testing.T) {
	sc := newScene(t)
	v := viewer{t, sc.server().Port()}
	home := text(v.document("/"))
	for _, want := range []string{"All is well", "No stream was begun yet", "No query was sent", "No event has a time", "No destination is configured; events are only stored", "no delivery waits for a person", "Nobody has"} {
		if !strings.Contains(home, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	for path, want := range map[string]string{
		"/search": "No event like that is stored", "/search?q=x": "Nothing is stored under x", "/deliveries": "events are only stored", "/search?candidate=c&before=2026-01-01T00:00:00.000Z/1": "No further event",
	} {
		if got := text(v.document(path)); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q: %s", path, want, got)
		}
	}
}

// TestPageErrors: a browser gets a page, a program gets JSON, and both get the headers.
func TestPageErrors(t *testing.T) {
	sc := newScene(t)
	v := viewer{t, sc.server().Port()}
	for path, status := range map[string]int{
		"/nowhere": 404, "/event?id=none": 404, "/event": 400, "/?refresh=on": 400, "/search?colour=red": 400, "/search?since=yesterday": 400, "/search?before=x": 400, "/search?q=%zz": 400,
		"/deliveries?state=lost": 400, "/deliveries?before=x": 400, "/deliveries?q=1": 400,
	} {
		w := v.get(path)
		if w.Code != status {
			t.Errorf("%s: %d, want %d: %s", path, w.Code, status, w.Body)
		}
		v.check(path, w)
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Host = "localhost"
		plain := httptest.NewRecorder()
		v.h.ServeHTTP(plain, r)
		if got := plain.Header().Get("Content-Type"); plain.Code != status || got != "application/json; charset=utf-8" || plain.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s for a program: %d %s", path, plain.Code, got)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "elsewhere.test"
	r.Header.Set("Accept", "text/html")
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	v.check("another host", w)
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", w.Code)
	}
}
