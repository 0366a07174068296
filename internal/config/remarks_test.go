package config_test

import (
	"strings"
	"testing"
)

// full asks for everything that this version leaves for later.
const full = `  - name: later
    hirers: [seekAnz:organization:seek:1]
    duplicates: deliver
    event_types: [PositionProfileReposted, PositionProfilPosted]
    exec: {command: [/bin/cat]}
  - name: standard
    webhook:
      url: http://ats.lan/
      allow_http: true
      format: standard
      secret_file: standard-secret
      previous_secret_file: standard-secret
      auth: {basic: {username: me, password_file: seek-client-secret}}
  - name: open
    directory: {path: spool, mode: 0644}
admin: {listen: "localhost:0", socket: admin.sock, token_file: seek-client-secret}
retention: {payloads: 30d}
heartbeat: {url: https://hc.example.com/c4n4ry}
`

func TestNotYet(t *testing.T) {
	got := mustLoad(t, base(t)+full).NotYet()
	want := []string{
		"21: destinations[2].hirers: this version cannot do this yet; remove the key, and expect the events of all hirers",
		"22: destinations[2].duplicates: this version cannot do this yet; write ignore, or remove the key",
		"24: destinations[2].exec: this version cannot do this yet; use webhook: or directory:",
		"29: destinations[3].webhook.format: this version cannot do this yet; write seek, or remove the key",
		"32: destinations[3].webhook.auth: this version cannot do this yet; remove the key; requests are signed all the same",
		"35: admin.token_file: this version cannot do this yet; remove the key",
		"37: heartbeat.url: this version cannot do this yet; remove the key",
	}
	checkRemarks(t, got, want)
}

func TestWarnings(t *testing.T) {
	text := strings.Replace(base(t)+full, "start: earliest", "start: 2006-01-01T00:00:00Z", 1)
	text = strings.Replace(text, `"*/15 * * * *"`, `"0 0 29 2 *"`, 1)
	got := mustLoad(t, text).Warnings()
	want := []string{
		"10: streams[0].schedule: leaves 1461 days between two runs; SEEK keeps an event for 90 days",
		"11: streams[0].start: is more than 90 days ago, and SEEK keeps an event for 90 days; a new stream begins with the oldest that is left",
		`23: destinations[2].event_types[0]: "PositionProfileReposted" is an event type that this version does not know; did you mean PositionProfilePosted?`,
		`23: destinations[2].event_types[1]: "PositionProfilPosted" is an event type that this version does not know; did you mean PositionProfilePosted?`,
		"34: destinations[4].directory.mode: is 0644, so every user of this machine may read the events; 0640 with group: is narrower",
		"35: admin.socket: is checked, but this version does not open the socket or the port yet",
		"36: retention.payloads: is checked, but this version does not delete anything by age yet",
	}
	checkRemarks(t, got, want)
}

func TestNoDestinations(t *testing.T) {
	text, _, _ := strings.Cut(base(t), "destinations:")
	got := mustLoad(t, text).Warnings()
	if len(got) != 1 || !strings.HasSuffix(got[0], "seek-poller.yaml: destinations: there is none; events are stored, and handed on to nobody") {
		t.Errorf("got %q, want one remark that there is none", got)
	}
}

// checkRemarks compares from the line number on; want has no file names.
func checkRemarks(t *testing.T, got, want []string) {
	t.Helper()
	for i, g := range got {
		_, got[i], _ = strings.Cut(g, "seek-poller.yaml:")
		if strings.Contains(g, "c4n4ry") {
			t.Errorf("a remark holds a secret: %s", g)
		}
	}
	if g, w := lines(got), lines(want); g != w {
		t.Errorf("got\n%swant\n%s", g, w)
	}
}
