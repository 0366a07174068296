package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// checkOutbox: each event that came in under one config is owed, or was, to each destination of it that takes it.
func (s *swarm) checkOutbox(db *sql.DB) {
	s.noteArrivals(db)
	for _, e := range s.epochs {
		from, to := max(e.from, s.seq+1), e.to
		for _, d := range e.cfg.Destinations {
			where, args := takes(d)
			args = append([]any{from, to, d.Name}, args...)
			n := s.number(db, `SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id JOIN cursors c ON c.id = q.cursor_id
				WHERE e.seq BETWEEN ?1 AND ?2 AND e.type <> 'missing' AND c.deliver IS NULL AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.seq = e.seq AND o.destination = ?3)`+where, args...)
			s.holds("I6 outbox complete", n == 0, "%d events are not owed to %s", n, d.Name)
		}
	}
	s.seq = int64(s.number(db, "SELECT coalesce(max(seq), 0) FROM events"))
	n := s.number(db, "SELECT count(*) FROM destinations WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL) OR dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)")
	s.holds("I6 outbox complete", n == 0, "%d destinations are counted wrong", n)
	if s.number(db, "SELECT count(*) FROM outbox WHERE dead_at IS NOT NULL") > 0 {
		s.reach("dead letter")
	}
	if s.number(db, "SELECT count(*) FROM destinations WHERE state = 'parked'") > 0 {
		s.reach("destination parked")
	}
}

// takes is a destination's filter, in SQL of our own.
func takes(d config.Destination) (where string, args []any) {
	for column, words := range map[string][]string{"e.type": d.EventTypes, "c.stream": d.Streams} {
		if len(words) > 0 {
			text, err := json.Marshal(words)
			if err != nil {
				panic(err) // a list of words
			}
			where += " AND " + column + " IN (SELECT value FROM json_each(?))"
			args = append(args, string(text))
		}
	}
	return where, args
}

// taken is what the checkers know of one destination's receiver.
type taken struct {
	seen     int // attempts, judged
	accepted map[string][]simulator.Attempt
	tried    map[string]simulator.Attempt // by event, the last attempt
	bodies   map[string]string            // by event, what was sent of it
	files    map[string]bool
	offset   int64
	unwell   []time.Time      // when it accepted nothing
	told     int              // violations
	events   map[string]int   // in files, by id
	first    map[string]int64 // by type, the newest event that it heard of
}

func (s *swarm) taken(name string) *taken {
	if s.perTarget[name] == nil {
		s.perTarget[name] = &taken{accepted: map[string][]simulator.Attempt{}, tried: map[string]simulator.Attempt{}, bodies: map[string]string{}, files: map[string]bool{}, events: map[string]int{}, first: map[string]int64{}}
	}
	return s.perTarget[name]
}

// checkTargets compares what receivers have with what the database says that they have.
func (s *swarm) checkTargets(db *sql.DB, final bool) {
	for name, g := range s.targets {
		t := s.taken(name)
		log := g.log()
		for _, a := range log[t.seen:] {
			s.checkAttempt(g, t, a)
		}
		t.seen = len(log)
		t.readFiles(s, g)
		s.checkDelivered(db, g, t, final)
	}
}

func (t *taken) has(id string) bool { return len(t.accepted[id]) > 0 || t.events[id] > 0 }

// checkDelivered: who is said to have an event has it. Only the newest are looked at, but for the last time.
func (s *swarm) checkDelivered(db *sql.DB, g *target, t *taken, final bool) {
	from := s.seq - 500
	if final {
		from = 0
	}
	rows := s.rows(db, "SELECT e.id FROM outbox o JOIN events e USING (seq) WHERE o.destination = ? AND o.delivered_at IS NOT NULL AND o.seq > ?", g.name, from)
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.t.Fatal(err)
		}
		s.holds("I7 at least once", t.has(id), "%s does not have %s", g.name, id)
	}
	if !s.crashed {
		return
	}
	rows = s.rows(db, "SELECT e.id FROM outbox o JOIN events e USING (seq) WHERE o.destination = ? AND o.due_at IS NOT NULL", g.name)
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.t.Fatal(err)
		}
		if t.has(id) {
			s.reach("crash between acceptance and record")
		}
	}
}

// readFiles reads as importers would: whole files, each once, and the lines that a program wrote.
func (t *taken) readFiles(s *swarm, g *target) {
	switch g.kind {
	case "directory":
		names, err := os.ReadDir(g.path)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, name := range names {
			if t.files[name.Name()] || strings.HasPrefix(name.Name(), ".") {
				continue
			}
			t.files[name.Name()] = true
			text, err := os.ReadFile(filepath.Join(g.path, name.Name()))
			if err != nil {
				s.t.Fatal(err)
			}
			id := t.note(s, g, text)
			s.holds("I8 stable key", t.events[id] == 1, "%s has %s in %d files", g.name, id, t.events[id])
		}
	case "exec":
		text, err := os.ReadFile(g.path)
		if err != nil {
			return // nothing was written yet
		}
		for line := range bytes.Lines(text[min(t.offset, int64(len(text))):]) {
			t.note(s, g, line)
		}
		t.offset = int64(len(text))
	}
}

func (t *taken) note(s *swarm, g *target, text []byte) string {
	var event struct{ ID string }
	if err := json.Unmarshal(text, &event); err != nil || event.ID == "" {
		s.t.Errorf("%s has something that is no event: %v, %.100q", g.name, err, text)
	}
	t.events[event.ID]++
	return event.ID
}
