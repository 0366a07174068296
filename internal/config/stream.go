package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
)

// Stream is one series of events that is asked for.
type Stream struct {
	Name       string   `yaml:"name"`
	Scheme     string   `yaml:"scheme"`      // seekAnz or seekAnzPublicTest
	EventTypes []string `yaml:"event_types"` // empty: all
	Schedule   Schedule `yaml:"schedule"`    // UTC; default every 15 minutes
	Start      Start    `yaml:"start"`       // no default
	Details    bool     `yaml:"details"`     // candidate, profile and position details as well as ids

	Reconcile *Reconcile `yaml:"reconcile"` // nil: off
}

// Reconcile is when a stream's past is asked for again, to see whether an event was missed.
type Reconcile struct {
	Schedule Schedule `yaml:"schedule"` // UTC; no default
	Window   Duration `yaml:"window"`   // how much of the past
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
