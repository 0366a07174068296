package store_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"seekpoller/internal/powercut"
	"seekpoller/store"
)

// judge looks at a database that is recovered after a power cut.
type judge struct {
	notes  []noted
	states []state
}

// laws are what every recovered database is held to, beside what was noted.
var laws = []struct{ name, query string }{
	{"sound", "SELECT integrity_check = 'ok' FROM pragma_integrity_check LIMIT 1"},
	{"references", "SELECT count(*) = 0 FROM pragma_foreign_key_check"},
	{"ledger chain", "SELECT count(*) = 0 FROM gaps"},
	{"query spacing", "SELECT count(*) = 0 FROM hurries"},
	{"whole pages", `
		SELECT count(*) = 0 FROM queries q
		WHERE outcome = 'answered' AND fresh <> (SELECT count(*) FROM events WHERE query_id = q.id)
		   OR outcome IS NOT 'answered' AND EXISTS (SELECT 1 FROM events WHERE query_id = q.id)`},
	{"cursor of the ledger", `
		SELECT count(*) = 0 FROM cursors c
		WHERE position IS NOT (SELECT cursor_after FROM queries WHERE cursor_id = c.id AND outcome = 'answered' ORDER BY id DESC LIMIT 1)`},
	{"whole deliveries", "SELECT count(*) = 0 FROM events e WHERE (SELECT count(*) FROM outbox WHERE seq = e.seq) <> (SELECT count(*) FROM destinations)"},
	{"figures", `
		SELECT count(*) = 0 FROM destinations
		WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL)
		   OR dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)`},
	{"tallies", "SELECT (SELECT coalesce(sum(events), 0) FROM tallies) = (SELECT count(*) FROM events)"},
}

// look opens what a power cut left as the daemon would, and reads it as an outsider.
func (j *judge) look(at string, c powercut.Cut, f *powercut.Findings) {
	path := filepath.Join(at, recorded)
	j.lookForPurged(c, f)
	leaveSharedMemory(path, c)
	now := store.Instant{Wall: newClock().wall.Add(100 * 24 * time.Hour), Boot: time.Hour, BootID: "after the cut"}
	s, err := store.Open(context.Background(), path, store.Options{Create: true, Started: now})
	f.Check(c, "opens", err == nil, "%v", err)
	if err != nil {
		return
	}
	if c.Notes > 0 {
		f.Check(c, "creation", !s.Created(), "the database is gone, and another was made")
	}
	j.read(c, f, path)
	now.Boot += time.Hour
	err = errors.Join(goOn(s, now), s.Close())
	f.Check(c, "goes on", err == nil, "%v", err)
}

func (j *judge) read(c powercut.Cut, f *powercut.Findings, path string) {
	db := outside(path)
	defer db.Close()
	for _, law := range laws {
		j.hold(c, f, db, law.name, law.query)
	}
	for _, n := range j.notes[:c.Notes] {
		j.hold(c, f, db, "kept: "+n.law, n.query)
	}
	sum, err := allOf(db)
	f.Check(c, "as after a commit", err == nil && j.may(c, sum), "it is not as any commit left it that may be the last one (%v)", err)
}

// lookForPurged looks at the bytes, not at what the database makes of them.
func (j *judge) lookForPurged(c powercut.Cut, f *powercut.Findings) {
	for _, n := range j.notes[:c.Notes] {
		if n.law != wiped {
			continue
		}
		person := cmp.Or(canary.FindString(n.query), toBePurged)
		for name, content := range c.Image.Files {
			f.Check(c, "purged bytes", !bytes.Contains(content, []byte(person)), "%s holds what was purged and wiped", name)
		}
	}
}

func (j *judge) hold(c powercut.Cut, f *powercut.Findings, db *sql.DB, law, query string) {
	var holds bool
	err := db.QueryRow(query).Scan(&holds)
	f.Check(c, law, err == nil && holds, "%s (%v)", query, err)
}

// may says whether the state is one between the last that was noted and the first after the cut. No database is as good as a new one.
func (j *judge) may(c powercut.Cut, sum string) bool {
	noted := -1
	if c.Notes > 0 {
		noted = j.notes[c.Notes-1].op
	}
	for i, s := range j.states {
		if i+1 < len(j.states) && j.states[i+1].op <= noted {
			continue
		}
		if s.sum == sum || s.sum == "" && noted < 0 && j.fresh() == sum {
			return true
		}
		if s.op >= c.After {
			return false
		}
	}
	return false
}

func (j *judge) fresh() string {
	for _, s := range j.states {
		if s.sum != "" {
			return s.sum
		}
	}
	return ""
}

// leaveSharedMemory leaves anything at all where SQLite keeps its index of the log.
func leaveSharedMemory(path string, c powercut.Cut) {
	if _, err := os.Stat(path); err == nil && c.After%3 == 0 {
		_ = os.WriteFile(path+"-shm", fmt.Appendf(nil, "%32768d", c.After), 0o600)
	}
}

// goOn takes a slot, as the next thing that a daemon does.
func goOn(s *store.Store, now store.Instant) error {
	c, _, err := s.EnsureLive(context.Background(), store.NewCursor{Stream: "next", Fingerprint: "f1"}, now)
	if err == nil {
		_, err = s.TakeSlot(context.Background(), store.Ask{CursorID: c.ID, RequestID: "next", Selection: "ids", First: 10, Interval: interval, Timeout: timeout}, now)
	}
	return err
}
