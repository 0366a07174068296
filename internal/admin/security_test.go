package admin_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"seekpoller/internal/admin"
)

// protective are the headers of every answer; the policy allows more than nothing only from the same place.
var protective = map[string]string{
	"Content-Security-Policy":      "default-src 'none';",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "no-referrer",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Cache-Control":                "no-store",
}

func checkHeaders(t testing.TB, what string, h http.Header) {
	t.Helper()
	for name, want := range protective {
		if got := h.Values(name); len(got) != 1 || !strings.HasPrefix(got[0], want) {
			t.Errorf("%s: %s is %q, want %s", what, name, got, want)
		}
	}
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") || name == "Set-Cookie" || name == "Server" {
			t.Errorf("%s: has %s", what, name)
		}
	}
	if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
		t.Errorf("%s: the policy is %q", what, policy)
	}
}

// allRoutes finds the routes where they are made, so that a new one is not forgotten here.
func allRoutes(t testing.TB) (reads, deeds []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	read, do := regexp.MustCompile(`HandleFunc\("GET ([^"]+)"`), regexp.MustCompile(`verb:\s+"([^"]+)"`)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range read.FindAllStringSubmatch(string(text), -1) {
			reads = append(reads, strings.ReplaceAll(found[1], "{$}", ""))
		}
		for _, found := range do.FindAllStringSubmatch(string(text), -1) {
			deeds = append(deeds, "/api/v1/deeds/"+strings.ReplaceAll(found[1], " ", "-"))
		}
	}
	if len(reads) < 5 || len(deeds) < 1 {
		t.Fatalf("found only %q and %q", reads, deeds)
	}
	return reads, deeds
}

// doors are the ways in, each with something that asks there.
func doors(t testing.TB, s *admin.Server) map[string]http.RoundTripper {
	t.Helper()
	socket, _ := onSocket(t, s)
	port, _ := onPort(t, s)
	to := func(network, address string) http.RoundTripper {
		tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}}
		t.Cleanup(tr.CloseIdleConnections)
		return tr
	}
	return map[string]http.RoundTripper{"socket": to("unix", socket), "port": to("tcp", strings.TrimPrefix(port, "http://"))}
}

// TestHeadersOnEveryAnswer: every route, at every door, with every method, asked rightly and wrongly, answers with the protective headers and
// says what it is; the port refuses whatever is not for reading; and nothing of it is a mistake of ours.
func TestHeadersOnEveryAnswer(t *testing.T) {
	f := newFeedSite(t)
	f.page(10)
	f.server.Handle("GET /panic", func(http.ResponseWriter, *http.Request) { panic("a secret of the daemon") })
	reads, deeds := allRoutes(t)
	paths := append(append(reads, deeds...), "/nowhere", "/api/v1/", "/api/v1/deeds/", "//api/v1/status", "/api/../healthz", "/panic", "/<script>")
	for door, ask := range doors(t, f.server) {
		for _, path := range paths {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "BREW"} {
				for _, query := range []string{"", "?limit=x", "?id=%3Cscript%3E"} {
					checkAnswer(t, door, ask, method, path+query)
				}
			}
		}
	}
}

func checkAnswer(t *testing.T, door string, ask http.RoundTripper, method, path string) {
	t.Helper()
	what := fmt.Sprint(door, ": ", method, " ", path)
	r, err := http.NewRequest(method, "http://127.0.0.1"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := ask.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
	checkHeaders(t, what, answer.Header)
	kind := answer.Header.Get("Content-Type")
	if len(body) > 0 && kind == "" || strings.Contains(string(body), "<script>") || strings.Contains(string(body), "a secret") || strings.Contains(string(body), "goroutine ") {
		t.Errorf("%s: %d %q\n%s", what, answer.StatusCode, kind, body)
	}
	if strings.Contains(path, "/api/") && answer.StatusCode >= 400 && method != "HEAD" {
		var said struct{ Error *admin.Error }
		if err := json.Unmarshal(body, &said); err != nil || said.Error == nil || said.Error.What == "" {
			t.Errorf("%s: no error in words: %s", what, body)
		}
	}
	reading := method == "GET" || method == "HEAD"
	if door == "port" && !reading && (answer.StatusCode != http.StatusMethodNotAllowed || answer.Header.Get("Allow") != "GET, HEAD") {
		t.Errorf("%s: %d", what, answer.StatusCode)
	}
	if want := strings.HasPrefix(path, "/panic") && reading; (answer.StatusCode == http.StatusInternalServerError) != want {
		t.Errorf("%s: %d\n%s", what, answer.StatusCode, body)
	}
}

// TestPortGivesNoCopy: a copy of the database has personal data in it, and the port asks for no password.
func TestPortGivesNoCopy(t *testing.T) {
	f := newFeedSite(t)
	f.page(10)
	r := httptest.NewRequest("GET", "http://127.0.0.1/api/v1/backup", nil)
	w := httptest.NewRecorder()
	f.server.Port().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "seek-poller backup") {
		t.Errorf("the port answered %d: %s", w.Code, w.Body.String())
	}
}

