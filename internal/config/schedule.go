package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Schedule says when a stream is looked at, in UTC: five cron fields, or a
// descriptor such as @hourly or @every 20m. It is a calendar, not an engine.
type Schedule struct {
	Text string // as written
	cron.Schedule
}

// UnmarshalText reads a schedule and refuses one that cannot be meant.
func (s *Schedule) UnmarshalText(text []byte) error {
	t := strings.TrimSpace(string(text))
	if strings.HasPrefix(t, "TZ=") || strings.HasPrefix(t, "CRON_TZ=") {
		return errors.New("has a time zone; remove the TZ= part, schedules are in UTC")
	}
	if every, ok := strings.CutPrefix(t, "@every "); ok {
		return s.every(t, every)
	}
	parsed, err := parseCron(t)
	if err != nil {
		return fmt.Errorf(`%s is not a schedule (%w); write five fields such as "*/15 * * * *", or "@every 15m"`, quote(t), err)
	}
	*s = Schedule{Text: t, Schedule: parsed}
	return nil
}

// every exists because cron turns any period under a second, and any negative
// one, into one second.
func (s *Schedule) every(text, period string) error {
	d, err := parseDuration(strings.TrimSpace(period))
	if err != nil || time.Duration(d) < time.Second {
		return fmt.Errorf(`%s is not a period of at least 1s; write one such as "@every 15m"`, quote(text))
	}
	*s = Schedule{Text: text, Schedule: cron.Every(time.Duration(d))}
	return nil
}

// parseCron recovers because cron panics on some input
// (https://github.com/robfig/cron/issues/554). Its own messages repeat the whole
// text, so only their beginning is kept.
func parseCron(text string) (s cron.Schedule, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("it cannot be read")
		}
	}()
	s, err = cron.ParseStandard(text)
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), ":")
		return nil, errors.New(what)
	}
	if spec, ok := s.(*cron.SpecSchedule); ok {
		spec.Location = time.UTC // cron's default is the zone of whoever asks
	}
	return s, nil
}

// String is the schedule as written.
func (s Schedule) String() string { return s.Text }

// MarshalText is String.
func (s Schedule) MarshalText() ([]byte, error) { return []byte(s.Text), nil }
