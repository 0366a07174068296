package main

import (
	"database/sql"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// dump is every row of every table that people's deeds can change.
func (s *site) dump() string {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var all strings.Builder
	for _, query := range []string{
		"SELECT json_group_array(json_array(name, state, reason, owed_now, dead_now, delivered, dead, not_before)) FROM destinations",
		"SELECT json_group_array(json_array(destination, seq, due_at, attempts, spent, delivered_at, dead_at, discarded_at, action)) FROM outbox",
		"SELECT json_group_array(json_array(id, verb, rows)) FROM actions",
		"SELECT json_group_array(json_array(id, state, position)) FROM cursors",
	} {
		var text string
		if err := db.QueryRow(query).Scan(&text); err != nil {
			s.t.Fatal(err)
		}
		all.WriteString(text + "\n")
	}
	return all.String()
}

// types a command line against the database of a stopped daemon.
func (s *site) types(line string) (code int, stdout, stderr string) {
	s.t.Helper()
	return cli(s.t, append(strings.Fields(strings.TrimPrefix(line, "seek-poller ")), "--database", s.cfg.Database)...)
}

// undo types the line that a deed left, first without --yes: that changes nothing.
func (s *site) undo(o admin.Outcome) {
	s.t.Helper()
	before := s.dump()
	if code, _, stderr := s.types(strings.Replace(o.Undo, " --yes", "", 1)); code != exitDone || !strings.Contains(stderr, "nothing was changed") {
		s.t.Errorf("%s, dry, ended with %d: %s", o.Undo, code, stderr)
	}
	if s.dump() != before {
		s.t.Errorf("%s, dry, changed the database", o.Undo)
	}
	if code, stdout, stderr := s.types(o.Undo); code != exitDone || !strings.Contains(stdout, "done: action") {
		s.t.Errorf("%s ended with %d: %s%s", o.Undo, code, stdout, stderr)
	}
	if s.dump() == before {
		s.t.Errorf("%s changed nothing", o.Undo)
	}
}

// withSecond is the config with another webhook.
func (s *site) withSecond() *config.Config {
	changed := *s.cfg
	changed.Destinations = append(slices.Clone(s.cfg.Destinations), config.Destination{Name: "second", Webhook: &config.Webhook{
		URL: "http://second.test/seek", Format: "seek", Secret: config.NewSecret(secret), Timeout: config.Duration(30 * time.Second), Concurrency: 2}})
	return &changed
}

// TestReplayToANewDestination: it gets everything from before its time, at the rate, and live events do not wait behind that.
func TestReplayToANewDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 51, Plain: true})
		ids := s.seek.AddHistory(1200, 48*time.Hour)
		life := s.start()
		time.Sleep(40 * time.Minute)
		second := s.addReceiver("second.test:80")
		s.cfg = s.withSecond()
		life.next <- s.cfg
		time.Sleep(time.Minute)
		seen, _ := life.previewed("events replay", admin.ReplayArgs{Destination: "second", Rate: 1})
		if fact(t, seen, "new") != 1200 || fact(t, seen, "again") != 0 || fact(t, seen, "seconds") != 1199 {
			t.Errorf("previewed %+v", seen.Facts)
		}
		live := s.seek.Add(3)
		life.refused("events replay", admin.ReplayArgs{Destination: "second", Chosen: admin.Chosen{Event: ids[600]}}, http.StatusConflict, "still owed")
		time.Sleep(time.Hour)
		if first, last := firstAt(second, live[0]), lastAt(second); first.IsZero() || !first.Before(last) {
			t.Errorf("a live event arrived at %v, the end of the replay at %v", first, last)
		}
		life.stop()
		s.check(true)
		if c := simulator.Compare(s.seek, second.Accepted()); len(c.Lost)+len(c.Twice)+len(c.Invented) > 0 {
			t.Errorf("second: lost %v, twice %v, invented %v", c.Lost, c.Twice, c.Invented)
		}
	})
}

func firstAt(r *simulator.Receiver, id string) time.Time {
	for _, a := range r.Attempts() {
		if slices.Contains(a.IDs, id) {
			return a.At
		}
	}
	return time.Time{}
}

func lastAt(r *simulator.Receiver) time.Time {
	all := r.Attempts()
	return all[len(all)-1].At
}

