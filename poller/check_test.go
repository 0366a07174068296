package poller_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// check is the invariant checker; each law ends with it. SEEK's own log shows no breach, the ledger says the same as that log, query by
// query, and what was answered is stored.
func (w *world) check() {
	w.t.Helper()
	report := w.seek.Report()
	for _, v := range report.Violations {
		w.t.Errorf("SEEK saw a broken rule: %+v", v)
	}
	if report.Doubtful+report.Repeats != 0 {
		w.t.Errorf("asked too early by a new process: %d, want 0; again although it had been answered: %d, want 0", report.Doubtful, report.Repeats)
	}
	w.reading(func(s *store.Store) {
		gaps, err := s.Gaps(context.Background())
		w.must(err)
		hurries, err := s.Hurries(context.Background())
		w.must(err)
		if len(gaps)+len(hurries) > 0 {
			w.t.Errorf("gaps %+v, hurries %+v, want none", gaps, hurries)
		}
	})
	w.checkLedger(w.seek.Queries(), w.ledger())
}

func (w *world) checkLedger(asked []simulator.Query, ledger []store.Query) {
	w.t.Helper()
	sent := slices.DeleteFunc(slices.Clone(ledger), func(row store.Query) bool {
		return !slices.ContainsFunc(asked, func(q simulator.Query) bool { return q.RequestID == row.RequestID })
	})
	if len(ledger)-len(sent) != w.unsent {
		w.t.Errorf("%d queries of the ledger were not sent, want %d", len(ledger)-len(sent), w.unsent)
	}
	ledger = sent
	if len(asked) != len(ledger) {
		w.t.Fatalf("SEEK was asked %d times, the ledger has %d rows", len(asked), len(ledger))
	}
	open, dropped, answered := 0, 0, 0
	for i, q := range asked {
		row := ledger[i]
		if row.RequestID != q.RequestID || row.CursorBefore != q.After || row.First != q.First || row.Selection != q.Selection {
			w.t.Errorf("query %d: SEEK saw %+v, the ledger has %+v", q.N, q, row)
		}
		switch {
		case row.Outcome == "":
			open++
		case row.Outcome != store.Answered && q.Answered:
			dropped++
		case row.Outcome == store.Answered && !q.Answered:
			w.t.Errorf("query %d: SEEK gave no page, the ledger says %q", q.N, row.Outcome)
		case q.Answered:
			answered++
			w.checkPage(q, row)
		}
	}
	if open != w.open || dropped != w.dropped {
		w.t.Errorf("%d rows of the ledger are open, want %d; %d pages were dropped, want %d", open, w.open, dropped, w.dropped)
	}
	if told := int(w.told.Load()); told != answered {
		w.t.Errorf("Saved was called %d times for %d pages", told, answered)
	}
}

// checkPage holds that an answered page is stored.
func (w *world) checkPage(q simulator.Query, row store.Query) {
	w.t.Helper()
	if q.Selection == "places" {
		return // its row stands for an event that was not served
	}
	if row.Events != len(q.Served) || row.More != q.HasNext || row.Status != q.Status || row.Fresh+row.Known != row.Events {
		w.t.Errorf("query %d: SEEK answered %+v, the ledger has %+v", q.N, q, row)
	}
	if row.EndedAt.Before(row.SentAt.Wall) || row.EndedAt.Sub(q.Ended).Abs() > time.Millisecond && w.wallOff.Load() == 0 && !w.late {
		w.t.Errorf("query %d: the exchange ended at %v, the ledger says %v", q.N, q.Ended, row.EndedAt)
	}
	if w.rewrite != nil {
		return
	}
	w.reading(func(s *store.Store) {
		for _, id := range q.Served {
			if _, err := s.Event(context.Background(), id); err != nil {
				w.t.Errorf("query %d: event %s was served: %v", q.N, id, err)
			}
		}
	})
}

