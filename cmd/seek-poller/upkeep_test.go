package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
	"seekpoller/store"
)

const day = 24 * time.Hour

// verified is what `verify` says to somebody who asks the daemon.
func (l *life) verified() admin.VerifyReport {
	l.site.t.Helper()
	var report admin.VerifyReport
	if err := admin.Within(l.daemon.admin.Inside("tester (uid 1)")).Get(context.Background(), "/api/v1/verify", nil, &report); err != nil {
		l.site.t.Fatalf("verify: %v", err)
	}
	for _, c := range report.Checks {
		if c.Result != "ok" {
			l.site.t.Errorf("verify: %s is %s: %q %s", c.Name, c.Result, c.Found, c.Why)
		}
	}
	return report
}

// ages reads the age in days of the oldest row of each kind; -1: there is none.
func (s *site) ages() map[string]int {
	s.t.Helper()
	now := "'" + time.Now().UTC().Format(time.RFC3339) + "'"
	ages := map[string]int{}
	for kind, oldest := range map[string]string{
		"payload": "SELECT min(received_at) FROM events WHERE node IS NOT NULL",
		"event":   "SELECT min(received_at) FROM events",
		"query":   "SELECT min(sent_at) FROM queries",
		"attempt": "SELECT min(started_at) FROM attempts",
		"tally":   "SELECT min(hour) || ':00:00Z' FROM tallies",
	} {
		ages[kind] = s.count("SELECT coalesce(cast(julianday(" + now + ") - julianday((" + oldest + ")) AS INTEGER), -1)")
	}
	return ages
}

// A daemon runs for 500 days with personal data. What is older than it may be is gone, what somebody still waits for is not until it is
// settled, the ledger stays a chain, and SEEK is asked no later than ever.
func TestRetentionOverFiveHundredDays(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Plain: true})
		s.cfg.Streams[0].Details = true
		if err := s.cfg.Streams[0].Schedule.UnmarshalText([]byte("0 6 */3 * *")); err != nil {
			t.Fatal(err)
		}
		s.cfg.Retention = config.Retention{Payloads: config.Duration(90 * day), Records: config.Duration(400 * day)}
		paused := config.Destination{Name: "paused", EventTypes: []string{"HirerRelationshipChanged"}, Webhook: s.cfg.Destinations[0].Webhook}
		s.cfg.Destinations = append(s.cfg.Destinations, paused)

		life := s.start()
		s.exec("UPDATE destinations SET state = 'paused' WHERE name = 'paused'")
		first := s.seek.AddEvents(simulator.Spec{Type: "HirerRelationshipChanged"})[0]
		for range 150 {
			s.seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated"}, simulator.Spec{Type: "CandidateProfilePurchased"})
			time.Sleep(3 * day)
		}
		life.verified()
		if n := s.count("SELECT count(*) FROM events WHERE node IS NOT NULL AND id = '" + first + "'"); n != 1 {
			t.Error("an event that is still owed has lost its payload")
		}
		if n := s.count("SELECT count(*) FROM events WHERE node IS NOT NULL"); n > 2*31+1 {
			t.Errorf("%d payloads are kept", n)
		}
		if n := s.count("SELECT count(*) FROM queries WHERE sent_at < (SELECT received_at FROM events ORDER BY seq LIMIT 1)"); n != 0 {
			t.Errorf("%d queries before the oldest event", n)
		}

		_, err := life.daemon.store.Discard(t.Context(), store.Deed{Actor: "tester", Verb: "deliveries discard", Reason: "too old", At: s.now().Wall},
			store.DeliveryChoice{Destinations: []string{"paused"}, States: []string{store.Owed}})
		if err != nil {
			t.Fatal(err)
		}
		for range 25 {
			s.seek.AddEvents(simulator.Spec{Type: "CandidateApplicationCreated"})
			time.Sleep(2 * day)
		}
		if n := s.count("SELECT count(*) FROM events WHERE node IS NULL AND id = '" + first + "'"); n != 1 {
			t.Error("an event that was settled of late is not kept without its payload")
		}
		life.verified()
		life.stop()
		s.exec("UPDATE outbox SET discarded_at = created_at WHERE discarded_at IS NOT NULL")
		life = s.start()
		time.Sleep(time.Minute)
		for kind, age := range s.ages() {
			want := 400
			if kind == "payload" {
				want = 90
			}
			if age > want+1 || age < want-3 {
				t.Errorf("the oldest %s is of %d days ago, want about %d", kind, age, want)
			}
		}
		life.verified()
		life.stop()
		for _, v := range s.seek.Report().Violations {
			t.Errorf("SEEK saw a broken rule: %+v", v)
		}
		if n := s.seek.Report().Answered; n < 160 {
			t.Errorf("SEEK answered %d queries in 500 days, want one in three days", n)
		}
		s.checkSecrets()
	})
}
