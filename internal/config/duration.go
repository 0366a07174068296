package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const day = Duration(24 * time.Hour)

// Duration is a length of time, written in the file with its unit: 500ms, 60s,
// 15m, 36h, 90d, 1d12h. A day is 24 hours.
type Duration time.Duration

var withDays = regexp.MustCompile(`^(\d+)d(.*)$`)

// UnmarshalText reads the form above. A number without a unit is an error, since
// nobody can know whether seconds or minutes were meant.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return fmt.Errorf("%s has no unit; write it with one, such as 30s, 15m, 12h or 90d", quote(s))
	}
	got, err := parseDuration(s)
	if err != nil {
		return fmt.Errorf("%s is not a duration; write a number and a unit, such as 30s, 15m, 12h or 90d", quote(s))
	}
	*d = got
	return nil
}

func parseDuration(s string) (Duration, error) {
	m := withDays.FindStringSubmatch(s)
	if m == nil {
		d, err := time.ParseDuration(s)
		return Duration(d), err
	}
	// time.ParseDuration knows no days; as hours it checks the range for us.
	days, err := strconv.ParseInt(m[1], 10, 32)
	if err != nil {
		return 0, err
	}
	d, err := time.ParseDuration(strconv.FormatInt(24*days, 10) + "h" + m[2])
	return Duration(d), err
}

// String is the shortest form that UnmarshalText reads.
func (d Duration) String() string {
	if d > 0 && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText is String.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