// TestReplayToAnOldDestination: it sees the same events again under the same ids, and a directory the same names. Undone in the middle, what
// was not sent is not sent.
func TestReplayToAnOldDestination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 52, Plain: true})
		ids := s.seek.AddHistory(200, 48*time.Hour)
		life := s.start()
		time.Sleep(30 * time.Minute)
		life.refused("events replay", admin.ReplayArgs{Destination: "atz"}, http.StatusNotFound, "there are: ats, spool")
		life.refused("events replay", admin.ReplayArgs{Destination: "ats", Chosen: admin.Chosen{Stream: "al"}}, http.StatusNotFound, "there are: all")
		life.refused("events replay", admin.ReplayArgs{Destination: "ats", Rate: 2000}, http.StatusBadRequest, "1 to 1000")
		life.refused("events replay", admin.ReplayArgs{Destination: "ats", Chosen: admin.Chosen{Type: "Nothing"}}, http.StatusConflict, "no stored event is chosen")
		life.previewed("events replay", admin.ReplayArgs{Destination: "ats", Chosen: admin.Chosen{Event: ids[7]}})
		life.previewed("events replay", admin.ReplayArgs{Destination: "spool"})
		time.Sleep(time.Minute)
		if got := s.receiver.Accepted(); got[ids[7]] != 2 || got[ids[8]] != 1 {
			t.Errorf("the event replayed was accepted %d times, its neighbour %d", got[ids[7]], got[ids[8]])
		}
		_, done := life.previewed("events replay", admin.ReplayArgs{Destination: "ats", Rate: 1})
		time.Sleep(50*time.Second + 500*time.Millisecond)
		life.stop()
		s.undo(done)
		life = s.start()
		time.Sleep(time.Hour)
		life.stop()
		s.check(true)
		again := 0
		for _, n := range s.receiver.Accepted() {
			again += n - 1
		}
		if again < 45 || again > 60 {
			t.Errorf("%d events were sent again, want the 51 of before the undo and the one of before", again)
		}
		if c := simulator.Compare(s.seek, s.spooled()); len(c.Twice) > 0 {
			t.Errorf("replayed files have other names: %v", c.Twice)
		}
	})
}

// TestDeadLettersAreRetried once the receiver was mended; and those that a person gave up can be had back.
func TestDeadLettersAreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 53, Plain: true})
		ids := s.seek.AddHistory(60, 48*time.Hour)
		var mended atomic.Bool
		s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary, Fault: func(a simulator.Attempt) simulator.ReceiverFault {
			if !mended.Load() && (slices.Contains(a.IDs, ids[5]) || slices.Contains(a.IDs, ids[30])) {
				return simulator.ReceiverFault{Status: http.StatusUnprocessableEntity, Message: "no such position"}
			}
			return simulator.ReceiverFault{}
		}})
		s.serve("receiver.test:80", s.receiver)
		life := s.start()
		time.Sleep(time.Hour)
		life.refused("deliveries retry", admin.DeliveryArgs{}, http.StatusBadRequest, "nothing says which")
		life.refused("deliveries discard", admin.DeliveryArgs{Destination: "ats", State: "discarded"}, http.StatusBadRequest, "owed, dead")
		if n := s.count("SELECT dead_now FROM destinations WHERE name = 'ats'"); n != 2 {
			t.Fatalf("%d dead letters, want 2", n)
		}
		one := admin.DeliveryArgs{Destination: "ats", Chosen: admin.Chosen{Event: ids[5]}}
		_, done := life.previewed("deliveries discard", one)
		life.refused("deliveries discard", one, http.StatusConflict, "no delivery is chosen")
		life.stop()
		mended.Store(true)
		s.undo(done)
		life = s.start()
		life.previewed("deliveries retry", admin.DeliveryArgs{Destination: "ats", State: "dead"})
		time.Sleep(time.Minute)
		life.refused("deliveries retry", admin.DeliveryArgs{Destination: "ats", State: "dead"}, http.StatusConflict, "no dead delivery is chosen")
		life.stop()
		s.check(true)
		if n := s.count("SELECT count(*) FROM attempts WHERE destination = 'ats' AND outcome = 'dead'"); n != 2 {
			t.Errorf("%d attempts are recorded as the last ones of before, want 2", n)
		}
	})
}

// TestRetryAfterADownReceiver: what waits hours for its next try, and the destination itself, are tried as soon as a person says so.
func TestRetryAfterADownReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 54, Plain: true})
		s.seek.AddHistory(40, 48*time.Hour)
		var mended atomic.Bool
		s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary, Fault: func(simulator.Attempt) simulator.ReceiverFault {
			if !mended.Load() {
				return simulator.ReceiverFault{Status: http.StatusBadGateway}
			}
			return simulator.ReceiverFault{}
		}})
		s.serve("receiver.test:80", s.receiver)
		life := s.start()
		time.Sleep(20 * time.Hour)
		mended.Store(true)
		life.previewed("deliveries retry", admin.DeliveryArgs{Destination: "ats"})
		time.Sleep(time.Minute)
		if n := s.count("SELECT owed_now FROM destinations WHERE name = 'ats'"); n != 0 {
			t.Errorf("%d are still owed a minute after", n)
		}
		life.stop()
		s.check(true)
	})
}

