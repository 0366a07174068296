package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// status is what `status` says at this moment.
func (l *life) status() admin.Report {
	l.site.t.Helper()
	r, err := admin.Gather(l.site.t.Context(), l.daemon.adminConfig(l.site.cfg))
	if err != nil {
		l.site.t.Fatal(err)
	}
	return r
}

// TestTwoInstallationsOnOneClient: two hosts cannot know of each other. Each keeps the minute by itself, both get everything in the end, and
// whoever is refused is told what the reason may be, in status and log.
func TestTwoInstallationsOnOneClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := newSite(t, simulator.Options{Seed: 21}), newSite(t, simulator.Options{Seed: 22})
		second.pipes["seek.test:80"] = first.pipes["seek.test:80"]
		last := time.Time{}
		first.faults(func(r simulator.Request) simulator.Fault {
			if r.Kind != "events" {
				return simulator.Fault{}
			}
			if r.At.Sub(last) < time.Minute {
				return simulator.StatusFault(429, "")
			}
			last = r.At
			return simulator.Fault{}
		})
		first.seek.Add(550)
		one := first.start()
		time.Sleep(20 * time.Second)
		other := second.start()
		time.Sleep(time.Second)
		const diagnosis = "does another installation or program ask for events with them?"
		if s := other.status().Streams[0]; s.ErrorKind != "throttled" || !strings.Contains(string(s.Error), diagnosis) {
			t.Errorf("status says %s: %s", s.ErrorKind, s.Error)
		}
		if !strings.Contains(second.log(), diagnosis) {
			t.Errorf("the log does not name the diagnosis:\n%s", tail(second.log()))
		}
		time.Sleep(3 * time.Hour)
		one.stop()
		other.stop()
		for _, s := range []*site{first, second} {
			s.checkLedger()
			s.checkSecrets()
			if n := s.count("SELECT count(*) FROM events"); n != len(first.seek.Events()) {
				t.Errorf("%d events, want %d", n, len(first.seek.Events()))
			}
		}
		asked := map[string]time.Time{} // by session
		for _, q := range first.seek.Queries() {
			if gap := q.Arrived.Sub(asked[q.SessionID]); gap < time.Minute {
				t.Errorf("query %d came %v after the one before it of the same installation", q.N, gap)
			}
			asked[q.SessionID] = q.Arrived
		}
	})
}

// TestBehindIsToldBeforeItIsLost: more events come in than a query a minute fetches, on top of a backlog. Status says so while there is time,
// with the days that are left, and has nothing to say once they are here.
func TestBehindIsToldBeforeItIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 23, Plain: true, Retention: 90 * 24 * time.Hour})
		s.cfg.Destinations = nil
		s.seek.AddHistory(3000, 80*24*time.Hour)
		life := s.start()
		for range 10 {
			time.Sleep(time.Minute)
			s.seek.Add(150)
		}
		r := life.status()
		if said := strings.Join(r.Problems, "\n"); r.Healthy || !strings.Contains(said, "SEEK forgets events after 90 days, the first in 3") {
			t.Errorf("26 days behind 80, with 36 left, status says %q", said)
		}
		if lost := r.Streams[0].LostAt.Sub(s.now().Wall); lost < 30*24*time.Hour || lost > 40*24*time.Hour {
			t.Errorf("events are lost in %v, want 30 to 40 days", lost)
		}
		time.Sleep(2 * time.Hour)
		if r := life.status(); !r.Healthy {
			t.Errorf("caught up, status says %q", r.Problems)
		}
		life.stop()
		s.check(false)
	})
}

// TestNoTokenOnTheDisk: neither tokens nor the secret are in any file that the daemon writes.
func TestNoTokenOnTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 24})
		s.seek.Add(150)
		s.faults(simulator.RandomFaults(24, 0.4))
		life := s.start()
		time.Sleep(3 * time.Hour)
		words := append(s.seek.Tokens(), secret)
		files, err := filesOf(s.dir)
		if err != nil {
			t.Fatal(err)
		}
		for path, content := range files {
			for _, word := range words {
				if bytes.Contains(content, []byte(word)) || strings.Contains(s.log(), word) {
					t.Errorf("%s or the log holds a token or the secret", path)
				}
			}
		}
		if len(words) < 4 || len(files) < 100 {
			t.Errorf("%d words looked for in %d files", len(words), len(files))
		}
		life.stop()
		s.check(false)
	})
}

func filesOf(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	return files, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files[path], err = os.ReadFile(path)
		}
		return err
	})
}

// TestSecretRotatedWhileRunning: the new one is taken over without a restart, and nothing is lost or hurried.
func TestSecretRotatedWhileRunning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 25})
		s.seek.Add(350)
		life := s.start()
		time.Sleep(90 * time.Second)
		changed := *s.cfg
		changed.Seek.ClientSecret = config.NewSecret(secret + "-of-next-year")
		life.next <- &changed
		time.Sleep(2 * time.Hour)
		life.stop()
		s.check(true)
	})
}

// TestRestoredBackup: last night's database on another machine. Its events are asked for again, and handed on under the same ids, so that
// receivers know them; files have the same names.
func TestRestoredBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 26})
		s.seek.Add(150)
		life := s.start()
		time.Sleep(30 * time.Minute)
		life.stop()
		backup, err := filesOf(filepath.Dir(s.cfg.Database))
		if err != nil {
			t.Fatal(err)
		}
		s.seek.Add(150)
		life = s.start()
		time.Sleep(30 * time.Minute)
		life.stop()
		s.check(true)
		if err := os.RemoveAll(filepath.Dir(s.cfg.Database)); err != nil {
			t.Fatal(err)
		}
		if err := os.Mkdir(filepath.Dir(s.cfg.Database), 0o700); err != nil {
			t.Fatal(err)
		}
		for path, content := range backup {
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s.reboot()
		life = s.start()
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)
		if c := simulator.Compare(s.seek, s.receiver.Accepted()); len(c.Twice) < 100 {
			t.Errorf("%d events were accepted twice: the backup was too young to show anything", len(c.Twice))
		}
		if c := simulator.Compare(s.seek, s.spooled()); len(c.Twice) > 0 {
			t.Errorf("files of one event with two names: %v", c.Twice)
		}
	})
}

// TestCheckConnectAsksForNoEvents: what a person tries beside a running daemon costs no slot.
func TestCheckConnectAsksForNoEvents(t *testing.T) {
	k := newKillSite(t, 0)
	for range 3 {
		if code, out, errs := cli(t, "check", "--connect", "--config", filepath.Join(k.dir, "config.yaml")); code != exitDone {
			t.Errorf("check ended with %d\n%s%s", code, out, errs)
		}
	}
	if got := k.seek.Report().Requests; got["events"] != 0 || got["version"] != 3 {
		t.Errorf("SEEK was asked %v, want 3 versions and no events", got)
	}
}
