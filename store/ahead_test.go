package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// crowd is n settled events of as many people, with payloads of which a page holds two.
func crowd(t testing.TB, n int) *world {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	for from := 1; from <= n; from += 50 {
		page := events(from, min(50, n-from+1), "ats")
		for i := range page {
			page[i].Identifiers = fmt.Appendf(nil, `{"candidateId":"c%d","candidateApplicationProfileId":"a%d","positionProfileId":"p%d"}`, from+i, from+i, from+i)
			page[i].Node = fmt.Appendf(nil, `{"text":"%s"}`, strings.Repeat(page[i].ID, 150))
		}
		w.fetch(c.ID, fmt.Sprint("p", from), true, page...)
		w.deliver("ats", len(page))
	}
	return w
}

// TestARoundOfNothingMovesNoLog: what a round reads without changing it brings nothing from the log into the database, which costs the disk two syncs.
func TestARoundOfNothingMovesNoLog(t *testing.T) {
	w := crowd(t, 50)
	before, err := os.ReadFile(w.path)
	w.must(err)
	w.steps(w.s.NewUpkeep(store.Retention{Payloads: 90 * day, Records: 400 * day}, w.clock.wall, time.Now))
	if after, err := os.ReadFile(w.path); err != nil || string(after) != string(before) {
		t.Errorf("a round that removed nothing changed the file of the database: %v", err)
	}
}

// TestRemovingCopiesNothingElsewhere: nothing of what is removed is written into a file that nobody wipes. SQLite would, for a statement that
// changes many pages and could end halfway.
func TestRemovingCopiesNothingElsewhere(t *testing.T) {
	const n = 200
	w := crowd(t, n)
	known := map[string]bool{}
	for _, name := range openFiles(t) {
		known[name] = true
	}
	w.mark("seq % 2 = 0")
	looked := 0
	w.must(w.s.Removing(w.clock.wall.Add(day), func(what string) {
		looked++
		for _, name := range openFiles(t) {
			if !known[name] && !strings.HasPrefix(name, w.path) && strings.HasSuffix(name, "(deleted)") {
				t.Errorf("%s: it writes to %s", what, name)
			}
		}
	}))
	if looked != 3 || w.count("SELECT count(*) FROM events") != 0 {
		t.Errorf("%d looks, and %d events are left", looked, w.count("SELECT count(*) FROM events"))
	}
}

// mark has a purge want some events emptied.
func (w *world) mark(which string) {
	w.exec("INSERT INTO actions (at, actor, verb, reason, rows) VALUES ('2026-01-01T00:00:00.000Z', 'tester', 'purge', 'for a test', 0)")
	w.exec("UPDATE events SET purge = (SELECT max(id) FROM actions) WHERE " + which)
}

// TestWhatIsKeptTakesNoTransaction: a round goes past what is owed, however much of it is old or wanted emptied, without keeping anybody from writing, and
// finds what lies between.
func TestWhatIsKeptTakesNoTransaction(t *testing.T) {
	const n = 600
	w := crowd(t, n)
	w.mark("true")
	w.exec("UPDATE outbox SET due_at = created_at, delivered_at = NULL, spent = attempts, first_attempt_at = NULL WHERE seq NOT IN (7, 500)")
	w.exec("UPDATE destinations SET owed_now = (SELECT count(*) FROM outbox WHERE due_at IS NOT NULL)")
	w.must(w.s.Close())
	begun := 0
	s, err := store.Open(context.Background(), w.path, store.Options{Started: w.clock.now(), Timed: func(string) func() {
		begun++
		return func() {}
	}})
	w.must(err)
	w.s, begun = s, 0
	for _, want := range []store.Cleared{{Purged: 2}, {}} {
		before := begun
		got := w.steps(s.NewUpkeep(store.Retention{Payloads: day, Records: 400 * day}, w.clock.wall.Add(100*day), time.Now))
		// Two of each round look for old queries and old cursors, and in the first what was emptied is wiped.
		if took := begun - before - 2; got != want || took > 2*int(want.Purged) {
			t.Errorf("got %+v in %d transactions, want %+v", got, took, want)
		}
	}
	w.check()
	w.checkCounts()
}

func openFiles(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err == nil {
			names = append(names, name)
		}
	}
	return names
}

// TestReadingAheadFindsEveryEntry, one by one, and looks for no other.
func TestReadingAheadFindsEveryEntry(t *testing.T) {
	w := crowd(t, 30)
	_, reader := w.s.Pools()
	for i, statement := range store.ReadingAhead {
		var found int
		w.must(reader.QueryRow(statement, "[3,4,7]").Scan(&found))
		if want := []int{3 * 5, 3}[i]; found != want {
			t.Errorf("%d entries found, want %d: %s", found, want, statement)
		}
		for detail := range strings.Lines(planOf(t, reader, statement, "[3,4,7]")) {
			if !strings.Contains(detail, "rowid=?)") && !strings.Contains(detail, "json_each") && !strings.HasPrefix(detail, "LIST SUBQUERY") {
				t.Errorf("it is read so: %s", detail)
			}
		}
	}
}

// logBegun is how often the log began anew because all that was in it had been moved (https://sqlite.org/fileformat2.html#walformat).
func (w *world) logBegun() int {
	w.t.Helper()
	f, err := os.Open(w.path + "-wal")
	w.must(err)
	defer f.Close()
	header := make([]byte, 32)
	_, err = f.ReadAt(header, 0)
	w.must(err)
	return int(binary.BigEndian.Uint32(header[12:]))
}

