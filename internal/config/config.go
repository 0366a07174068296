// Package config is the file that people edit: it reads seek-poller.yaml and
// the SEEK_POLLER_ variables, checks everything that can be checked without
// asking anyone, and gives the rest of the program plain values that are right.
//
// Its other product is its messages. They are read by somebody who is tired and
// did not write the file, so they come all at once, each with file, line, key,
// what is wrong and what would be right. No message holds a secret.
//
// It is not for connecting to anything, opening the database, or reading flags.
package config

import "slices"

// Config is a checked configuration. Relative paths in it are already resolved
// against the directory of the config file, and secrets are already read.
type Config struct {
	Database     string        `yaml:"database"` // path of the SQLite file
	Seek         Seek          `yaml:"seek"`
	Streams      []Stream      `yaml:"streams"`      // at least one
	Destinations []Destination `yaml:"destinations"` // may be empty: events are stored only
	Admin        Admin         `yaml:"admin"`
	Retention    Retention     `yaml:"retention"`
	Log          Log           `yaml:"log"`
	Heartbeat    Heartbeat     `yaml:"heartbeat"`

	warnings []string
	notYet   []string
}

// Warnings are lines for a person about things that are legal but odd, such as
// an event type that this version has not heard of. Each is `file:line: key: text`.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// NotYet names what the file asks for and this version cannot do. The form is
// that of Warnings. A caller that is about to start must refuse if there is any:
// to leave out, say, a filter in silence would hand events to the wrong receiver.
func (c *Config) NotYet() []string { return slices.Clone(c.notYet) }

func (c *Config) preset() {
	c.Database = "/var/lib/seek-poller/seek-poller.db"
}

// Admin is how people reach a running daemon.
type Admin struct {
	Socket    string `yaml:"socket"`     // path of the unix socket
	Group     string `yaml:"group"`      // name or number of the group that may use it; empty: the daemon's own
	Listen    string `yaml:"listen"`     // host:port on loopback, read-only; empty: off
	TokenFile string `yaml:"token_file"` // opens the feed on the port; empty: no feed there
	Token     Secret `yaml:"-"`          // what TokenFile holds
}

func (a *Admin) preset() {
	a.Socket = DefaultSocket
	a.Listen = "127.0.0.1:9477"
}

// Retention is how long what is settled is kept.
type Retention struct {
	Payloads Duration `yaml:"payloads"` // events as SEEK sent them
	Records  Duration `yaml:"records"`  // ledger, deliveries and attempts; at least 100 days
}

func (r *Retention) preset() {
	r.Payloads, r.Records = 90*day, 400*day
}

// Log is what is written to stderr.
type Log struct {
	Level  string `yaml:"level"`  // debug, info, warn or error
	Format string `yaml:"format"` // auto, json or console
}

func (l *Log) preset() {
	l.Level, l.Format = "info", "auto"
}

// Heartbeat is a dead man's switch outside this machine.
type Heartbeat struct {
	URL string `yaml:"url"` // empty: off; often holds a secret, so it is never printed
}
