package main

import (
	"database/sql"
	"sync"

	"seekpoller/internal/simulator"
)

// door looks into the database at the moment at which a request arrives somewhere: what must be durable by then is there.
type door struct {
	mu    sync.Mutex // guards what follows
	db    *sql.DB
	first int64 // the last query before this life
	taken int64 // the last query before a config was taken over: a page that could not be stored then is let go
}

// open is the database as anybody can read it beside the daemon.
func (s *swarm) open() *sql.DB {
	db, err := sql.Open("sqlite3", "file:"+s.cfg.Database+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}

func (a *door) begin(s *swarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.db = s.open()
}

func (a *door) end(s *swarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.db.QueryRow("SELECT coalesce(max(id), 0) FROM queries").Scan(&a.first); err != nil {
		s.t.Errorf("read the last query: %v", err)
	}
	a.db.Close()
	a.db = nil
}

// takesOver notes where the ledger stands as a config is taken over.
func (a *door) takesOver(s *swarm) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.db.QueryRow("SELECT coalesce(max(id), 0) FROM queries").Scan(&a.taken); err != nil {
		s.t.Errorf("read the last query: %v", err)
	}
}

// queryArrives: the slot is in the ledger, and the query before it is closed there.
func (s *swarm) queryArrives(r simulator.Request) {
	a := &s.arrivals
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.db == nil {
		return
	}
	rows, err := a.db.Query("SELECT id, request_id, ended_at IS NULL FROM queries WHERE id > ? ORDER BY id DESC LIMIT 2", a.first)
	if err != nil {
		s.t.Errorf("look at the ledger: %v", err)
		return
	}
	defer rows.Close()
	var ids []string
	var open []bool
	var oldest int64
	for rows.Next() {
		var id string
		var o bool
		if err := rows.Scan(&oldest, &id, &o); err != nil {
			s.t.Errorf("look at the ledger: %v", err)
		}
		ids, open = append(ids, id), append(open, o)
	}
	s.holds("I15 durability order", len(ids) > 0 && ids[0] == r.RequestID && open[0], "query %s is not the ledger's last open one", r.RequestID)
	if len(ids) > 1 && oldest > a.taken {
		s.holds("I26 fail loud", !open[1], "query %s was sent while the one before it is not closed", r.RequestID)
	}
}

// receiverAsked: the event is in the database before anybody hears of it.
func (s *swarm) receiverAsked(g *target, a simulator.Attempt) {
	at := &s.arrivals
	at.mu.Lock()
	defer at.mu.Unlock()
	if at.db == nil || len(a.IDs) == 0 {
		return
	}
	var n int
	err := at.db.QueryRow("SELECT count(*) FROM events WHERE id = ?", a.IDs[0]).Scan(&n)
	s.holds("I15 durability order", err == nil && n == 1, "%s heard of an event that is not stored: %v", g.name, err)
}
