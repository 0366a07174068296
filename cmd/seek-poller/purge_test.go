package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/simulator"
)

// bytesOf counts how often a text is in the database and its log, wherever it may lie there.
func (s *site) bytesOf(text string) int {
	s.t.Helper()
	n := 0
	for _, path := range []string{s.cfg.Database, s.cfg.Database + "-wal"} {
		content, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.t.Fatal(err)
		}
		n += bytes.Count(content, []byte(text))
	}
	return n
}

// Somebody asks to be forgotten while the daemon polls: the preview is the outcome, no byte of it is left, and SEEK sending it once more, even
// to a destination that wants that, brings nothing back. What is owed is handed on first, and then forgotten by the daemon itself.
func TestPurgeBesideTheDaemon(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Plain: true})
		s.cfg.Streams[0].Details = true
		s.cfg.Destinations[0].Duplicates = "deliver"
		ids := s.seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated"}, simulator.Spec{Type: "CandidateApplicationCreated"})
		life := s.start()
		time.Sleep(time.Hour)
		candidate := s.text("SELECT candidate_id FROM events WHERE id = '" + ids[0] + "'")
		if s.bytesOf(candidate) == 0 {
			t.Fatal("the candidate is not in the database")
		}

		for what, args := range map[string]admin.PurgeArgs{
			"nobody is named":   {},
			"two are named":     {Candidate: "a", Hirer: "b"},
			"unknown candidate": {Candidate: "nobody"},
			"in the future":     {Before: admin.Time{Time: time.Now().Add(day)}},
		} {
			if _, err := life.asker().Do(context.Background(), "purge", admin.Order{Yes: true, Reason: "asked to"}, args); err == nil {
				t.Errorf("purge where %s was done", what)
			}
		}
		args := admin.PurgeArgs{Candidate: candidate}
		if _, err := life.asker().Do(context.Background(), "purge", admin.Order{Yes: true, Reason: "for " + candidate}, args); err == nil {
			t.Error("a reason that names the candidate was taken")
		}
		seen, done := life.previewed("purge", args)
		if seen.Rows != 1 || done.Rows != 1 || !strings.HasPrefix(done.Says[0], "1 emptied; no byte") {
			t.Errorf("seen %+v, done %+v", seen, done)
		}
		if n := s.bytesOf(candidate); n != 0 {
			t.Errorf("the candidate is still in the database, %d times", n)
		}
		if got := s.text("SELECT selector FROM actions WHERE verb = 'purge'"); !strings.HasPrefix(got, "candidate sha256:") || len(got) != len("candidate sha256:")+64 {
			t.Errorf("the record says %q", got)
		}

		accepted := s.receiver.Accepted()[ids[0]]
		s.seek.AddEvents(simulator.Spec{ID: ids[0]}, simulator.Spec{ID: ids[1]})
		time.Sleep(time.Hour)
		if now := s.receiver.Accepted()[ids[0]]; now != accepted {
			t.Errorf("the purged event was handed on again: %d times, and %d before", now, accepted)
		}
		if n := s.receiver.Accepted()[ids[1]]; n != 2 {
			t.Errorf("the other one was handed on %d times, want 2", n)
		}
		if n := s.bytesOf(candidate); n != 0 {
			t.Errorf("the candidate came back, %d times", n)
		}
		life.verified()

		s.exec("UPDATE destinations SET state = 'paused' WHERE name = 'ats'")
		owed := s.seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated"})[0]
		time.Sleep(time.Hour)
		candidate = s.text("SELECT candidate_id FROM events WHERE id = '" + owed + "'")
		if _, done := life.previewed("purge", admin.PurgeArgs{Candidate: candidate}); !strings.Contains(fmt.Sprint(done.Says), "deliveries discard") {
			t.Errorf("it does not say how to settle what is owed: %q", done.Says)
		}
		if s.bytesOf(candidate) == 0 {
			t.Error("what is owed was not kept")
		}
		s.exec("UPDATE destinations SET state = 'active' WHERE name = 'ats'")
		time.Sleep(3 * time.Hour)
		if s.receiver.Accepted()[owed] != 1 {
			t.Errorf("what was owed was handed on %d times", s.receiver.Accepted()[owed])
		}
		if n := s.bytesOf(candidate); n != 0 {
			t.Errorf("the candidate is in the database after it was handed on, %d times", n)
		}
		life.stop()
		s.check(false)
	})
}

// On the command line: a purge of everything before a time, of a stopped daemon, and verify before and after something is broken.
func TestPurgeAndVerifyOnTheCommandLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Plain: true})
		s.cfg.Streams[0].Details = true
		s.seek.Add(30)
		life := s.start()
		time.Sleep(time.Hour)
		life.stop()
		if s.bytesOf(canary) == 0 {
			t.Fatal("there is no personal data in the database")
		}
		line := "seek-poller purge --before " + time.Now().UTC().Format(time.RFC3339)
		if code, stdout, stderr := s.types(line); code != exitDone || !strings.Contains(stdout, "30 events") || !strings.Contains(stderr, "nothing was changed") {
			t.Errorf("dry: %d\n%s%s", code, stdout, stderr)
		}
		if code, _, stderr := s.types(line + " --yes"); code != exitUsage || !strings.Contains(stderr, "--reason") {
			t.Errorf("without a reason: %d\n%s", code, stderr)
		}
		if code, stdout, stderr := s.types(line + " --yes --reason over"); code != exitDone || !strings.Contains(stdout, "30 emptied; no byte of what was emptied is left") {
			t.Errorf("%d\n%s%s", code, stdout, stderr)
		}
		if n := s.bytesOf(canary); n != 0 {
			t.Errorf("personal data is still in the database, %d times", n)
		}
		if code, _, stderr := s.types(line + " --yes --reason over"); code != exitFailed || !strings.Contains(stderr, "no stored event") {
			t.Errorf("again: %d\n%s", code, stderr)
		}

		if code, stdout, stderr := s.types("seek-poller verify"); code != exitDone || !strings.Contains(stdout, "ledger chain") || !strings.Contains(stdout, "not proven, but assumed") {
			t.Errorf("verify: %d\n%s%s", code, stdout, stderr)
		}
		s.exec("UPDATE destinations SET owed_now = 7 WHERE name = 'ats'")
		if code, stdout, _ := s.types("seek-poller verify"); code != exitUnhealthy || !strings.Contains(stdout, "OFF: figures of destinations\n  destination ats: 7 owed") {
			t.Errorf("verify of something broken: %d\n%s", code, stdout)
		}
		if code, stdout, _ := s.types("seek-poller verify -o json"); code != exitUnhealthy || !strings.Contains(stdout, `"healthy": false`) {
			t.Errorf("verify as JSON: %d\n%s", code, stdout)
		}
	})
}
