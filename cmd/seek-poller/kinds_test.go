package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"seekpoller/internal/simulator"
)

const kindsConfig = `
database: %[1]s/seek-poller.db
admin: {socket: admin.sock, listen: ""}
seek:
  endpoint: http://%[2]s/graphql
  token_url: http://%[2]s/oauth/token
  client_id: partner
  client_secret_file: secret
  query_interval: 100ms
  quiet_period: 1s
streams:
  - {name: all, scheme: seekAnz, start: earliest, schedule: "@every 1s"}
destinations:
  - name: seek-format
    webhook: {url: "http://%[3]s/seek", secret_file: secret, auth: {basic: {username: partner, password_file: secret}}}
  - name: standard-format
    webhook: {url: "http://%[4]s/standard", format: standard, secret_file: standard, previous_secret_file: standard}
  - name: program
    exec: {command: [/bin/sh, -c, 'cat >> "$OUT"'], batch: 20, env: {OUT: %[1]s/program.out}}
  - name: files
    directory: {path: %[1]s}
  - name: one-type
    event_types: [PositionNotPosted]
    duplicates: deliver
    hirers: [nobody]
    exec: {command: [/bin/cat]}
`

// TestEveryKindOfDestination runs a config with every kind as a process would, over real sockets, until each has everything.
func TestEveryKindOfDestination(t *testing.T) {
	dir := t.TempDir()
	seek := simulator.New(simulator.Options{Seed: 9, Interval: 100 * time.Millisecond, Quiet: time.Second, Plain: true, Canary: canary})
	seek.Add(60)
	receiver := simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary})
	var basic, verified atomic.Int64
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user == "partner" && password == secret {
			basic.Add(1)
		}
		receiver.ServeHTTP(w, r)
	})
	const standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	standard := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := verifyStandard(standardSecret, r); err != nil {
			t.Errorf("standard webhook: %v", err)
			return
		}
		verified.Add(1)
	})
	for name, text := range map[string]string{
		"secret": secret, "standard": standardSecret,
		"config.yaml": fmt.Sprintf(kindsConfig, dir, listen(t, seek), listen(t, front), listen(t, standard)),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan int, 1)
	log := new(output)
	go func() {
		done <- run(ctx, []string{"run", "--config", filepath.Join(dir, "config.yaml")}, io.Discard, log)
	}()
	arrived := func() (int, int64, int, int) {
		files, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		lines, _ := os.ReadFile(filepath.Join(dir, "program.out"))
		return len(receiver.Accepted()), verified.Load(), len(files), strings.Count(string(lines), "\n")
	}
	err := eventually(func() bool {
		a, b, c, d := arrived()
		return a == 60 && b == 60 && c == 60 && d == 60
	})
	cancel()
	if code := <-done; err != nil || code != exitDone {
		a, b, c, d := arrived()
		t.Errorf("exit code %d; seek %d, standard %d, files %d, program %d, want 60 each\n%s", code, a, b, c, d, tail(log.String()))
	}
	if basic.Load() == 0 {
		t.Error("no request showed the configured user")
	}
	for _, v := range receiver.Violations() {
		t.Errorf("the receiver saw: %s", v)
	}
}

func verifyStandard(secret string, r *http.Request) error {
	wh, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	var event struct{ ID string }
	if err := json.Unmarshal(body, &event); err != nil || event.ID == "" {
		return fmt.Errorf("body %q: %v", body, err)
	}
	return wh.Verify(body, r.Header)
}
