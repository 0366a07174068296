package config_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"seekpoller/internal/config"
)

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"60s": time.Minute, "15m": 15 * time.Minute, "90d": 90 * 24 * time.Hour, "1d12h": 36 * time.Hour, "1.5h": 90 * time.Minute,
		"200ms": 200 * time.Millisecond, "0s": 0, "-5s": -5 * time.Second, "106751d": 106751 * 24 * time.Hour,
	} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); err != nil || time.Duration(d) != want {
			t.Errorf("%s: got %v (%v), want %v", text, time.Duration(d), err, want)
		}
	}
	for _, text := range []string{"", "0", "60", "1.5", "1e3", "d", "-1d", "1d-1h", "1.5d", "106752d", "5 m", "5M", "NaN", "Inf"} {
		var d config.Duration
		if err := d.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q: got %v, want an error", text, time.Duration(d))
		}
	}
}

// What String writes, UnmarshalText reads as the same duration.
func TestDurationsReadBack(t *testing.T) {
	units := []time.Duration{time.Nanosecond, time.Millisecond, time.Second, time.Minute, time.Hour, 24 * time.Hour}
	for range 10_000 {
		want := config.Duration(time.Duration(rand.IntN(5000)) * units[rand.IntN(len(units))])
		var got config.Duration
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want {
			t.Fatalf("%s: got %v (%v), want %v", want, got, err, time.Duration(want))
		}
	}
}

// A schedule ticks in UTC, whatever zone the question is asked in.
func TestSchedulesAreUTC(t *testing.T) {
	sydney := time.FixedZone("Sydney", 11*3600)
	for text, want := range map[string]string{
		"0 2 * * *":    "2026-03-02T02:00:00Z",
		"*/15 * * * *": "2026-03-01T10:45:00Z",
		"@hourly":      "2026-03-01T11:00:00Z",
		"@every 20m":   "2026-03-01T10:50:00Z",
		"@every 1d":    "2026-03-02T10:30:00Z",
		" @daily ":     "2026-03-02T00:00:00Z",
	} {
		var s config.Schedule
		if err := s.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		from := time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC).In(sydney)
		if got := s.Next(from).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestStarts(t *testing.T) {
	for text, want := range map[string]config.Start{
		"earliest":                  {Kind: config.StartEarliest},
		"now":                       {Kind: config.StartNow},
		"2026-01-31T09:00:00Z":      {Kind: config.StartAt, At: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)},
		"2026-01-31T20:00:00+11:00": {Kind: config.StartAt, At: time.Date(2026, 1, 31, 9, 0, 0, 0, time.UTC)},
	} {
		var got config.Start
		if err := got.UnmarshalText([]byte(text)); err != nil || got != want {
			t.Errorf("%s: got %v (%v), want %v", text, got, err, want)
		}
	}
}

// A fingerprint depends on what a position depends on, and on nothing else.
func TestFingerprint(t *testing.T) {
	seek := config.Seek{Endpoint: "https://a/graphql", Audience: "https://a", QueryInterval: 1}
	stream := config.Stream{Name: "x", Scheme: "seekAnz", EventTypes: []string{"A", "B"}}
	want := "seekAnz-c8514edbf6a173c9"
	same := []config.Stream{stream, {Name: "y", Scheme: "seekAnz", EventTypes: []string{"B", "A"}, Details: true}}
	for _, s := range same {
		if got := s.Fingerprint(seek); got != want {
			t.Errorf("%v: got %s, want %s", s, got, want)
		}
	}
	others := map[string]bool{want: true}
	for _, s := range []config.Stream{{Scheme: "seekAnz"}, {Scheme: "seekAnz", EventTypes: []string{"A"}}, {Scheme: "seekAnz", EventTypes: []string{"AB"}},
		{Scheme: "seekAnzPublicTest", EventTypes: []string{"A", "B"}}} {
		others[s.Fingerprint(seek)] = true
	}
	others[stream.Fingerprint(config.Seek{Endpoint: "https://b/graphql", Audience: "https://a"})] = true
	others[stream.Fingerprint(config.Seek{Endpoint: "https://a/graphql", Audience: "https://b"})] = true
	if got, want := len(others), 7; got != want {
		t.Errorf("got %d different fingerprints, want %d", got, want)
	}
}
