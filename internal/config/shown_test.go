package config_test

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

// everything sets all that can be set together, with secrets where people put them.
const everything = oauth + `  - name: hooks
    webhook:
      url: "http://127.0.0.1:9000/services/T0000/c4n4ry-0123456789?key=c4n4ry&c4n4ry"
      secret_file: ats-secret
      subscription_id: "0640"
      auth: {basic: {username: 12345, password_file: seek-client-secret}}
  - name: run
    hirers: [seekAnz:organization:seek:1, "yes"]
    exec: {command: [/bin/cat, "-", "", "a: b #c"], env: {API_KEY: c4n4ry, LANG: C.UTF-8}}
  - name: standard
    webhook: {url: https://ats.example.com, format: standard, secret_file: standard-secret, previous_secret_file: standard-secret}
  - {name: open, directory: {path: spool, mode: 0600, group: "0"}}
admin: {listen: "", socket: a/../admin.sock, group: 0}
retention: {payloads: 36h}
heartbeat: {url: "https://hc.example.com/ping/c4n4ry?c4n4ry=1&x"}
log: {format: json}
`

// TestShownLoadsAgain: what is shown is a config, which shows the same, but for where its values come from.
func TestShownLoadsAgain(t *testing.T) {
	dir := room(t)
	reconcile := strings.Replace(base(t), "    start: earliest", "    start: 2026-01-31T20:00:00+11:00\n    reconcile: {schedule: '@every 20m'}", 1)
	for _, text := range []string{base(t), base(t) + everything, base(t) + full, reconcile} {
		first := shown(t, write(t, dir, "seek-poller.yaml", text, 0o600))
		moved := write(t, t.TempDir(), "moved.yaml", first, 0o600) // its paths no longer depend on where it is
		if second := shown(t, moved); unplaced(first) != unplaced(second) {
			t.Errorf("shown\n%sand, loaded again,\n%s", first, second)
		}
	}
}

func shown(t *testing.T, path string) string {
	t.Helper()
	c, problems := loadFile(t, path)
	if problems != nil {
		t.Fatalf("got problems:\n%s", lines(problems))
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	values, err := c.Values()
	if err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{string(text), string(again)} {
		if strings.Contains(out, "c4n4ry") || strings.Contains(out, "whsec_") {
			t.Errorf("a secret is shown:\n%s", out)
		}
	}
	return string(text)
}

// unplaced is a shown config without its remarks.
func unplaced(text string) string {
	return regexp.MustCompile(`(?m)^# .*$| # (line \d+|SEEK_POLLER_[A-Z_]+)$`).ReplaceAllString(text, "")
}

// TestShownIsInForce: variables, defaults and resolved paths, each with where it comes from.
func TestShownIsInForce(t *testing.T) {
	dir := room(t)
	path := write(t, dir, "seek-poller.yaml", base(t), 0o600)
	creds := t.TempDir()
	secret := write(t, creds, "ats-secret", canary+"-0123456789", 0o600)
	c, err := config.Load(path, []string{"SEEK_POLLER_LOG_LEVEL=debug", "CREDENTIALS_DIRECTORY=" + creds})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"# In force by " + path + ", its variables and the defaults. Secrets are hidden.\n",
		"database: " + filepath.Join(dir, "poller.db") + " # line 1\n",
		"  query_interval: 1m\n", "  level: debug # SEEK_POLLER_LOG_LEVEL\n", "      mode: \"0640\"\n",
		"    event_types: [CandidateApplicationCreated] # line 9\n",
		"      secret_file: " + secret + " # line 16\n", "  client_secret_file: " + filepath.Join(dir, "seek-client-secret") + " # line 4\n",
		"      subscription_id: seek-poller:webhookSubscription:ats\n", "    details: false\n",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}

// TestShownURLs: of a URL nothing is shown that may be a secret, and what is shown is not hidden a second time.
func TestShownURLs(t *testing.T) {
	text := shown(t, write(t, room(t), "seek-poller.yaml", base(t)+everything, 0o600))
	for _, want := range []string{
		`url: http://127.0.0.1:9000/services/T0000/[hidden]?key=[hidden]&[hidden]`,
		`url: https://hc.example.com/[hidden]/[hidden]?[hidden]&[hidden]`,
		`env: {API_KEY: '[hidden]', LANG: '[hidden]'}`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q:\n%s", want, text)
		}
	}
}
