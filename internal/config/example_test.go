package config_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

func example(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../config.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The example works as it stands, once its two secrets are there and what is marked
// CHANGE was changed: nothing in it is odd.
func TestExampleLoads(t *testing.T) {
	text := strings.Replace(example(t), "client_id: abc", "client_id: partner", 1)
	c := mustLoad(t, strings.Replace(text, "path: /var/spool/seek-poller", "path: spool", 1))
	if got := c.Warnings(); len(got) > 0 {
		t.Errorf("got\n%s\nwant no remark", strings.Join(got, "\n"))
	}
	if got, want := len(c.Streams)+len(c.Destinations), 3; got != want {
		t.Errorf("got %d streams and destinations, want %d", got, want)
	}
}

// A person who looks for a key finds it in the example.
func TestExampleIsComplete(t *testing.T) {
	text := example(t)
	for _, path := range config.Keys() {
		key := regexp.QuoteMeta(path[strings.LastIndex(path, ".")+1:])
		if !regexp.MustCompile(`(?m)(^[ #-]*|[{ ,])` + key + `:( |$)`).MatchString(text) {
			t.Errorf("config.example.yaml does not show %s", path)
		}
	}
}

// setting is a commented-out key of the example, with or without a hyphen.
var setting = regexp.MustCompile(`(?m)^( *)#( *(?:- )?[a-z_0-9]+:(?: |$))`)

// Every key that the example shows behind a # would be taken if it were not.
func TestExampleUncommented(t *testing.T) {
	dir := room(t)
	for _, name := range []string{"hr-secret", "hr-old-secret"} {
		write(t, dir, name, "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", 0o600)
	}
	for _, name := range []string{"hr-password", "hr-client-secret", "feed-token"} {
		write(t, dir, name, canary, 0o600)
	}
	text := example(t)
	before, later, _ := strings.Cut(text, "# More kinds, and more keys that any destination may have:\n")
	before = regexp.MustCompile(`(?m)^( +)# ([a-z_]+: )`).ReplaceAllString(before, "$1$2")
	later = setting.ReplaceAllString(later, "$1$2")
	_, got := loadFile(t, write(t, dir, "seek-poller.yaml", before+later, 0o600))
	want := []string{
		"seek.ca_file: names a file that does not exist; write the path of a PEM file that this user may read",
		"destinations[0].webhook.ca_file: names a file that does not exist; write the path of a PEM file that this user may read",
		`destinations[1].directory.group: is "importer", but this machine has no such group; write one from ` + "`getent group`",
		"destinations[3].webhook.auth: has basic and oauth2; keep one",
		`admin.group: is "support", but this machine has no such group; write one from ` + "`getent group`",
	}
	for i, line := range got {
		got[i] = regexp.MustCompile(`^seek-poller.yaml:\d+: `).ReplaceAllString(line, "")
	}
	if g, w := lines(got), lines(want); g != w {
		t.Errorf("got\n%swant\n%s", g, w)
	}
}