// TestPurgeInParts: a purge that takes long holds the writer for a few rows at a time, moves the log meanwhile, and empties no event that
// somebody is still owed, who then gets it whole.
func TestPurgeInParts(t *testing.T) {
	const n = 400
	w := crowd(t, n)
	w.exec("UPDATE outbox SET due_at = created_at, delivered_at = NULL, spent = attempts, first_attempt_at = NULL WHERE seq % 7 = 0")
	w.exec("UPDATE destinations SET owed_now = (SELECT count(*) FROM outbox WHERE due_at IS NOT NULL)")
	w.must(w.s.Close())
	var parts int
	s, err := store.Open(context.Background(), w.path, store.Options{Started: w.clock.now(), Timed: func(string) func() {
		parts++
		return func() {}
	}})
	w.must(err)
	w.s = s
	w.must(s.HoldDestination(context.Background(), "ats", w.clock.wall)) // so that there is a log
	p := store.Purge{Before: w.clock.wall.Add(day)}
	found, at, begun := w.preview(p), w.clock.wall, w.logBegun()
	parts = 0
	a, emptied, err := s.Purge(context.Background(), w.deed("purge"), p, found, func() time.Time {
		at = at.Add(50 * time.Millisecond)
		return at
	})
	w.must(err)
	if owed := int64(n / 7); a.Rows != n || emptied != n-owed || found.Waiting != owed {
		t.Errorf("%d rows, %d emptied, %d waiting", a.Rows, emptied, found.Waiting)
	}
	if parts < n/30 {
		t.Errorf("%d events purged in %d parts", n, parts)
	}
	if again := w.logBegun() - begun; again < parts-2 {
		t.Errorf("after %d parts, the log was moved %d times", parts, again)
	}
	for _, d := range w.claim("ats", n) {
		if len(d.Event.Node) == 0 || len(d.Event.Identifiers) == 0 || d.Event.Seq%7 != 0 {
			t.Errorf("event %d is handed on empty", d.Event.Seq)
		}
		w.settle("ats", w.result(d, store.Delivered))
	}
	if got := w.upkeep(); got.Purged != n/7 || w.full("*") != 0 {
		t.Errorf("afterwards %+v, and %d are not empty", got, w.full("*"))
	}
	w.check()
	w.checkCounts()
}

// TestTheDeadAreCountedAmongTheDead: a replay of many deliveries looks for those that are dead where there are no others.
func TestTheDeadAreCountedAmongTheDead(t *testing.T) {
	w := newWorld(t)
	writer, _ := w.s.Pools()
	plan := planOf(t, writer, store.CountDead, "ats", 1, 2, "[]")
	if !strings.Contains(plan, "SEARCH outbox USING INDEX outbox_dead (destination=? AND seq>? AND seq<?)") {
		t.Errorf("they are counted so:\n%s", plan)
	}
}

// TestPlacesAreReadByTheirIndexes: what is read ahead of a page is one place in each index that its events will be put into, whoever else they share it with.
func TestPlacesAreReadByTheirIndexes(t *testing.T) {
	w := newWorld(t)
	writer, _ := w.s.Pools()
	plan := planOf(t, writer, store.PlacesOfPage, "[]")
	for _, want := range []string{
		"sqlite_autoindex_events_1 (id=?)", "events_candidate (candidate_id=?)", "events_profile (profile_id=?)", "events_position (position_id=?)",
		"events_hirer (hirer_id=?)", "events_hirer_search (hirer_id=? AND type=? AND at<?)",
	} {
		if !strings.Contains(plan, want) {
			t.Errorf("nothing is searched by %s:\n%s", want, plan)
		}
	}
	if strings.Contains(plan, "SCAN e") || strings.Contains(plan, "TEMP B-TREE") {
		t.Errorf("more is read than that:\n%s", plan)
	}
}

// TestPlacesOfAnyPage: whatever is on a page, reading ahead of it neither fails nor is noticed.
func TestPlacesOfAnyPage(t *testing.T) {
	w := newWorld(t)
	w.destinations("ats")
	c := w.live("applications")
	page := append(events(1, 3, "ats"), store.Event{ID: "edge:1", Type: "missing", Unreadable: "no id"})
	page[0].Identifiers = []byte(`{"candidateId":"c1","candidateProfileId":"p1","seekPartnerPositionId":"x"}`)
	page[1].Identifiers, page[1].StreamedAt = []byte(`[]`), time.Time{}
	page[2].Identifiers = []byte(`not json`)
	for range 2 {
		w.must(w.s.ReadPlaces(page))
		page[2].Identifiers = nil
		w.fetch(c.ID, "p", true, page...)
	}
}

// TestPageOfALargeDatabaseIsReadAhead: from a gigabyte on, and not before. The readers are closed, so that a page that is read ahead of fails by it.
func TestPageOfALargeDatabaseIsReadAhead(t *testing.T) {
	w := newWorld(t)
	c := w.live("applications")
	q := w.take(c.ID)
	info, err := os.Stat(w.path)
	w.must(err)
	_, readers := w.s.Pools()
	w.must(readers.Close())
	save := func(size int64) error {
		w.must(os.Truncate(w.path, size)) // a hole: it takes no room
		_, err := w.s.SavePage(context.Background(), q, store.Page{Events: events(1, 3), Position: "p", State: store.CaughtUp}, w.clock.now())
		return err
	}
	if err := save(1 << 30); err == nil || !strings.Contains(err.Error(), "read ahead") {
		t.Errorf("of a large database: %v", err)
	}
	w.must(save(info.Size()))
}

func planOf(t *testing.T, db *sql.DB, statement string, args ...any) string {
	t.Helper()
	rows, err := db.Query("EXPLAIN QUERY PLAN "+statement, args...)
	must(t, err)
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		must(t, rows.Scan(&id, &parent, &unused, &detail))
		plan = append(plan, detail)
	}
	return strings.Join(plan, "\n")
}
