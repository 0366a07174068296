package config_test

import (
	"strings"
	"testing"
)

// full asks for everything that may be asked for beside testdata/base.yaml.
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

// A filter of streams and types that nothing gets through is pointed out, one that something gets through is not.
func TestUnsatisfiableFilter(t *testing.T) {
	const second = "  - {name: rest, scheme: seekAnz, event_types: [PositionProfilePosted], start: now}\ndestinations:"
	const warning = "18: destinations[1].event_types: asks for what none of its streams brings, so nothing will be handed on; " +
		"take a type that one of them has, or another stream"
	for filter, want := range map[string][]string{
		"event_types: [PositionProfilePosted]":                                                       nil,
		"event_types: [PositionProfileClosed, PositionProfilePosted], streams: [applications, rest]": nil,
		"streams: [applications]":                                                                    nil,
		"event_types: [PositionProfilePosted], streams: [applications]":                              {warning},
		"event_types: [PositionProfileClosed]":                                                       {warning},
		"event_types: [CandidateApplicationCreated, PositionProfileClosed], streams: [rest]":         {warning},
	} {
		text, _, _ := strings.Cut(strings.Replace(base(t), "destinations:", second, 1), "  - name: spool")
		checkRemarks(t, mustLoad(t, text+"  - {name: spool, directory: {path: spool}, "+filter+"}\n").Warnings(), want)
	}
}

// A directory that is not there is no mistake, it may be mounted later; but somebody has to make it.
func TestMissingDirectory(t *testing.T) {
	for path, word := range map[string]string{
		"later":          "DIR/later",
		`"a b/it's"`:     "DIRECTORY",
		`"later, maybe"`: "'DIR/later, maybe'",
	} {
		dir := room(t)
		c, problems := loadFile(t, write(t, dir, "seek-poller.yaml", strings.Replace(base(t), "path: spool", "path: "+path, 1), 0o600))
		if problems != nil {
			t.Fatal(problems)
		}
		got := c.Warnings()
		for i := range got {
			got[i] = strings.ReplaceAll(got[i], dir, "DIR")
		}
		checkRemarks(t, got, []string{"19: destinations[1].directory.path: does not exist yet; make it and let the daemon's user write there, " +
			"such as with: install -d -m 0750 -o USER " + word})
	}
}

// The example's client id is nobody's. Against this machine any will do.
func TestPlaceholder(t *testing.T) {
	text := strings.Replace(base(t), "client_id: partner", "client_id: abc", 1)
	checkRemarks(t, mustLoad(t, text).Warnings(), []string{
		"3: seek.client_id: is the placeholder of config.example.yaml; write the client id from SEEK's Developer Dashboard"})
	const here = "client_id: abc\n  endpoint: http://127.0.0.1:1/graphql\n  token_url: http://127.0.0.1:1/oauth/token"
	checkRemarks(t, mustLoad(t, strings.Replace(text, "client_id: abc", here, 1)).Warnings(), nil)
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
		"23: destinations[2].event_types: asks for what none of its streams brings, so nothing will be handed on; take a type that one of them has, or another stream",
		"34: destinations[4].directory.mode: is 0644, so every user of this machine may read the events; 0640 with group: is narrower",
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
