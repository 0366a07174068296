package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

// Who only looks into the database is told where it is, whatever else is wrong with the file.
func TestDatabase(t *testing.T) {
	dir := t.TempDir() // without any secret
	spoilt := strings.Replace(base(t), "timeout: 30s", "timeout: [30], colour: blue}", 1)
	for name, c := range map[string]struct {
		text, want string
		env        []string
	}{
		"as in the file":                   {text: base(t), want: filepath.Join(dir, "poller.db")},
		"a second key of nearly that name": {text: "databases: {}\nstreams: 7\ndatabase: poller.db\n", want: ""},
		"other mistakes":                   {text: "colour: blue\nstreams: 7\nseek: {query_interval: 1, client_secret_file: none}\ndatabase: /a/../b.db\n", want: "/b.db"},
		"none":                             {text: "seek: {client_id: x}\n", want: "/var/lib/seek-poller/seek-poller.db"},
		"a variable":                       {text: base(t), want: "/x.db", env: []string{"SEEK_POLLER_DATABASE=/x.db", "SEEK_POLLER_LOG_LEVEL=loud"}},
		"a number in a variable":           {text: "database: 8\n", want: filepath.Join(dir, "7"), env: []string{"SEEK_POLLER_DATABASE=7"}},
		"a number":                         {text: "database: 8\n"},
		"a number in quotes":               {text: "database: '8'\n", want: filepath.Join(dir, "8")},
		"empty":                            {text: "database:\n"},
		"misspelt":                         {text: "databse: a.db\n"},
		"a misspelt variable":              {text: base(t), env: []string{"SEEK_POLLER_DATABSE=a.db"}},
		"at the wrong place":               {text: "seek: {database: a.db}\n"},
		"twice":                            {text: "database: a.db\ndatabase: b.db\n"},
		"not YAML":                         {text: spoilt},
	} {
		path := write(t, dir, "seek-poller.yaml", c.text, 0o600)
		got, err := config.Database(path, c.env)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q and %v, want %q", name, got, err, c.want)
		}
		if err != nil && strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: got %v, want what concerns the database alone", name, err)
		}
	}
	if _, err := config.Database(filepath.Join(dir, "none.yaml"), nil); err == nil || !strings.Contains(err.Error(), "does not exist; ") {
		t.Errorf("without a file: %v", err)
	}
}

// The secrets of the daemon's user stay unread.
func TestDatabaseReadsNoSecret(t *testing.T) {
	dir := room(t)
	path := write(t, dir, "seek-poller.yaml", base(t), 0o600)
	for _, name := range []string{"seek-client-secret", "ats-secret"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := config.Database(path, nil); err != nil || got != filepath.Join(dir, "poller.db") {
		t.Errorf("got %q and %v", got, err)
	}
}
