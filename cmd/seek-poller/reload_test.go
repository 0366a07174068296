package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// TestReload: a config that is taken over in the middle of a backlog breaks no rule and loses nothing. A new destination gets events from
// then on, a removed one keeps what it is owed, and the token is kept.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 11, PageLatency: func(int) time.Duration { return time.Second }})
		s.seek.Add(500)
		life := s.start()
		time.Sleep(90 * time.Second) // two pages of six
		before := len(s.receiver.Accepted())
		second := s.addReceiver("second.test:80")
		changed := *s.cfg
		changed.Destinations = append([]config.Destination{}, s.cfg.Destinations...)
		changed.Destinations = append(changed.Destinations, config.Destination{Name: "second", Webhook: &config.Webhook{
			URL: "http://second.test/seek", Format: "seek", Secret: config.NewSecret(secret), Timeout: config.Duration(30 * time.Second), Concurrency: 1}})
		life.next <- &changed
		time.Sleep(time.Hour)
		if before == 0 || len(s.receiver.Accepted()) < 450 {
			t.Errorf("the first receiver had %d events before and has %d", before, len(s.receiver.Accepted()))
		}
		if got, want := len(second.Accepted()), len(s.receiver.Accepted())-before; got != want {
			t.Errorf("the new destination has %d events, want those of after the reload: %d", got, want)
		}
		if n := s.seek.Report().Requests["token"]; n > 3 {
			t.Errorf("%d tokens were asked for within two hours", n)
		}

		life.next <- s.cfg // the second is removed again
		s.seek.Add(30)
		time.Sleep(time.Hour)
		if n := s.count("SELECT count(*) FROM destinations WHERE name = 'second' AND state = 'removed'"); n != 1 {
			t.Error("the removed destination is not marked removed")
		}
		if n := s.count("SELECT count(*) FROM deliveries WHERE destination = 'second' AND state NOT IN ('delivered', 'parked')"); n != 0 {
			t.Errorf("%d deliveries of a removed destination are in work", n)
		}
		life.stop()
		for _, v := range s.seek.Report().Violations {
			t.Errorf("SEEK saw a broken rule: %+v", v)
		}
		if c := simulator.Compare(s.seek, s.receiver.Accepted()); len(c.Lost)+len(c.Twice) > 0 {
			t.Errorf("lost %v, twice %v", c.Lost, c.Twice)
		}
	})
}

// TestReloadThatCannotBeDone: a config that passes every check and cannot be served after all leaves the daemon at work with the old one.
func TestReloadThatCannotBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 12})
		life := s.start()
		time.Sleep(time.Minute)
		changed := *s.cfg
		changed.Destinations = []config.Destination{{Name: "ats", Webhook: &config.Webhook{URL: "http://receiver.test/seek", CAFile: s.dir + "/gone.pem"}}}
		life.next <- &changed
		s.seek.Add(30)
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)
		if got := len(s.receiver.Accepted()); got < 30 || !strings.Contains(s.log(), "the one in force stays") {
			t.Errorf("%d events arrived, want 30 with the old config\n%s", got, tail(s.log()))
		}
	})
}

// TestHangup: a real process takes over what may change, and refuses with the key what may not.
func TestHangup(t *testing.T) {
	k := newKillSite(t, 20)
	cmd, out := k.program(t, t.Context())
	defer cmd.Process.Kill()
	k.awaitQuery(t)
	path := filepath.Join(k.dir, "config.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ old, new, says, inForce string }{
		{"quiet_period: 2s", "quiet_period: 3s", "seek.quiet_period cannot change while the daemon runs", "0"},
		{"start: earliest", "strat: earliest", `did you mean`, "0"},
		{"name: ats", "name: other", "config reloaded", "1"},
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), step.old, step.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if err := eventually(func() bool { return strings.Contains(out.String(), step.says) }); err != nil {
			t.Errorf("the log does not say %q: %v\n%s", step.says, err, tail(out.String()))
		}
		if err := eventually(func() bool {
			return strings.Contains(k.scrape(t), "\nseek_poller_config_last_reload_successful "+step.inForce+"\n")
		}); err != nil {
			t.Errorf("after %q the metric is not %s: %v", step.new, step.inForce, err)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := awaitEnd(cmd); err != nil {
		t.Errorf("stopped, it ended with %v", err)
	}
}

// scrape asks the process for its metrics.
func (k *killSite) scrape(t *testing.T) string {
	t.Helper()
	var text bytes.Buffer
	if err := admin.Dial(filepath.Join(k.dir, "admin.sock")).Get(t.Context(), "/metrics", nil, &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// eventually waits, on a real clock, for something that a process does.
func eventually(condition func() bool) error {
	for range 1000 {
		if condition() {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("not within ten seconds")
}
