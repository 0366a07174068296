package admin_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"seekpoller/internal/admin"
)

// FuzzRequests: whatever is asked at the port, and whatever is asked at the socket short of an order to do a deed, the answer has the protective headers,
// is no mistake of ours, and nobody has written to the database.
func FuzzRequests(f *testing.F) {
	site := newFeedSite(f)
	for range 3 {
		site.page(10)
	}
	reads, deeds := allRoutes(f)
	for _, path := range reads {
		f.Add("GET", path, "", "")
		f.Add("GET", path, "id=e00001&limit=5&before=7&state=dead", "")
		f.Add("HEAD", path, "since=2026-01-01&until=2026-13-01&q=%00%1b", "")
	}
	for _, path := range deeds {
		f.Add("POST", path, "", `{"yes":false,"args":{"destination":"ats","stream":"all","to":"2026-01-01"}}`)
		f.Add("POST", path, "", `{"reason":"x","args":{}}`)
	}
	f.Add("CONNECT", "*", "%", "{")
	watch := watchWrites(f, site)
	doors := map[string]http.Handler{"port": site.server.Port(), "socket": site.server.Socket()}
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		for name, door := range doors {
			if values, _ := url.ParseQuery(query); values.Get("wait") != "" || name == "socket" && orders(method, body) {
				continue
			}
			w := newRecorded()
			door.ServeHTTP(w, request(t.Context(), method, path, query, body))
			checkHeaders(t, name, w.header)
			if w.status == http.StatusInternalServerError {
				t.Errorf("%s: %s", name, w.body.String())
			}
			if name == "port" && method != http.MethodGet && method != http.MethodHead && w.status != http.StatusMethodNotAllowed {
				t.Errorf("%s: %d", name, w.status)
			}
		}
		if watch() {
			t.Error("somebody wrote to the database")
		}
	})
}

func request(ctx context.Context, method, path, query, body string) *http.Request {
	r := &http.Request{Method: method, URL: &url.URL{Path: path, RawQuery: query}, Host: "localhost", Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}
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
