package main

import (
	"database/sql"
	"encoding/json"
	"strings"
	"time"

	"seekpoller/internal/simulator"
)

const (
	slotLaw  = time.Minute
	quietLaw = 15 * time.Minute
)

var clockChanges = []string{"step", "suspend", "reboot"}

// checkQueries judges what SEEK saw since the last look, by SEEK's clock alone.
func (s *swarm) checkQueries(db *sql.DB, log []simulator.Query) {
	for i := s.queries; i < len(log); i++ {
		q := log[i]
		if i > 0 {
			gap := q.Arrived.Sub(log[i-1].Arrived)
			s.holds("I1 spacing", gap >= slotLaw, "query %d came %v after the one before", q.N, gap)
			if s.near(log[i-1].Arrived, q.Arrived, clockChanges...) {
				s.holds("I25 clock shifts", gap >= slotLaw, "query %d came %v after the one before", q.N, gap)
			}
		}
		s.noteRepeats(s.askedLast[q.Stream], q)
		s.askedLast[q.Stream] = q
		if last, ok := s.last[q.Stream]; ok {
			since := q.Arrived.Sub(last.Ended)
			s.holds("I2 quiet", since >= quietLaw, "query %d came %v after the last page of %q", q.N, since, q.Stream)
			if s.near(last.Ended, q.Arrived, clockChanges...) {
				s.holds("I25 clock shifts", since >= quietLaw, "query %d came %v after the last page of %q", q.N, since, q.Stream)
			}
		}
		if q.Answered {
			delete(s.last, q.Stream)
		}
		if q.Answered && !q.HasNext && s.kept[q.RequestID] {
			s.last[q.Stream] = q
		}
		if strings.HasPrefix(q.Fault, "429") || q.Fault == "503" || q.Fault == "rate-limited" {
			s.reach("Retry-After longer than a slot")
		}
	}
	s.holds("I1 spacing", s.number(db, "SELECT count(*) FROM hurries") == 0, "the ledger has hurries")
}

func (s *swarm) noteRepeats(before, q simulator.Query) {
	if before.N == 0 || before.After != q.After {
		return
	}
	if before.Answered && before.HasNext && before.EndCursor != before.After {
		s.reach("page asked again")
	}
	if before.Fault == "401" || before.Fault == "expired-token" {
		s.reach("repeat after a refused token")
	}
}

// served is a page as it went over the wire.
type served struct {
	Data map[string]struct {
		Edges []struct{ Node json.RawMessage }
	}
}

// checkPages: what a kept page served is there, byte for byte, and nothing of a page that was not kept.
func (s *swarm) checkPages(db *sql.DB, pages []page) {
	s.mutex.Lock()
	bodies := s.bodies
	s.bodies = map[string][]byte{}
	s.mutex.Unlock()
	one, err := db.Prepare("SELECT coalesce(node, ''), query_id, node IS NULL FROM events WHERE id = ?")
	if err != nil {
		s.t.Fatal(err)
	}
	defer one.Close()
	for _, p := range pages {
		n := s.number(db, "SELECT count(*) FROM events WHERE query_id = ?", p.id)
		s.holds("I5 atomic page", n == p.fresh, "query %d brought %d events, its row says %d", p.id, n, p.fresh)
		s.checkServed(one, p, bodies[p.request])
		s.ledger = max(s.ledger, p.id)
	}
	n := s.number(db, "SELECT count(*) FROM events e JOIN queries q ON q.id = e.query_id WHERE q.outcome IS NOT 'answered' AND e.seq > ?", s.seq-1000)
	s.holds("I5 atomic page", n == 0, "%d events are of pages that were not kept", n)
	s.holds("I13 honest gaps", s.number(db, "SELECT count(*) FROM gaps") == 0, "the ledger has gaps")
}

func (s *swarm) checkServed(one *sql.Stmt, p page, body []byte) {
	var page served
	if json.Unmarshal(body, &page) != nil {
		s.t.Errorf("query %d was answered, but what came was no page: %.100s", p.id, body)
		return
	}
	twice := map[string]bool{} // the first counts
	for _, events := range page.Data {
		for _, edge := range events.Edges {
			var head struct{ ID struct{ Value string } }
			if len(edge.Node) == 0 || json.Unmarshal(edge.Node, &head) != nil || head.ID.Value == "" || twice[head.ID.Value] {
				continue // only its place was asked for, or it is there again
			}
			twice[head.ID.Value] = true
			var node string
			var query int64
			var emptied bool
			err := one.QueryRow(head.ID.Value).Scan(&node, &query, &emptied)
			s.holds("I3 record", err == nil && (emptied || query != p.id || node == string(edge.Node)), "event %s of query %d: %v, %q", head.ID.Value, p.id, err, node)
		}
	}
}

// checkCursors: each stands where SEEK's last kept page ended. A page that led in a circle was not followed.
func (s *swarm) checkCursors(db *sql.DB) {
	rows := s.rows(db, "SELECT id, coalesce(position, ''), coalesce((SELECT group_concat(request_id) FROM (SELECT request_id FROM queries q WHERE q.cursor_id = c.id AND outcome = 'answered' ORDER BY q.id DESC LIMIT 20)), '') FROM cursors c WHERE ended_at IS NULL")
	defer rows.Close()
	for rows.Next() {
		var id int64
		var position, requests string
		if err := rows.Scan(&id, &position, &requests); err != nil {
			s.t.Fatal(err)
		}
		for _, request := range strings.Split(requests, ",") {
			q, known := s.byRequest[request]
			if !known {
				break
			}
			if q.EndCursor == "" || q.Fault == "circle" || q.Fault == "stuck-cursor" {
				continue
			}
			s.holds("I4 cursor", position == q.EndCursor, "cursor %d stands at %q, its last page ended at %q", id, position, q.EndCursor)
			break
		}
	}
}
