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

import (
	"maps"
	"slices"
)

//go:generate go test -count=1 -run=TestGenerated . -args -write

// Config is the whole file. Once loaded it is checked: relative paths in it are
// resolved against the directory of the config file, and secrets are read.
//
// The comments of its fields, and of those of the sections below it, are what
// people read of each key, in docs/configure.md, in seek-poller.yaml(5) and in
// their editors. The tags limits and jsonschema say what a key may hold.
type Config struct {
	// Path of the database, one SQLite file. Its directory is made if need be, open
	// to the service's user only.
	Database string `yaml:"database" jsonschema:"pattern=^[^~]" limits:"on a local disk"`
	Seek     Seek   `yaml:"seek" jsonschema:"required"`
	// The series of events that are asked for. Two streams of one scheme may not take
	// the same event type.
	Streams []Stream `yaml:"streams" jsonschema:"required,minItems=1"`
	// Where events are handed on. Without any, events are only stored. A new
	// destination gets events from now on; what is owed to one that is taken out is
	// parked.
	Destinations []Destination `yaml:"destinations"`
	Admin        Admin         `yaml:"admin"`
	Retention    Retention     `yaml:"retention"`
	Log          Log           `yaml:"log"`
	Heartbeat    Heartbeat     `yaml:"heartbeat"`

	warnings []string
	file     string            // as given to Load
	origins  map[string]origin // where each key was set
	secrets  map[string]string // the files that hold secrets, by key path
}

// Warnings are lines for a person about things that are legal but odd, such as
// an event type that this version has not heard of. Each is `file:line: key: text`.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// SecretFiles are the files that secrets were read from.
func (c *Config) SecretFiles() []string { return slices.Sorted(maps.Values(c.secrets)) }

func (c *Config) preset() {
	c.Database = "/var/lib/seek-poller/seek-poller.db"
}

// Admin is how people and programs reach the running daemon.
type Admin struct {
	// Path of the unix socket that seek-poller status and the other verbs ask.
	Socket string `yaml:"socket" jsonschema:"pattern=^[^~]" limits:"at most 95 bytes as an absolute path"`
	// Name or number of the group that may use the socket. Empty: the daemon's own.
	Group string `yaml:"group" limits:"a group of this machine"`
	// Host and port of the page, the JSON, the metrics and the health checks. Nothing
	// can be changed there. Empty: off.
	Listen string `yaml:"listen" limits:"an address of this machine, such as 127.0.0.1:9477"`
	// Names the file of the token that opens the feed of events on the port. Left out:
	// no feed there.
	TokenFile string `yaml:"token_file" jsonschema:"pattern=^[^~]" limits:"one line; needs listen"`
	Token     Secret `yaml:"-"` // what TokenFile holds
}

func (a *Admin) preset() {
	a.Socket = DefaultSocket
	a.Listen = "127.0.0.1:9477"
}

// Retention is how long what is settled is kept. What is owed, dead or parked
// keeps its event however old it is.
type Retention struct {
	// How long events are kept as SEEK sent them, with the personal data that streams
	// with details have.
	Payloads Duration `yaml:"payloads" limits:"above 0, at most records"`
	// How long it is kept which queries were made, which event was handed to whom, and
	// when.
	Records Duration `yaml:"records" limits:"at least 100d, since SEEK can send an event again for 90 days"`
}

func (r *Retention) preset() {
	r.Payloads, r.Records = 90*day, 400*day
}

// Log is what is written to stderr.
type Log struct {
	// The least grave lines that are written.
	Level string `yaml:"level" jsonschema:"enum=debug,enum=info,enum=warn,enum=error"`
	// How lines look. With auto: console on a terminal, otherwise json.
	Format string `yaml:"format" jsonschema:"enum=auto,enum=json,enum=console"`
}

func (l *Log) preset() {
	l.Level, l.Format = "info", "auto"
}

// Heartbeat is a dead man's switch outside this machine, which raises an alarm
// when it is not called any more.
type Heartbeat struct {
	// Called with GET after a stream has made progress, at most once a minute. It often
	// holds a secret, so it is never shown. Empty: off.
	URL string `yaml:"url" limits:"https, or http to this machine"`
}

// Loopback says whether the address is on this machine.
func (h Heartbeat) Loopback() bool { return loopbackURL(h.URL) }
