package main

import (
	"database/sql"
	"slices"

	"seekpoller/internal/simulator"
)

// looked is what the checkers remember from one look to the next. What a restored backup takes back, they forget.
type looked struct {
	queries   int                        // of SEEK's log, judged
	breaches  int                        // of SEEK's report, told
	byRequest map[string]simulator.Query // of SEEK's log
	kept      map[string]bool            // queries whose page was ever committed
	last      map[string]simulator.Query // by stream: the last page that was kept, until another page
	askedLast map[string]simulator.Query // by stream, the last query
	ledger    int64                      // queries of the ledger, judged
	seq       int64                      // events, judged
	crashed   bool                       // since the last look
	restored  bool                       // ever
	perTarget map[string]*taken
	allowed   map[string]bool // hosts
	tokens    int             // of SEEK's, seen
	held      spans           // see tokenWaits
	order     map[string]arrival
}

func newLooked() looked {
	return looked{byRequest: map[string]simulator.Query{}, kept: map[string]bool{}, last: map[string]simulator.Query{}, askedLast: map[string]simulator.Query{}, perTarget: map[string]*taken{}, order: map[string]arrival{}, allowed: map[string]bool{"seek.test:80": true}}
}

// page is a query of the ledger that was answered since the last look.
type page struct {
	id                     int64
	request, before, after string
	fresh, known, clash    int
}

// check evaluates every invariant that applies while no daemon runs.
func (s *swarm) check(final bool) {
	s.t.Helper()
	db := s.open()
	defer db.Close()
	log := s.seek.Queries()
	for _, q := range log[s.queries:] {
		s.byRequest[q.RequestID] = q
	}
	pages := s.newPages(db)
	s.checkQueries(db, log)
	s.checkPages(db, pages)
	s.checkCursors(db)
	s.checkOutbox(db)
	s.checkTargets(db, final)
	s.checkFiles()
	s.checkLog()
	s.checkActions(db)
	if s.crashed {
		s.checkCrash(db)
	}
	s.crashed = false
	s.queries = len(log)
	if len(log) > 0 && log[len(log)-1].Ended.IsZero() {
		s.queries-- // its end is not known yet
	}
	s.checkBreaches()
	if final {
		s.checkWhole(db, log)
	}
}

// setBack forgets what a restored database does not know.
func (s *swarm) setBack() {
	db := s.open()
	defer db.Close()
	var deeds int64
	if err := db.QueryRow("SELECT (SELECT coalesce(max(id), 0) FROM queries), (SELECT coalesce(max(seq), 0) FROM events), (SELECT coalesce(max(id), 0) FROM actions)").
		Scan(&s.ledger, &s.seq, &deeds); err != nil {
		s.t.Fatal(err)
	}
	s.arrivals.first, s.arrivals.taken, s.restored = s.ledger, 0, true
	for id := range s.deeds {
		if id > deeds {
			delete(s.deeds, id)
		}
	}
	s.epochs = slices.DeleteFunc(s.epochs, func(e epoch) bool { return e.from > s.seq })
	for i := range s.epochs {
		s.epochs[i].to = min(s.epochs[i].to, s.seq)
	}
	s.epochs = append(s.epochs, epoch{from: s.seq + 1, to: 1 << 60, cfg: s.cfg})
}

func (s *swarm) rows(db *sql.DB, query string, args ...any) *sql.Rows {
	s.t.Helper()
	rows, err := db.Query(query, args...)
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return rows
}

func (s *swarm) number(db *sql.DB, query string, args ...any) (n int) {
	s.t.Helper()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (s *swarm) newPages(db *sql.DB) (pages []page) {
	rows := s.rows(db, "SELECT id, request_id, coalesce(cursor_before, ''), coalesce(cursor_after, ''), fresh, known, conflicts FROM queries WHERE outcome = 'answered' AND id > ? ORDER BY id", s.ledger)
	defer rows.Close()
	for rows.Next() {
		var p page
		if err := rows.Scan(&p.id, &p.request, &p.before, &p.after, &p.fresh, &p.known, &p.clash); err != nil {
			s.t.Fatal(err)
		}
		s.kept[p.request] = true
		pages = append(pages, p)
		if p.known > 0 {
			s.reach("known event dropped")
		}
		if p.clash > 0 {
			s.reach("conflict recorded")
		}
	}
	return pages
}
