package main

import (
	"database/sql"
	"time"

	"seekpoller/internal/simulator"
)

// stillOwed are the deliveries that should be made by now. One that was refused three times while nothing else was accepted is tried until another event shows who is wrong. A receiver that refuses data is asked slowly, and parked, so that
// a person looks: what it is owed takes its time. ?1 is now, by the machine's clock: that of older attempts may have been far ahead.
const stillOwed = ` FROM outbox o JOIN destinations d ON d.name = o.destination JOIN events e ON e.seq = o.seq WHERE o.due_at IS NOT NULL AND d.state = 'active' AND e.unreadable IS NULL
	AND NOT (o.refusals >= 3 AND (d.last_success_at IS NULL OR d.last_success_at <= o.first_attempt_at))
	AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.destination = d.name AND a.status IN (400, 422)
	  AND a.ended_at BETWEEN strftime('%Y-%m-%dT%H:%M:%S', ?1, '-1 day') AND ?1)`

// settled says that SEEK is caught up with and nothing is owed to anybody who takes it. With told it must be so.
func (s *swarm) settled(told bool) bool {
	db := s.open()
	defer db.Close()
	behind := s.number(db, "SELECT count(*) FROM cursors WHERE ended_at IS NULL AND (kind <> 'live' OR state <> 'caught up' OR last_error IS NOT NULL)")
	owed := s.number(db, "SELECT count(*)"+stillOwed, s.wall())
	stored := len(s.compare(db).Lost)
	if told {
		s.holds("L4 recovery", behind == 0 && stored == 0, "%d cursors are behind, %d events are not stored: %s", behind, stored, s.late(db))
		s.holds("L5 leases", owed == 0, "%d deliveries are still owed at %v: %s", owed, s.now().Wall, s.owed(db))
	}
	return behind+owed+stored == 0
}

// wall is the machine's clock as the database writes it.
func (s *swarm) wall() string { return s.now().Wall.UTC().Format("2006-01-02T15:04:05.000Z") }

// owed says of a few deliveries why they are still owed.
func (s *swarm) owed(db *sql.DB) (text string) {
	if err := db.QueryRow(`SELECT coalesce(json_group_array(json_array(seq, destination, due_at, attempts, spent, refusals, first_attempt_at, last_status, kind, failures, not_before, last_success_at)), '')
		FROM (SELECT o.*, d.kind, d.failures, d.not_before, d.last_success_at`+stillOwed+` LIMIT 10)`, s.wall()).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// late says of cursors how they stand.
func (s *swarm) late(db *sql.DB) (text string) {
	if err := db.QueryRow(`SELECT json_group_array(json_array(id, stream, kind, state, last_error_kind, last_error, next_query_at, wait_ms, since, until, position, types))
		FROM cursors WHERE ended_at IS NULL AND (kind <> 'live' OR state <> 'caught up' OR last_error IS NOT NULL)`).Scan(&text); err != nil {
		s.t.Fatal(err)
	}
	return text
}

// stored is how often each event is stored.
func (s *swarm) stored(db *sql.DB) map[string]int {
	all := map[string]int{}
	rows := s.rows(db, "SELECT id FROM events WHERE type <> 'missing'")
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			s.t.Fatal(err)
		}
		all[id]++
	}
	return all
}

// checkWhole looks at the whole run, at its end: what SEEK owed is stored, and where nothing was wrong nothing was late.
func (s *swarm) checkWhole(db *sql.DB, log []simulator.Query) {
	c := s.compare(db)
	for _, id := range c.Lost {
		s.holds("I3 record", false, "event %s was never stored", id)
	}
	for _, id := range c.Invented {
		s.holds("I3 record", false, "event %s is SEEK's not", id)
	}
	s.held = s.tokenWaits()
	s.checkBacklog(log)
	s.checkTurns(log)
	s.checkLatency(log)
}

// checkBacklog: in each hour in which SEEK had more all the time, and nothing happened.
func (s *swarm) checkBacklog(log []simulator.Query) {
	more, slots := hadMore(log), s.slotsAnHour()
	until := 0 // the first query after the hour
	idle := -1 // the last query before it that left nothing to ask for
	for i, q := range log {
		end := q.Arrived.Add(time.Hour)
		for ; until < len(log) && log[until].Arrived.Before(end); until++ {
			if !more[until] {
				idle = until
			}
		}
		if idle >= i || end.After(s.seekNow()) || !s.calm(q.Arrived.Add(-time.Minute), end) || s.held.has(q.Arrived) {
			continue
		}
		s.holds("L1 backlog", until-i >= slots, "%d of %d queries in the hour from %v", until-i, slots, q.Arrived.Sub(s.begin))
		if slots == 58 {
			s.tally.worst = least(s.tally.worst, until-i)
		}
	}
}

// hadMore says of each query if after it some stream was known to have more.
func hadMore(log []simulator.Query) []bool {
	more := make([]bool, len(log))
	open := map[string]bool{} // live streams whose last page was not the last
	for i, q := range log {
		if q.Answered && q.Until == "" {
			delete(open, q.Stream)
			if q.HasNext {
				open[q.Stream] = true
			}
		}
		more[i] = q.Answered && len(open) > 0
	}
	return more
}

// checkTurns: while every stream has more, each is asked once in as many queries as there are streams.
func (s *swarm) checkTurns(log []simulator.Query) {
	streams := len(s.plan.streams)
	for i := range log {
		turns := map[string]bool{}
		j := i
		for ; j < len(log) && j < i+streams && log[j].HasNext && log[j].Answered && log[j].Until == ""; j++ {
			turns[log[j].Stream] = true
		}
		more := j-i == streams && s.allHadMore(log[:i], log[i].Arrived.Add(-s.plan.period-quietLaw))
		if !more || s.restored || s.held.has(log[i].Arrived) || !s.calm(log[i].Arrived.Add(-quietLaw-time.Minute), log[j-1].Ended) {
			continue
		}
		s.holds("L3 fairness", len(turns) == streams, "only %d of %d streams were asked in turn from query %d on", len(turns), streams, log[i].N)
	}
}

// allHadMore says that no stream was told of late that there is no more. One that was not asked since, which is longer than its schedule rests, is due as well.
func (s *swarm) allHadMore(log []simulator.Query, since time.Time) bool {
	told := map[string]bool{}
	for i := len(log) - 1; i >= 0 && log[i].Arrived.After(since) && len(told) < len(s.plan.streams); i-- {
		q := log[i]
		if q.Until != "" || told[q.Stream] {
			continue
		}
		if !q.Answered || !q.HasNext { // the former: it is in a back-off
			return false
		}
		told[q.Stream] = true
	}
	return true
}
