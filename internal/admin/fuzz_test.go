package admin_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"seekpoller/internal/admin"
)

// FuzzRequests: whatever is asked at the port, and whatever is asked at the socket short of an order to do a deed, the answer has the protective headers,
// is no mistake of ours, says of an error what is wrong, and nobody has written to the database.
func FuzzRequests(f *testing.F) {
	site := newFeedSite(f)
	for range 3 {
		site.page(10)
	}
	reads, deeds := allRoutes(f)
	for _, path := range reads {
		f.Add("GET", path, "", "localhost", "Accept: text/html", "")
		f.Add("GET", path, "id=e00001&limit=5&before=7&state=dead", "127.0.0.1:8080", "Authorization: Bearer a token of at least a few letters", "")
		f.Add("HEAD", path, "since=2026-01-01&until=2026-13-01&q=%00%1b", "[::1]", "If-None-Match: *", "")
	}
	for _, path := range deeds {
		f.Add("POST", path, "", "localhost", "Content-Type: text/plain", `{"yes":false,"args":{"destination":"ats","stream":"all","to":"2026-01-01"}}`)
		f.Add("POST", path, "", "evil.example", "Origin: http://evil.example", `{"reason":"x","args":{}}`)
	}
	f.Add("CONNECT", "*", "%", "", "Range: bytes=0-0", "{")
	f.Add("GET", "//api/../x", "a=1;b=2", "localhost:", "Accept-Encoding: gzip", "")
	watch := watchWrites(f, site)
	doors := map[string]http.Handler{"port": site.server.Port(), "socket": site.server.Socket()}
	f.Fuzz(func(t *testing.T, method, path, query, host, header, body string) {
		for name, door := range doors {
			if values, _ := url.ParseQuery(query); values.Get("wait") != "" || name == "socket" && orders(method, body) {
				continue
			}
			w := newRecorded()
			door.ServeHTTP(w, request(t.Context(), method, path, query, host, header, body))
			checkHeaders(t, name, w.header)
			checkReason(t, name, path, w)
			if name == "port" && method != http.MethodGet && method != http.MethodHead && w.status != http.StatusMethodNotAllowed && w.status != http.StatusMisdirectedRequest {
				t.Errorf("%s: %d", name, w.status)
			}
		}
		if watch() {
			t.Error("somebody wrote to the database")
		}
	})
}

// checkReason: of what has no answer there is a reason. Only readiness may be 503: the scene has no daemon, so a person should look.
func checkReason(t *testing.T, door, path string, w *recorded) {
	t.Helper()
	if w.status >= 500 && (w.status != http.StatusServiceUnavailable || path != "/readyz") {
		t.Errorf("%s: %d %s", door, w.status, w.body.String())
	}
	if w.status < 400 || !strings.HasPrefix(w.header.Get("Content-Type"), "application/json") || path == "/readyz" {
		return
	}
	var said struct{ Error *admin.Error }
	if err := json.Unmarshal(w.body.Bytes(), &said); err != nil || said.Error == nil || said.Error.What == "" || said.Error.Status != w.status {
		t.Errorf("%s: %d says %q: %v", door, w.status, w.body.String(), err)
	}
}

// FuzzFeed: whatever is asked, the answer is JSON that goes on from a position not before the one asked for, or an error in words.
func FuzzFeed(f *testing.F) {
	site := newFeedSite(f)
	for range 5 {
		site.page(20)
	}
	handler := site.server.Inside("tester")
	for _, query := range []string{"after=3&limit=7", "type=A&type=B&hirer=h1", "after=99999", "wait=0&stream=all", "after=1e3", "type=\x00&hirer=\xff", "%", "stream=al", "after=&stream="} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		if values.Get("wait") != "" {
			return // it would wait
		}
		w := newRecorded()
		handler.ServeHTTP(w, request(t.Context(), http.MethodGet, "/api/v1/feed", query, "localhost", "", ""))
		var found admin.Feed
		switch err := json.Unmarshal(w.body.Bytes(), &found); {
		case w.status == http.StatusOK && (err != nil || found.Next > 100 || int(found.Next) < len(found.Events)):
			t.Errorf("%q: %v %s", query, err, w.body.String())
		case w.status == http.StatusOK && found.Next < position(values):
			t.Errorf("%q goes back to %d", query, found.Next)
		case w.status != http.StatusOK && w.status != http.StatusBadRequest && w.status != http.StatusConflict && w.status != http.StatusNotFound:
			t.Errorf("%q: %d %s", query, w.status, w.body.String())
		}
	})
}

func position(values url.Values) int64 {
	after, _ := strconv.ParseInt(values.Get("after"), 10, 64)
	return after
}

// request is a request as net/http would hand it on; header is one line of it.
func request(ctx context.Context, method, path, query, host, header, body string) *http.Request {
	h := http.Header{}
	if name, value, ok := strings.Cut(header, ":"); ok {
		h.Set(name, strings.TrimSpace(value))
	}
	r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: host, Header: h, Body: io.NopCloser(strings.NewReader(body))}
	return r.WithContext(ctx)
}

// orders says that a request may do a deed, and not only show what it would do.
func orders(method, body string) bool {
	var o admin.Order
	_ = json.NewDecoder(strings.NewReader(body)).Decode(&o)
	return method == http.MethodPost && o.Yes
}

// watchWrites says at each call whether anybody committed since the one before.
func watchWrites(f *testing.F, site *feedSite) func() bool {
	db, err := sql.Open("sqlite3", "file:"+site.path+"?mode=ro")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	version := func() (n int) {
		if err := db.QueryRow("PRAGMA data_version").Scan(&n); err != nil {
			f.Fatal(err)
		}
		return n
	}
	last := version()
	return func() bool {
		now := version()
		wrote := now != last
		last = now
		return wrote
	}
}
