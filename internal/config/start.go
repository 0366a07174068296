package config

import (
	"fmt"
	"time"
)

// StartKind says how a stream's first query is bounded.
type StartKind string

// The kinds of start. The operator must choose one.
const (
	StartEarliest StartKind = "earliest" // from the oldest event that SEEK still has
	StartNow      StartKind = "now"      // from when the stream is first seen
	StartAt       StartKind = "time"     // from a given time
)

// Start is where a stream's first query begins. It matters once, when the
// stream's cursor is made. The zero Start means that none was given.
type Start struct {
	Kind StartKind
	At   time.Time // UTC; only for StartAt
}

// UnmarshalText reads earliest, now or an RFC 3339 time.
func (s *Start) UnmarshalText(text []byte) error {
	switch t := string(text); t {
	case string(StartEarliest), string(StartNow):
		*s = Start{Kind: StartKind(t)}
		return nil
	default:
		at, err := time.Parse(time.RFC3339, t)
		if err != nil {
			return fmt.Errorf("%s is not a start; write earliest, now, or a time with its zone such as 2026-01-31T09:00:00Z", quote(t))
		}
		*s = Start{Kind: StartAt, At: at.UTC()}
		return nil
	}
}

// String is what UnmarshalText reads.
func (s Start) String() string {
	if s.Kind == StartAt {
		return s.At.Format(time.RFC3339Nano)
	}
	return string(s.Kind)
}

// MarshalText is String.
func (s Start) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
