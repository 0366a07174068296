package config_test

import (
	"strings"
	"testing"
)

// A variable wins over the file, and over the default where the file is silent.
func TestVariables(t *testing.T) {
	c := mustLoad(t, base(t),
		"SEEK_POLLER_SEEK_CLIENT_ID=from-env", "SEEK_POLLER_LOG_LEVEL=debug", "SEEK_POLLER_SEEK_QUERY_INTERVAL=2m",
		"SEEK_POLLER_DATABASE=/tmp/other.db", "SEEK_POLLER_ADMIN_LISTEN=", "SEEK_POLLER_RETENTION_RECORDS=120d",
		"SEEK_POLLER_CONFIG=elsewhere", "SEEK_POLLER_SOCKET=elsewhere", "PATH=/bin", "SEEK_POLLERS=many", "odd")
	got := []string{c.Seek.ClientID, c.Log.Level, c.Seek.QueryInterval.String(), c.Database, c.Admin.Listen, c.Retention.Records.String()}
	want := []string{"from-env", "debug", "2m", "/tmp/other.db", "", "120d"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// systemd's directory comes first, the config file's own second.
func TestCredentialsDirectory(t *testing.T) {
	creds := t.TempDir()
	write(t, creds, "seek-client-secret", "from-systemd\n", 0o400)
	c := mustLoad(t, base(t), "CREDENTIALS_DIRECTORY="+creds)
	if got, want := c.Seek.ClientSecret.Reveal(), "from-systemd"; got != want {
		t.Errorf("in the directory: got %q, want %q", got, want)
	}
	if got, want := c.Destinations[0].Webhook.Secret.Reveal(), canary+"-0123456789"; got != want {
		t.Errorf("beside the file: got %q, want %q", got, want)
	}
}
