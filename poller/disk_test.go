package poller_test

import (
	"database/sql"
	"sync"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// holder is somebody who holds the database's write lock, as a person with a shell can. While it does, each write of the poller fails after
// SQLite's busy time-out: five seconds that are real, because SQLite does not know of the bubble. A full disk is the same to the poller
// (store.Temporary).
type holder struct {
	w    *world
	mu   sync.Mutex // guards db
	db   *sql.DB    // nil: the lock is free
	then func()     // what else happens when the lock is given back; may be nil
}

// holdUntil gives the lock back when the poller logs that line.
func (w *world) holdUntil(line string) *holder {
	h := &holder{w: w}
	w.onLog = func(got string) {
		if got == line {
			h.release()
		}
	}
	return h
}

func (h *holder) hold() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.db = h.w.shell()
	if _, err := h.db.Exec("BEGIN IMMEDIATE"); err != nil {
		h.w.t.Errorf("hold the lock: %v", err)
	}
}

func (h *holder) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.db == nil {
		return
	}
	if _, err := h.db.Exec("ROLLBACK"); err != nil {
		h.w.t.Errorf("give the lock back: %v", err)
	}
	h.db.Close()
	h.db = nil
	if h.then != nil {
		h.then()
	}
}

// atQuery holds the lock from the arrival of the nth query on, which then gets that fault.
func (h *holder) atQuery(n int, fault simulator.Fault) {
	h.w.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind != "events" || r.N != n {
			return simulator.Fault{}
		}
		h.hold()
		return fault
	})
}

// TestPageOutlastsALockedDatabase: a page in hand is kept and saved later, with no query in between, and the exchange ended when it ended.
func TestPageOutlastsALockedDatabase(t *testing.T) {
	t.Parallel()
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		w.holdUntil("page not saved yet; it is kept and tried again").atQuery(1, simulator.Fault{})
		l := w.start()
		time.Sleep(4 * time.Second)
		w.stored(0)
		time.Sleep(2 * time.Second)
		w.stored(100)
		time.Sleep(10 * time.Minute)
		l.stop()
		w.asked("0s", "1m0.2s")
		w.stored(150)
	})
}

// TestPageInHandAtTheEnd: the end does not wait for a lock. The page was never applied, so it is asked for again.
func TestPageInHandAtTheEnd(t *testing.T) {
	t.Parallel()
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.open = 1
		w.seek.Add(150)
		h := w.holdUntil("")
		h.atQuery(1, simulator.Fault{})
		l := w.start()
		time.Sleep(time.Second)
		l.cancel()
		w.must(<-l.done)
		if took := time.Since(w.begin); took != time.Second {
			t.Errorf("the end came after %v, want 1s", took)
		}
		h.release()
		w.must(l.store.Close())
		w.outcomes("")
		w.live(5 * time.Minute)
		w.asked("0s", "1m30.2s", "2m30.4s")
		w.stored(150)
	})
}

// TestNoQueryWhileNothingCanBeWritten: a page that could not be stored is not asked for; soon after the lock is free it is.
func TestNoQueryWhileNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		h := w.holdUntil("no query is made while the database cannot be written")
		l := w.start()
		time.Sleep(30 * time.Second)
		h.hold()
		time.Sleep(5 * time.Minute)
		l.stop()
		w.asked("0s", "1m5.2s")
		w.stored(150)
	})
}

// TestFailureOutlastsALockedDatabase: the same for the record of a query that brought nothing.
func TestFailureOutlastsALockedDatabase(t *testing.T) {
	t.Parallel()
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.seek.Add(150)
		w.holdUntil("database cannot be written").atQuery(1, w.fault("500"))
		w.live(5 * time.Minute)
		w.asked("0s", "1m0.2s", "2m0.4s")
		w.outcomes("transient", "answered", "answered")
	})
}

// closed is the ledger row of query 1 as a commit leaves it that held although it said otherwise.
const closed = `UPDATE queries SET ended_at = sent_at, ended_boot_ms = sent_boot_ms, status = 200, events = 0, fresh = 0, known = 0, conflicts = 0`

// TestCommitThatHeldAfterAll: an error was heard of a commit, but the row is closed. That is no reason to end, nor to do it again.
func TestCommitThatHeldAfterAll(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault, line, closed string
	}{
		"page":    {"", "page not saved yet; it is kept and tried again", closed + ", outcome = 'answered', more = 0"},
		"failure": {"500", "database cannot be written", closed + ", status = 500, outcome = 'transient', error = 'held'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, simulator.Options{Plain: true}, func(w *world) {
				h := w.holdUntil(c.line)
				h.then = func() {
					w.exec(c.closed)
					w.exec("UPDATE cursors SET state = 'caught up', caught_up_at = created_at, wait_ms = 903000, wait_from = created_at, wait_boot_ms = 3600000, wait_boot_id = 'first boot'")
				}
				fault := simulator.Fault{}
				if c.fault != "" {
					fault = w.fault(c.fault)
				}
				h.atQuery(1, fault)
				w.live(20 * time.Minute)
				w.asked("0s", "15m3s")
				w.says("all", store.CaughtUp, "", "")
			})
		})
	}
}

// TestCursorThatEndsUnderTheQuery: a backfill that is cancelled gets no page any more, and nothing else stops.
func TestCursorThatEndsUnderTheQuery(t *testing.T) {
	const end = "UPDATE cursors SET state = 'ended', ended_at = '2000-01-01T00:01:01.000Z' WHERE kind = 'backfill'"
	start := func(w *world) *life {
		w.seek.AddHistory(150, time.Hour)
		l := w.start()
		time.Sleep(time.Second)
		w.exec(`INSERT INTO cursors (stream, kind, state, until, fingerprint, created_at)
			VALUES ('all', 'backfill', 'new', '1999-12-31T23:50:00.000Z', 'as configured', '2000-01-01T00:00:00.000Z')`)
		return l
	}
	t.Run("before its slot", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			w.streams[0].StartNow = true // one page, then quiet: the backfill is next
			readings := 0
			w.onClock = func() {
				if time.Since(w.begin) < minute {
					return
				}
				if readings++; readings == 2 { // the first one sees that there is work, the second one chooses
					w.exec(end)
				}
			}
			l := start(w)
			time.Sleep(20 * time.Minute)
			l.stop()
			w.asked("0s", "15m3s")
		})
	})
	t.Run("before its answer", func(t *testing.T) {
		inBubble(t, simulator.Options{Plain: true}, func(w *world) {
			w.streams[0].StartNow = true
			w.dropped = 1
			l := start(w)
			w.seek.Fault(func(r simulator.Request) simulator.Fault {
				if r.Kind == "events" && r.N == 2 {
					w.exec(end)
				}
				return simulator.Fault{}
			})
			time.Sleep(20 * time.Minute)
			l.stop()
			w.asked("0s", "15m0s", "16m0.2s") // a tick wakes the loop
			w.outcomes("answered", "transient", "answered")
		})
	})
}
