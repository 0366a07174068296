package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"seekpoller/internal/admin"
)

// deed lets a person do something to the running daemon, sensible or not.
func (s *swarm) deed() {
	stream := s.plan.streams[s.rng.IntN(len(s.plan.streams))].Name
	dest := s.someDestination()
	switch s.rng.IntN(12) {
	case 0:
		s.doDeed("cursors rewind", "rewind", s.drawRewind(stream))
	case 1:
		s.doDeed("events replay", "replay", admin.ReplayArgs{Destination: dest, Rate: 1 + s.rng.IntN(1000)})
	case 2:
		s.retryDead(dest)
	case 3:
		s.doDeed("deliveries retry", "", admin.DeliveryArgs{Destination: dest})
	case 4:
		s.doDeed("deliveries discard", "discard", admin.DeliveryArgs{Destination: dest, State: []string{"owed", "dead"}[s.rng.IntN(2)]})
	case 5, 6:
		if s.doDeed("destinations pause", "destination paused", admin.DestinationArgs{Destination: dest}) {
			s.paused[dest] = true
		}
	case 7:
		s.doDeed("destinations resume", "", admin.DestinationArgs{Destination: dest})
	case 8:
		now := s.now().Wall.Truncate(time.Second)
		s.doDeed("backfill start", "backfill", admin.StretchArgs{Stream: stream, From: admin.Time{Time: now.Add(-time.Duration(1+s.rng.IntN(30)) * time.Hour)},
			To: admin.Time{Time: now.Add(-time.Duration(s.rng.IntN(3600)) * time.Second)}, Deliver: [][]string{{"all"}, {"none"}}[s.rng.IntN(2)]})
	case 9:
		s.doDeed("backfill cancel", "", admin.CancelArgs{ID: int64(s.count("SELECT coalesce(max(id), 1) FROM cursors WHERE kind <> 'live' AND ended_at IS NULL"))})
	case 10:
		s.doDeed("reconcile", "reconciliation", admin.ReconcileArgs{Stream: stream, Window: "24h"})
	case 11:
		s.purge()
	}
}

func (s *swarm) someDestination() string {
	if len(s.cfg.Destinations) == 0 {
		return "nobody"
	}
	return s.cfg.Destinations[s.rng.IntN(len(s.cfg.Destinations))].Name
}

func (s *swarm) drawRewind(stream string) admin.RewindArgs {
	a := admin.RewindArgs{Stream: stream}
	switch s.rng.IntN(3) {
	case 0:
		a.ToTime = admin.Time{Time: s.now().Wall.Add(-time.Duration(s.rng.IntN(48)) * time.Hour).Truncate(time.Second)}
	case 1:
		a.ToQuery = int64(s.count("SELECT coalesce(max(q.id), 1) FROM queries q JOIN cursors c ON c.id = q.cursor_id WHERE c.stream = '" + stream + "' AND q.id % 7 = 0"))
	default:
		a.ToCursor = int64(s.count("SELECT coalesce(max(id), 1) FROM cursors WHERE stream = '" + stream + "' AND kind = 'live' AND ended_at IS NOT NULL"))
	}
	return a
}

// doDeed does it if it can be done, and holds that the record has it. A refusal in words is no failure.
func (s *swarm) doDeed(verb, state string, args any) bool {
	done, err := s.live.asker().Do(context.Background(), verb, admin.Order{Yes: true, Reason: "seed " + fmt.Sprint(s.seed)}, args)
	var e *admin.Error
	if errors.As(err, &e) && e.Status < 500 {
		return false
	}
	if err != nil || done.Action == 0 {
		s.t.Errorf("%v: %s %+v: %v", s.elapsed(), verb, args, err)
		return false
	}
	s.note(verb)
	s.deeds[done.Action] = verb
	if state != "" {
		s.reach(state)
	}
	return true
}

func (s *swarm) retryDead(dest string) {
	dead := s.count("SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL AND destination = '" + dest + "'")
	if s.doDeed("deliveries retry", "", admin.DeliveryArgs{Destination: dest, State: "dead"}) && dead > 0 {
		s.reach("dead letter retried")
	}
}

// purge erases somebody. What was settled leaves no byte; what is still owed goes once it is settled.
func (s *swarm) purge() {
	candidate := s.text("SELECT coalesce((SELECT candidate_id FROM events WHERE candidate_id IS NOT NULL AND purge IS NULL ORDER BY seq DESC LIMIT 1), '')")
	if candidate == "" {
		return
	}
	owed := s.count("SELECT count(*) FROM outbox o JOIN events e USING (seq) WHERE (o.due_at IS NOT NULL OR o.dead_at IS NOT NULL) AND e.candidate_id = '" + candidate + "'")
	done, err := s.live.asker().Do(context.Background(), "purge", admin.Order{Yes: true, Reason: "asked to"}, admin.PurgeArgs{Candidate: candidate})
	if err != nil {
		s.t.Errorf("%v: purge: %v", s.elapsed(), err)
		return
	}
	s.note("purge")
	s.deeds[done.Action] = "purge"
	s.reach("purge")
	if owed == 0 && len(done.Says) > 0 && strings.Contains(strings.Join(done.Says, " "), "no byte") {
		s.holds("I29 erasure", s.bytesOf(candidate) == 0, "the candidate is still in the database")
	}
}

// resumeAll is what a person does in the end: whatever was paused or parked goes on.
func (s *swarm) resumeAll() {
	for _, d := range s.cfg.Destinations {
		if s.count("SELECT count(*) FROM destinations WHERE state IN ('paused', 'parked') AND name = '"+d.Name+"'") > 0 {
			s.doDeed("destinations resume", "", admin.DestinationArgs{Destination: d.Name})
		}
	}
}
