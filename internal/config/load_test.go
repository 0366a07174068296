package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"seekpoller/internal/config"
)

// The defaults are SEEK's own limits and production.
func TestDefaults(t *testing.T) {
	c := mustLoad(t, strings.Replace(base(t), "database: poller.db\n", "", 1))
	got := []any{
		c.Database, c.Seek.Endpoint, c.Seek.TokenURL, c.Seek.Audience, c.Seek.QueryInterval.String(), c.Seek.QuietPeriod.String(),
		c.Admin.Socket, c.Admin.Listen, c.Retention.Payloads.String(), c.Retention.Records.String(), c.Log.Level, c.Log.Format,
		c.Destinations[0].Duplicates, c.Destinations[0].Webhook.Format, c.Destinations[0].Webhook.Timeout.String(),
		c.Destinations[0].Webhook.SubscriptionID, c.Destinations[0].Webhook.Concurrency, c.Destinations[1].Directory.Mode.String(),
	}
	want := []any{
		"/var/lib/seek-poller/seek-poller.db", "https://graphql.seek.com/graphql", "https://auth.seek.com/oauth/token",
		"https://graphql.seek.com", "1m", "15m", "/run/seek-poller/admin.sock", "127.0.0.1:9477", "90d", "400d", "info", "auto",
		"ignore", "seek", "30s", "seek-poller:webhookSubscription:ats", 4, "0640",
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("default %d: got %v, want %v", i, got[i], want[i])
		}
	}
	if got, want := c.Destinations[0].Kind()+c.Destinations[1].Kind(), "webhookdirectory"; got != want {
		t.Errorf("kinds: got %q, want %q", got, want)
	}
}

// What editors on other systems do to a file does not matter.
func TestHarmlessForms(t *testing.T) {
	for name, text := range map[string]string{
		"byte order mark":   "\ufeff" + base(t),
		"carriage returns":  strings.ReplaceAll(base(t), "\n", "\r\n"),
		"document start":    "---\n" + base(t),
		"no last line end":  strings.TrimSuffix(base(t), "\n"),
		"sections of none":  base(t) + "admin:\nlog:\nretention: {}\n",
		"digits for an id":  strings.Replace(base(t), "client_id: partner", "client_id: 00123", 1),
		"listen to nothing": base(t) + "admin: {listen: }\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := mustLoad(t, text)
			if got, want := c.Streams[0].EventTypes[0], "CandidateApplicationCreated"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if name == "digits for an id" && c.Seek.ClientID != "00123" {
				t.Errorf("client id: got %q, want the digits as written", c.Seek.ClientID)
			}
			if name == "listen to nothing" && c.Admin.Listen != "" {
				t.Errorf("listen: got %q, want none", c.Admin.Listen)
			}
		})
	}
}

// A file that cannot be read at all is one message.
func TestUnreadableFiles(t *testing.T) {
	const from = "; give the path of a file made from config.example.yaml"
	dir := room(t)
	write(t, dir, "empty", "", 0o600)
	write(t, dir, "zero", "database: \x00\n", 0o600)
	write(t, dir, "huge", strings.Repeat("# much\n", 200_000), 0o600)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"none":   "none: does not exist" + from,
		"folder": "folder: is a directory" + from,
		"loop":   "loop: cannot be read (too many levels of symbolic links)" + from,
		"huge":   "huge: is larger than 1024 KiB" + from,
		"empty":  "empty: is empty; start from config.example.yaml",
		"pipe":   "pipe: is empty; start from config.example.yaml",
		"zero": "zero: is not YAML (control characters are not allowed); look here and at the line above: " +
			"indentation, a space after each colon, closing quotes and brackets",
	} {
		_, got := loadFile(t, filepath.Join(dir, name))
		if strings.Join(got, "\n") != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestForbiddenFile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read every file, so no file can be forbidden")
	}
	dir := room(t)
	path := write(t, dir, "seek-poller.yaml", base(t), 0)
	_, got := loadFile(t, path)
	want := "seek-poller.yaml: may not be read by this user; run as a user who may, such as the daemon's (sudo -u), or join the file's group"
	if strings.Join(got, "\n") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Relative paths start at the config file, wherever the process was started.
func TestPathsStartAtTheFile(t *testing.T) {
	dir := room(t)
	c, problems := loadFile(t, write(t, dir, "seek-poller.yaml", base(t)+"admin: {socket: run/../a.sock}\n", 0o600))
	if problems != nil {
		t.Fatal(problems)
	}
	got := []string{c.Database, c.Destinations[1].Directory.Path, c.Admin.Socket}
	for i, want := range []string{"poller.db", "spool", "a.sock"} {
		if want = filepath.Join(dir, want); got[i] != want {
			t.Errorf("got %s, want %s", got[i], want)
		}
	}
}

// On loopback any limit above nothing is legal, and any audience and scheme.
func TestLoopbackIsFree(t *testing.T) {
	for _, host := range []string{"127.0.0.1:4000", "127.9.9.9", "[::1]:4000", "localhost:4000", "LOCALHOST"} {
		text := strings.Replace(base(t), "  timeout: 30s\n", "  timeout: 30s\n  endpoint: http://"+host+"/graphql\n"+
			"  token_url: http://"+host+"/oauth/token\n  audience: any\n  query_interval: 1ms\n  quiet_period: 1ms\n", 1)
		c := mustLoad(t, strings.Replace(text, "scheme: seekAnz", "scheme: mine", 1))
		if !c.Seek.Loopback() || time.Duration(c.Seek.QueryInterval) != time.Millisecond {
			t.Errorf("%s: got loopback %v and %s, want true and 1ms", host, c.Seek.Loopback(), c.Seek.QueryInterval)
		}
	}
}

// No other spelling of a host counts as this machine.
func TestNotLoopback(t *testing.T) {
	for _, host := range []string{
		"128.0.0.1", "0.0.0.0", "[::]", "127.1", "2130706433", "0x7f000001", "localhost.", "localhost.example.com",
		"127.0.0.1.example.com", "[::ffff:127.0.0.1]", "[::1%25lo]", "10.0.0.1", "example.com#@127.0.0.1",
	} {
		s := config.Seek{Endpoint: "https://" + host + "/graphql", TokenURL: "http://127.0.0.1/token"}
		if s.Loopback() {
			t.Errorf("endpoint %s counts as this machine, want not", host)
		}
		if (config.Seek{Endpoint: s.TokenURL, TokenURL: s.Endpoint}).Loopback() {
			t.Errorf("token server %s counts as this machine, want not", host)
		}
	}
}
