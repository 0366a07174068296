package main

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestDemoAnswersPeople: while a demo runs, its page is at the address that it names, and other verbs reach it.
func TestDemoAnswersPeople(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	var out output
	done := make(chan int, 1)
	go func() { done <- run(t.Context(), []string{"demo", "--for", "5s", "--dir", dir}, &out, io.Discard) }()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`)
	var page string
	for page == "" {
		select {
		case code := <-done:
			t.Fatalf("the demo ended with %d and named no page:\n%s", code, out.String())
		case <-time.After(20 * time.Millisecond):
			page = address.FindString(out.String())
		}
	}
	answer, err := http.Get(page)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || answer.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("Queries to SEEK")) {
		t.Errorf("%s: %s, %v\n%s", page, answer.Status, err, body)
	}
	var code int
	var stdout, stderr string
	err = eventually(func() bool {
		code, stdout, stderr = cli(t, "status", "--config", filepath.Join(dir, "seek-poller.yaml"))
		return strings.Contains(stdout, "applications") // the page is open before the first stream begins
	})
	if err != nil || code != exitDone && code != exitUnhealthy {
		t.Errorf("status beside the demo ended with %d:\n%s%s", code, stdout, stderr)
	}
	if code := <-done; code != exitDone {
		t.Errorf("the demo ended with %d:\n%s", code, out.String())
	}
}