// TestPause: for an hour nothing is sent and everything comes in; then all of it is sent, once.
func TestPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 55, Plain: true})
		s.seek.AddHistory(50, 48*time.Hour)
		life := s.start()
		time.Sleep(10 * time.Minute)
		ats := admin.DestinationArgs{Destination: "ats"}
		life.refused("destinations resume", ats, http.StatusConflict, "active already")
		life.refused("destinations pause", admin.DestinationArgs{}, http.StatusBadRequest, "no destination")
		_, done := life.previewed("destinations pause", ats)
		life.refused("destinations pause", ats, http.StatusConflict, "a test") // the reason
		before := len(s.receiver.Attempts())
		s.seek.Add(30)
		time.Sleep(time.Hour)
		if r := life.status(); !slices.ContainsFunc(r.Destinations, func(d admin.Destination) bool { return d.State == "paused" && d.Reason == "a test" && d.Owed == 30 }) {
			t.Errorf("status says %+v", r.Destinations)
		}
		if n := len(s.receiver.Attempts()); n != before {
			t.Errorf("%d sends while paused", n-before)
		}
		life.stop()
		life = s.start() // a restart resumes nothing
		time.Sleep(time.Minute)
		life.stop()
		if n := len(s.receiver.Attempts()); n != before {
			t.Errorf("%d sends while paused, over a restart", n-before)
		}
		s.undo(done)
		life = s.start()
		time.Sleep(time.Minute)
		life.stop()
		s.settled()
	})
}

// TestParkedUntilResumed: neither a restart nor a reload resumes what was parked; a person does, and the daemon sends at once.
func TestParkedUntilResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 56, Plain: true})
		s.seek.AddHistory(20, 48*time.Hour)
		var fired bool
		s.trap.Store(&trap{fault: simulator.ReceiverFault{Status: http.StatusGone}, fired: &fired})
		life := s.start()
		time.Sleep(10 * time.Minute)
		life.stop()
		life = s.start()
		time.Sleep(time.Hour)
		life.next <- s.cfg
		time.Sleep(time.Hour)
		if n := s.count("SELECT count(*) FROM destinations WHERE name = 'ats' AND state = 'parked'"); n != 1 || !fired {
			t.Fatal("the destination is not parked any more")
		}
		life.refused("destinations pause", admin.DestinationArgs{Destination: "ats"}, http.StatusConflict, "parked already")
		life.previewed("destinations resume", admin.DestinationArgs{Destination: "ats"})
		time.Sleep(time.Minute)
		life.stop()
		s.check(true)
	})
}

// TestDeedsByHand: what a person sees who forgets the reason, or goes past a running daemon.
func TestDeedsByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 57, Plain: true})
		s.seek.AddHistory(20, 48*time.Hour)
		life := s.start()
		time.Sleep(10 * time.Minute)
		before := s.dump()
		if code, _, stderr := s.types("destinations pause ats --yes --reason x"); code != exitFailed || !strings.Contains(stderr, "in use by process") {
			t.Errorf("beside a running daemon it ended with %d: %s", code, stderr)
		}
		life.stop()
		for _, line := range []string{"destinations pause ats --yes", "deliveries discard --destination ats --yes", "deliveries retry --all-dead --yes --reason x",
			"deliveries retry --destination ats --since tomorrow", "events replay --yes --reason x"} {
			if code, stdout, stderr := s.types(line); code != exitUsage || stdout != "" {
				t.Errorf("%s ended with %d: %s", line, code, stderr)
			}
		}
		if code, _, stderr := s.types("events replay --destination ats"); code != exitFailed || !strings.Contains(stderr, "--config FILE") {
			t.Errorf("a replay without the config ended with %d: %s", code, stderr)
		}
		if s.dump() != before {
			t.Error("something was changed")
		}
		person := s.text("SELECT candidate_id FROM events WHERE candidate_id IS NOT NULL LIMIT 1")
		l := s.start()
		seen, _ := l.previewed("events replay", admin.ReplayArgs{Destination: "ats", Chosen: admin.Chosen{Candidate: person}})
		record := s.text("SELECT selector FROM actions ORDER BY id DESC LIMIT 1")
		if !strings.HasPrefix(record, "--destination ats --candidate sha256:") || strings.Contains(record, person) || seen.Rows == 0 || seen.Rows == 20 {
			t.Errorf("%d events replayed, the record says %q", seen.Rows, record)
		}
		l.refused("deliveries discard", admin.DeliveryArgs{Chosen: admin.Chosen{Candidate: person + "x"}}, http.StatusConflict, "no delivery is chosen")
		l.stop()
	})
}
