package config

import (
	"fmt"
	"io"
)

const hidden = "[hidden]"

// Secret is a value that no formatting, logging or encoding shows: it prints as
// "[hidden]" wherever it ends up by accident. The zero Secret is no secret.
type Secret struct {
	// A pointer, because fmt goes around Format for a wrong verb inside a pointed-to
	// struct (%s of a *Config, say), and prints fields; of a pointer only the address.
	value *string
}

// NewSecret keeps value. Programs that need no file, such as a demonstration, use it.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal is the value itself, "" if there is none. Each call is a place to review.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

func (s Secret) String() string               { return hidden }
func (s Secret) GoString() string             { return hidden }
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// Format hides the value from every verb: %x and %q would go past String.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, hidden) }