// reading lends a reader of the database.
func (w *world) reading(look func(*store.Store)) {
	w.t.Helper()
	s, err := store.OpenReader(context.Background(), w.path)
	w.must(err)
	defer s.Close()
	look(s)
}

// ledger is all its rows, oldest first.
func (w *world) ledger() (rows []store.Query) {
	w.t.Helper()
	w.reading(func(s *store.Store) {
		var err error
		rows, err = s.Queries(context.Background(), store.QueryFilter{Limit: 1000})
		w.must(err)
	})
	slices.Reverse(rows)
	return rows
}

// outcomes are the ledger in short.
func (w *world) outcomes(want ...string) {
	w.t.Helper()
	var got []string
	for _, row := range w.ledger() {
		got = append(got, row.Outcome)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("outcomes in the ledger (-want +got):\n%s", diff)
	}
}

// asked holds when SEEK was asked, since the beginning and by its own clock. Where there are several streams each time has the stream's
// first type before it.
func (w *world) asked(want ...string) {
	w.t.Helper()
	var got []string
	for _, q := range w.seek.Queries() {
		at := q.Arrived.Sub(w.begin).Round(10 * time.Millisecond).String()
		if len(q.Types) > 0 {
			at = q.Types[0] + " " + at
		}
		got = append(got, at)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("SEEK was asked at (-want +got):\n%s", diff)
	}
}

// cursor is a stream's live row.
func (w *world) cursor(stream string) (c store.Cursor) {
	w.t.Helper()
	w.reading(func(s *store.Store) {
		cursors, err := s.Cursors(context.Background())
		w.must(err)
		i := slices.IndexFunc(cursors, func(c store.Cursor) bool { return c.Stream == stream && c.Kind == "live" })
		if i < 0 {
			w.t.Fatalf("stream %s has no cursor", stream)
		}
		c = cursors[i]
	})
	return c
}

// says holds what the cursor's row tells people: state, kind of error, and a part of the error.
func (w *world) says(stream string, state store.State, kind, part string) {
	w.t.Helper()
	c := w.cursor(stream)
	if c.State != state || c.LastErrorKind != kind || !strings.Contains(c.LastError, part) || kind == "" && c.LastError != "" {
		w.t.Errorf("cursor of %s at %v: %s, %q, %q; want %s, %q, …%s…", stream, time.Since(w.begin), c.State, c.LastErrorKind, c.LastError, state, kind, part)
	}
}

// stored holds how many events there are.
func (w *world) stored(want int) {
	w.t.Helper()
	if got := w.count("SELECT count(*) FROM events"); got != want {
		w.t.Errorf("%d events are stored, want %d", got, want)
	}
}

// shell is a second connection, as a person's sqlite3 shell would be.
func (w *world) shell() *sql.DB {
	w.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+w.path+"?mode=rw&_busy_timeout=5000")
	w.must(err)
	db.SetMaxOpenConns(1)
	return db
}

func (w *world) exec(statement string, args ...any) {
	w.t.Helper()
	db := w.shell()
	defer db.Close()
	_, err := db.Exec(statement, args...)
	w.must(err)
}

func (w *world) count(query string) int {
	w.t.Helper()
	db := w.shell()
	defer db.Close()
	var n int
	w.must(db.QueryRow(query).Scan(&n))
	return n
}

// faults scripts what goes wrong with the events queries, by their number; the rest goes well.
func (w *world) faults(name string, numbers ...int) {
	w.t.Helper()
	w.seek.Fault(func(r simulator.Request) simulator.Fault {
		if r.Kind == "events" && slices.Contains(numbers, r.N) {
			return w.fault(name)
		}
		return simulator.Fault{}
	})
}

func (w *world) fault(name string) simulator.Fault {
	f, err := simulator.ParseFault(name)
	if err != nil {
		panic(fmt.Sprint(err)) // a mistake of the test, perhaps in another goroutine
	}
	return f
}
