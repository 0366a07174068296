package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Stream is one series of events that is asked for.
type Stream struct {
	// Seen in reports, commands, metrics and events. To change it is to begin a new stream.
	Name string `yaml:"name" jsonschema:"required" limits:"up to 63 letters, digits, dots, hyphens and underscores, the first a letter or digit; each name once"`
	// Whose events: seekAnz is all of Asia Pacific, seekAnzPublicTest the Playground.
	Scheme string `yaml:"scheme" jsonschema:"required,minLength=1" limits:"seekAnz or seekAnzPublicTest, as fits seek.audience; any, if SEEK is on this machine"`
	// Which types of event are asked for. Empty: all.
	EventTypes []string `yaml:"event_types" jsonschema:"uniqueItems=true" limits:"SEEK's type codes, each once, and none that another stream of the scheme takes"`
	// When to look for news, in UTC: five cron fields, or a descriptor such as @hourly or
	// @every 20m. All pages are fetched each time.
	Schedule Schedule `yaml:"schedule" limits:"in quotes; must fire"`
	// Where a new stream begins: earliest is all that SEEK still has, up to 90 days back,
	// now is when the stream is first seen. It matters once.
	Start Start `yaml:"start" jsonschema:"required" limits:"earliest, now, or a time that has passed, such as 2026-01-31T09:00:00Z"`
	// Asks for candidate, profile and position details as well as ids. That is personal
	// data, and it is then kept in the database.
	Details bool `yaml:"details"`

	Reconcile *Reconcile `yaml:"reconcile"` // nil: off
}

// Reconcile is when a stream's past is asked for again by date, in spare queries,
// and what was missed is handed on. Left out: never.
type Reconcile struct {
	// When, in UTC, as in the schedule of the stream.
	Schedule Schedule `yaml:"schedule" jsonschema:"required" limits:"in quotes; must fire"`
	// How much of the past.
	Window Duration `yaml:"window" limits:"1h to 90d"`
}

func (r *Reconcile) preset() { r.Window = 7 * day }

func (s *Stream) preset() {
	// Parsing a constant that the tests parse too cannot fail.
	_ = s.Schedule.UnmarshalText([]byte("*/15 * * * *"))
}

// Fingerprint names what a cursor's position depends on: endpoint, audience,
// scheme and event types, in any order. A position kept under one fingerprint
// must not be used under another. Details, schedule and name are not part of it.
// The form is the scheme, a hyphen and 16 hexadecimal digits.
func (s Stream) Fingerprint(seek Seek) string {
	types := slices.Sorted(slices.Values(s.EventTypes))
	// JSON keeps the parts apart; strings cannot fail to encode.
	text, _ := json.Marshal([]any{seek.Endpoint, seek.Audience, s.Scheme, types})
	sum := sha256.Sum256(text)
	return s.Scheme + "-" + hex.EncodeToString(sum[:8])
}
