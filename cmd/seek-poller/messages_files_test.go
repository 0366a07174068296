package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// wrongFiles is what is wrong with the files that a person names, or that the config names.
func wrongFiles(t *testing.T) chapter {
	c := chapter{title: "Files", about: "The config and what it names. Nothing was begun."}
	for _, m := range []struct {
		wrong, typed string
		spoil        func(b mishap)
	}{
		{"there is no config at the usual place", "run", func(b mishap) { b.t.Setenv("SEEK_POLLER_CONFIG", filepath.Join(b.dir, "seek-poller.yaml")) }},
		{"there is no config", "check --config DIR/none.yaml", nil},
		{"there is no config, and the daemon is wanted", "run --config DIR/none.yaml", nil},
		{"the config is in a directory that there is not", "check --config DIR/none/seek-poller.yaml", nil},
		{"the config is below a file", "check --config DIR/secret/seek-poller.yaml", nil},
		{"the config is a directory", "check --config DIR/spool", nil},
		{"the config is a link to itself", "check --config DIR/loop", func(b mishap) { b.link("loop", "loop") }},
		{"the config is a link to nothing", "check --config DIR/dangling", func(b mishap) { b.link("nowhere", "dangling") }},
		{"the config is a pipe", "check --config DIR/pipe", func(b mishap) { b.must(syscall.Mkfifo(filepath.Join(b.dir, "pipe"), 0o600)) }},
		{"the config is a device", "check --config /dev/null", nil},
		{"the config is empty", "check --config DIR/empty.yaml", func(b mishap) { b.write("empty.yaml", "") }},
		{"the config is a program", "check --config DIR/binary", func(b mishap) { b.write("binary", "\x7fELF\x02\x01\x01\x00\x00\x00") }},
		{"the config is UTF-16", "check --config DIR/wide.yaml", func(b mishap) { b.write("wide.yaml", "\xff\xfed\x00a\x00t\x00a\x00") }},
		{"the config is Latin-1", "check --config DIR/latin.yaml", func(b mishap) { b.write("latin.yaml", "# Z\xfcrich\n"+goodConfig) }},
		{"the config is far too large", "check --config DIR/large.yaml", func(b mishap) { b.write("large.yaml", strings.Repeat("# comment\n", 200_000)) }},
		{"the config is a database", "check --config DIR/copy.db", func(b mishap) { b.write("copy.db", "SQLite format 3\x00\x20\x00") }},
		{"the config is JSON cut off", "check --config DIR/cut.json", func(b mishap) { b.write("cut.json", `{"database": "x", "seek": {`) }},
		{"the config is JSON cut off, and says where the daemon is asked", "status --config DIR/cut.json", func(b mishap) { b.write("cut.json", `{`); b.t.Setenv("SEEK_POLLER_SOCKET", "") }},
		{"others may read the secret", "check --config DIR/good.yaml", func(b mishap) { b.must(os.Chmod(filepath.Join(b.dir, "secret"), 0o644)) }},
		{"others may write the secret", "check --config DIR/good.yaml", func(b mishap) { b.must(os.Chmod(filepath.Join(b.dir, "secret"), 0o602)) }},
		{"there is no secret", "check --config DIR/good.yaml", func(b mishap) { b.remove("secret") }},
		{"the secret is a directory", "check --config DIR/good.yaml", func(b mishap) { b.remove("secret"); b.must(os.Mkdir(filepath.Join(b.dir, "secret"), 0o700)) }},
		{"the secret is a link to itself", "check --config DIR/good.yaml", func(b mishap) { b.remove("secret"); b.link("secret", "secret") }},
		{"the secret is a pipe", "check --config DIR/good.yaml", func(b mishap) { b.remove("secret"); b.must(syscall.Mkfifo(filepath.Join(b.dir, "secret"), 0o600)) }},
		{"the secret is empty", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", "") }},
		{"the secret is a new line", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", "\n") }},
		{"the secret has two lines", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", secret+"\n"+secret+"\n") }},
		{"the secret begins with a byte order mark", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", "\ufeff"+secret) }},
		{"the secret is no text", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", secret+"\x00\xff") }},
		{"the secret is far too large", "check --config DIR/good.yaml", func(b mishap) { b.write("secret", strings.Repeat(secret, 5000)) }},
		{"the database's directory cannot be made", "run --config DIR/bad.yaml", func(b mishap) { b.edit("seek-poller.db", "secret/seek-poller.db") }},
		{"the database is to lie two directories down", "run --config DIR/bad.yaml", func(b mishap) { b.edit("seek-poller.db", "a/b/seek-poller.db") }},
		{"the backup is there already", "backup DIR/secret", nil},
		{"the backup is to go into a directory that there is not", "backup DIR/none/new.db --database DIR/small.db", func(b mishap) { b.write("small.db", string(smallDatabase(b.t))) }},
		{"the backup is to be a directory", "backup DIR --database DIR/small.db", func(b mishap) { b.write("small.db", string(smallDatabase(b.t))) }},
		{"the backup is to go below a file", "backup DIR/secret/new.db --database DIR/small.db", func(b mishap) { b.write("small.db", string(smallDatabase(b.t))) }},
		{"the demo's directory is not empty", "demo --for 1s --dir DIR", nil},
		{"the demo's directory is a file", "demo --for 1s --dir DIR/secret", nil},
	} {
		b := newMishap(t, nil)
		if m.spoil != nil {
			m.spoil(b)
		}
		c.messages = append(c.messages, b.oneMistake(m.wrong, m.typed))
	}
	return c
}

func (b mishap) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b mishap) link(to, name string) { b.must(os.Symlink(to, filepath.Join(b.dir, name))) }
func (b mishap) remove(name string)   { b.must(os.RemoveAll(filepath.Join(b.dir, name))) }

// edit makes bad.yaml of the config that is right, with one text in the place of another.
func (b mishap) edit(old, new string) {
	b.t.Helper()
	if strings.Count(goodConfig, old) == 0 {
		b.t.Fatalf("the config has no %q", old)
	}
	b.write("bad.yaml", strings.Replace(goodConfig, old, new, 1))
}

// wrongEnvironment is what is wrong with variables.
func wrongEnvironment(t *testing.T) chapter {
	c := chapter{title: "Environment", about: "Variables go before the file, and are checked as it is."}
	for _, m := range [][3]string{
		{"a variable that there is not", "SEEK_POLLER_DATABSE", "x"},
		{"a variable of a section that there is not", "SEEK_POLLER_METRICS_PORT", "9"},
		{"a variable of a list", "SEEK_POLLER_STREAMS", "all"},
		{"a variable of a section", "SEEK_POLLER_SEEK", "x"},
		{"a duration without its unit", "SEEK_POLLER_SEEK_TIMEOUT", "30"},
		{"a duration that is none", "SEEK_POLLER_SEEK_QUERY_INTERVAL", "often"},
		{"a duration below nothing", "SEEK_POLLER_SEEK_QUERY_INTERVAL", "-1s"},
		{"an endpoint that is no address", "SEEK_POLLER_SEEK_ENDPOINT", "graphql.seek.com"},
		{"an endpoint without encryption", "SEEK_POLLER_SEEK_ENDPOINT", "http://graphql.seek.com/graphql"},
		{"a secret in a variable", "SEEK_POLLER_SEEK_CLIENT_SECRET", "x"},
		{"a secret's file that there is not", "SEEK_POLLER_SEEK_CLIENT_SECRET_FILE", "DIR/none"},
		{"an empty secret's file", "SEEK_POLLER_SEEK_CLIENT_SECRET_FILE", ""},
		{"an empty client", "SEEK_POLLER_SEEK_CLIENT_ID", ""},
		{"a level of the log that there is not", "SEEK_POLLER_LOG_LEVEL", "loud"},
		{"a form of the log that there is not", "SEEK_POLLER_LOG_FORMAT", "xml"},
		{"a port on every address", "SEEK_POLLER_ADMIN_LISTEN", "0.0.0.0:8080"},
		{"a group that there is not", "SEEK_POLLER_ADMIN_GROUP", "no-such-group"},
		{"a database that is a directory", "SEEK_POLLER_DATABASE", "DIR/spool"},
		{"an empty database", "SEEK_POLLER_DATABASE", ""},
		{"control characters in a value", "SEEK_POLLER_LOG_LEVEL", "\x1b[31minfo"},
		{"a config that there is not", "SEEK_POLLER_CONFIG", "DIR/none.yaml"},
	} {
		b := newMishap(t, nil)
		b.t.Setenv("SEEK_POLLER_CONFIG", filepath.Join(b.dir, "good.yaml"))
		b.t.Setenv(m[1], strings.ReplaceAll(m[2], "DIR", b.dir))
		said := b.oneMistake(m[0], "check")
		said.typed = strings.TrimSpace("$ "+m[1]+"="+inert(m[2])) + " seek-poller check"
		c.messages = append(c.messages, said)
	}
	b := newMishap(t, nil)
	b.edit("client_secret_file: secret", "client_secret_file: seek-client-secret")
	b.t.Setenv("CREDENTIALS_DIRECTORY", filepath.Join(b.dir, "none"))
	said := b.oneMistake("systemd's directory of credentials is not there", "check --config DIR/bad.yaml")
	said.typed = "$ CREDENTIALS_DIRECTORY=DIR/none seek-poller check --config DIR/bad.yaml"
	c.messages = append(c.messages, said)
	return c
}
