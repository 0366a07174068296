package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

// Who only asks the daemon is told where its socket is, whatever else is wrong with the file.
func TestSocket(t *testing.T) {
	dir := t.TempDir() // without any secret
	admin := "\nadmin: {socket: admin.sock}\n"
	spoilt := strings.Replace(base(t), "timeout: 30s", "timeout: [30], colour: blue}", 1)
	for name, c := range map[string]struct {
		text, want string
		env        []string
	}{
		"as in the file":                   {text: base(t) + admin, want: filepath.Join(dir, "admin.sock")},
		"other mistakes":                   {text: "colour: blue\nstreams: 7\nseek: {query_interval: 1, client_secret_file: none}\nadmin: {socket: /a/../b.sock, group: none, listen: 7, token_file: x}\n", want: "/b.sock"},
		"none":                             {text: base(t), want: config.DefaultSocket},
		"an empty section":                 {text: "admin:\n", want: config.DefaultSocket},
		"a variable":                       {text: base(t), want: "/x.sock", env: []string{"SEEK_POLLER_ADMIN_SOCKET=/x.sock", "SEEK_POLLER_LOG_LEVEL=loud"}},
		"a number in a variable":           {text: "admin: {socket: 8}\n", want: filepath.Join(dir, "7"), env: []string{"SEEK_POLLER_ADMIN_SOCKET=7"}},
		"a number in quotes":               {text: "admin: {socket: '8'}\n", want: filepath.Join(dir, "8")},
		"a number":                         {text: "admin: {socket: 8}\n"},
		"empty":                            {text: "admin: {socket: }\n"},
		"too long":                         {text: "admin: {socket: /" + strings.Repeat("a", 120) + "}\n"},
		"misspelt":                         {text: "admin: {sokcet: a.sock}\n"},
		"misspelt too, beside a good one":  {text: "admin: {sockets: a.sock, socket: b.sock}\n"},
		"its section misspelt":             {text: "amdin: {socket: a.sock}\n"},
		"its section a list":               {text: "admin: [socket]\n"},
		"a misspelt variable":              {text: base(t), env: []string{"SEEK_POLLER_ADMIN_SOKCET=a.sock"}},
		"a variable of a misspelt section": {text: base(t), env: []string{"SEEK_POLLER_AMDIN_SOCKET=a.sock"}},
		"at the wrong place":               {text: "socket: a.sock\n"},
		"at another wrong place":           {text: "seek: {socket: a.sock}\n"},
		"twice":                            {text: "admin: {socket: a.sock, socket: b.sock}\n"},
		"its section twice":                {text: "admin: {socket: a.sock}\nadmin: {socket: b.sock}\n"},
		"not YAML":                         {text: spoilt},
	} {
		path := write(t, dir, "seek-poller.yaml", c.text, 0o600)
		got, err := config.Socket(path, c.env)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s: got %q and %v, want %q", name, got, err, c.want)
		}
		if err != nil && strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: got %v, want what concerns the socket alone", name, err)
		}
	}
	if _, err := config.Socket(filepath.Join(dir, "none.yaml"), nil); err == nil || !strings.Contains(err.Error(), "does not exist; ") {
		t.Errorf("without a file: %v", err)
	}
}

// The secrets of the daemon's user stay unread.
func TestSocketReadsNoSecret(t *testing.T) {
	dir := room(t)
	path := write(t, dir, "seek-poller.yaml", base(t)+"admin: {socket: s, token_file: ats-secret}\n", 0o600)
	for _, name := range []string{"seek-client-secret", "ats-secret"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := config.Socket(path, nil); err != nil || got != filepath.Join(dir, "s") {
		t.Errorf("got %q and %v", got, err)
	}
}