// TestPanic: a mistake in a handler is told to whoever asked, once to the log, and harms nobody else. One that comes in the middle of an answer cuts it.
func TestPanic(t *testing.T) {
	core, logged := observer.New(zapcore.DebugLevel)
	f := newFeedSite(t)
	f.config.Log = zap.New(core)
	f.server.Use(f.config)
	f.server.Handle("GET /panic", func(http.ResponseWriter, *http.Request) { panic("secret") })
	f.server.Handle("GET /half", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("secret")
	})
	f.server.Handle("GET /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	address, _ := onPort(t, f.server)
	for range 3 {
		status, header, body := get(t, address+"/panic", "")
		if status != http.StatusInternalServerError || strings.Contains(body, "secret") || header.Get("Content-Type") != "application/json; charset=utf-8" {
			t.Errorf("%d %s", status, body)
		}
	}
	if n := logged.FilterMessageSnippet("panic").Len(); n != 3 || logged.Len() != 3 {
		t.Errorf("%d lines in the log, %d of them about it; want 3", logged.Len(), n)
	}
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // it would ask again on a connection that was used before
	for path, lines := range map[string]int{"/half": 1, "/abort": 0} {
		logged.TakeAll()
		answer, err := once.Get(address + path)
		if err == nil {
			_, err = io.ReadAll(answer.Body)
			answer.Body.Close()
		}
		if err == nil || logged.Len() != lines {
			t.Errorf("%s: the answer seems whole, or %d lines in the log, want %d", path, logged.Len(), lines)
		}
		if err := admin.Within(f.server.Inside("tester")).Get(t.Context(), path, nil, io.Discard); err == nil {
			t.Errorf("%s inside: no error", path)
		}
	}
	if status, _, _ := get(t, address+"/healthz", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d", status)
	}
}

// TestHostHeader: the port answers only to names of this machine's loopback, so that a page of another site whose name was pointed here
// reads nothing. The socket, which no browser reaches, does not look.
func TestHostHeader(t *testing.T) {
	f := newFeedSite(t)
	address, _ := onPort(t, f.server)
	address = strings.TrimPrefix(address, "http://")
	socket, _ := onSocket(t, f.server)
	for host, ours := range map[string]bool{
		"127.0.0.1": true, "127.0.0.1:9477": true, "127.9.9.9:1": true, "localhost": true, "LOCALHOST:80": true, "[::1]": true, "[::1]:9477": true,
		"[::ffff:127.0.0.1]:1": true,
		"":                     false, ":9477": false, "evil.example": false, "evil.example:9477": false, "127.0.0.1.evil.example": false, "localhost.evil.example:1": false,
		"evil.example:127.0.0.1": false, "0.0.0.0": false, "[::]": false, "10.0.0.1": false, "[fe80::1]": false, "127.1": false, "2130706433": false, "0x7f.1": false,
		"localhost@evil.example": false, "evil.example#localhost": false, "localhost.": false, "[127.0.0.1": true, "xn--localhost": false, "[evil.example]": false,
	} {
		want := map[bool]string{true: " 200 ", false: " 421 "}[ours]
		for _, at := range [][2]string{{"tcp", address}, {"unix", socket}} {
			if at[0] == "unix" {
				want = " 200 "
			}
			if line := raw(t, at[0], at[1], "GET /healthz HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n\r\n"); !strings.Contains(line, want) && !strings.Contains(line, " 400 ") {
				t.Errorf("%s, Host %q: %q, want%s", at[0], host, line, want)
			}
		}
	}
	if line := raw(t, "tcp", address, "GET /healthz HTTP/1.0\r\n\r\n"); !strings.Contains(line, " 421 ") {
		t.Errorf("without Host: %q", line)
	}
	if line := raw(t, "tcp", address, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"); !strings.Contains(line, " 405 ") {
		t.Errorf("OPTIONS *: %q", line)
	}
}

// raw sends bytes and returns the first line of the answer.
func raw(t testing.TB, network, address, bytes string) string {
	t.Helper()
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, bytes); err != nil {
		return err.Error()
	}
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil {
		return err.Error()
	}
	return line
}

// TestTooLarge: more than a request can need is refused.
func TestTooLarge(t *testing.T) {
	f := newFeedSite(t)
	socket, _ := onSocket(t, f.server)
	_, deeds := allRoutes(t)
	header := func(n int) string {
		return raw(t, "unix", socket, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "+strings.Repeat("x", n)+"\r\n\r\n")
	}
	if line := header(10 << 10); !strings.Contains(line, " 200 ") {
		t.Errorf("10 KiB of header: %q", line)
	}
	if line := header(32 << 10); !strings.Contains(line, " 431 ") {
		t.Errorf("32 KiB of header: %q", line)
	}
	for _, deed := range deeds {
		body := `{"reason":"` + strings.Repeat("x", 64<<10) + `"}`
		line := raw(t, "unix", socket, fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", deed, len(body), body))
		if !strings.Contains(line, " 413 ") {
			t.Errorf("%s with 64 KiB of body: %q", deed, line)
		}
	}
}
