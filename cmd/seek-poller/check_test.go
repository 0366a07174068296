package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// checkDir is a directory with a config of a text, its secrets and its spool directory.
func checkDir(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "spool"), 0o750); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"seek-poller.yaml": text, "seek-client-secret": secret, "ats-secret": secret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "seek-poller.yaml")
}

const checkedConfig = `database: seek-poller.db
seek: {client_id: partner, client_secret_file: seek-client-secret}
streams:
  - {name: applications, scheme: seekAnz, event_types: [CandidateApplicationCreated], start: earliest, details: true}
  - {name: ads, scheme: seekAnz, event_types: [PositionProfilePosted, PositionProfileClosed], start: now}
destinations:
  - {name: spool, directory: {path: spool}}
`

// TestCheckSaysWhatItRead: what decides about personal data and about whose events these are can be seen.
func TestCheckSaysWhatItRead(t *testing.T) {
	code, stdout, stderr := cli(t, "check", "--config", checkDir(t, checkedConfig))
	if code != exitDone || stderr != "" {
		t.Errorf("ended with %d: %s", code, stderr)
	}
	for _, want := range []string{
		"config is right: 2 streams, 1 destination\n", "audience https://graphql.seek.com\n",
		"applications: seekAnz, 1 event type, with details (personal data), ", "ads: seekAnz, 2 event types, ids only, ",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not say %q:\n%s", want, stdout)
		}
	}
}

// TestCheckSaysEverythingAtOnce: every problem, and never that all is right before it refuses.
func TestCheckSaysEverythingAtOnce(t *testing.T) {
	wrong := strings.Replace(checkedConfig, "start: now", "strat: now", 1) + "log: {level: loud}\n"
	code, stdout, stderr := cli(t, "check", "--config", checkDir(t, wrong))
	if code != exitConfig || stdout != "" || !strings.Contains(stderr, "the config has 2 problems:\n") {
		t.Errorf("ended with %d\n%s%s", code, stdout, stderr)
	}
	if i, j := strings.Index(stderr, "did you mean start?"), strings.Index(stderr, "write debug, info"); i < 0 || j < i {
		t.Errorf("want both problems, in order:\n%s", stderr)
	}
}

// TestMissingDirectoryIsAWarning: without it each send fails, and check is where to hear of it.
func TestMissingDirectoryIsAWarning(t *testing.T) {
	path := checkDir(t, strings.Replace(checkedConfig, "{path: spool}", "{path: later}", 1))
	code, _, stderr := cli(t, "check", "--config", path)
	want := path + ":7: destinations[0].directory.path: does not exist yet; make it"
	if code != exitDone || !strings.Contains(stderr, "warning: "+want) {
		t.Errorf("ended with %d and does not say %q: %s", code, want, stderr)
	}
	code, stdout, _ := cli(t, "check", "--config", path, "--connect")
	if code != exitFailed || !strings.Contains(stdout, "make it: install -d -m 0750 -o USER "+filepath.Join(filepath.Dir(path), "later")) {
		t.Errorf("--connect ended with %d:\n%s", code, stdout)
	}
}

// TestAskingNeedsNoSecret: of the config, verbs that ask the daemon read where its socket is. Support staff have no right to the secrets.
func TestAskingNeedsNoSecret(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "seek-poller.yaml")
	if err := os.WriteFile(path, []byte("admin: {socket: desk.sock}\nseek: {client_secret_file: gone}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := cli(t, "cursors", "list", "--config", path); code != exitNoDaemon || !strings.Contains(stderr, filepath.Join(dir, "desk.sock")) {
		t.Errorf("ended with %d: %s", code, stderr)
	}
	if code, _, stderr := cli(t, "cursors", "list", "--config", filepath.Join(dir, "none.yaml")); code != exitConfig || !strings.Contains(stderr, "does not exist") {
		t.Errorf("without a config: ended with %d: %s", code, stderr)
	}
}

// TestCheckSaysWhatNoConfigCanHold: what a partner must know before going live with SEEK itself, and not against this machine.
func TestCheckSaysWhatNoConfigCanHold(t *testing.T) {
	const text = `database: seek-poller.db
seek: {client_id: partner, client_secret_file: seek-client-secret}
streams:
  - {name: everything, scheme: seekAnz, start: now}
`
	code, stdout, stderr := cli(t, "check", "--config", checkDir(t, text))
	if code != exitDone {
		t.Fatalf("ended with %d: %s", code, stderr)
	}
	for _, want := range []string{"SEEK approves polling case by case", "One installation for one SEEK client", "everything brings purchased profiles", "within 60 s"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("check does not say %q:\n%s", want, stdout)
		}
	}
	local := strings.Replace(text, "seek: {", "seek: {endpoint: 'http://127.0.0.1:1/graphql', token_url: 'http://127.0.0.1:1/oauth/token', ", 1)
	if code, stdout, stderr := cli(t, "check", "--config", checkDir(t, local)); code != exitDone || strings.Contains(stdout, "goes live") {
		t.Errorf("against this machine: ended with %d\n%s%s", code, stdout, stderr)
	}
}
