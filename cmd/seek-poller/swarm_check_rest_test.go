package main

import (
	"bytes"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"time"
)

// checkFiles: private, and SQLite's log bounded.
func (s *swarm) checkFiles() {
	err := filepath.WalkDir(filepath.Dir(s.cfg.Database), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		s.holds("I19 modes", info.Mode().Perm() == want, "%s has mode %v", path, info.Mode())
		if strings.HasSuffix(path, "-wal") {
			s.holds("I17 bounds", info.Size() <= 64<<20, "SQLite's log has %d bytes", info.Size())
		}
		return nil
	})
	if err != nil {
		s.t.Errorf("look at the files: %v", err)
	}
	s.mutex.Lock()
	dialed := s.dialed
	s.dialed = map[string]int{}
	s.mutex.Unlock()
	for address := range dialed {
		s.holds("I20 egress", s.allowed[address], "%s was called", address)
	}
}

// tokenMark begins every token that the simulated SEEK issues, and nothing else.
const tokenMark = "simulated-token-"

// checkLog reads what the daemon wrote since the last look, and forgets it.
func (s *swarm) checkLog() {
	s.site.mu.Lock()
	text := bytes.Clone(s.out.Bytes())
	s.out.Reset()
	s.site.mu.Unlock()
	tokens := s.seek.Tokens()
	for _, token := range tokens[s.tokens:] {
		if !strings.HasPrefix(token, tokenMark) {
			s.t.Fatalf("a token looks otherwise than is searched for: %q", token)
		}
	}
	s.tokens = len(tokens)
	for _, word := range []string{secret, canary, "Bearer", standardSecrets[0], standardSecrets[1], tokenMark} {
		s.holds("I18 secrecy", !bytes.Contains(text, []byte(word)), "the log shows %q", word)
	}
}

// checkActions: each deed that was said to be done has its row.
func (s *swarm) checkActions(db *sql.DB) {
	for id, verb := range s.deeds {
		n := s.number(db, "SELECT count(*) FROM actions WHERE id = ? AND verb = ? AND actor = 'tester (uid 1)' AND reason <> '' AND ended_at IS NOT NULL", id, verb)
		s.holds("I30 audit", n == 1, "action %d, %s, has no row", id, verb)
	}
	clear(s.deeds)
}

// checkCrash: SQLite is well, and which moment it was.
func (s *swarm) checkCrash(db *sql.DB) {
	var found string
	if err := db.QueryRow("PRAGMA quick_check").Scan(&found); err != nil {
		found = err.Error()
	}
	s.holds("I24 recovery", found == "ok", "quick_check says %s", found)
	s.holds("I24 recovery", s.number(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0, "foreign keys are broken")
	var request string
	var open bool
	if err := db.QueryRow("SELECT request_id, ended_at IS NULL FROM queries ORDER BY id DESC LIMIT 1").Scan(&request, &open); err != nil || !open {
		return
	}
	switch _, sent := s.byRequest[request]; {
	case !sent:
		s.reach("crash between slot and query")
	default:
		s.reach("crash between query and page")
	}
}

// checkBreaches takes over what SEEK and the receivers complain of.
func (s *swarm) checkBreaches() {
	laws := map[string]string{"spacing": "I1 spacing", "quiet": "I2 quiet", "retry-after": "I10 retry policy"}
	r := s.seek.Report()
	for _, v := range r.Violations[s.breaches:] {
		law, own := laws[v.Law]
		if !own {
			law = "I16 token"
		}
		if strings.HasPrefix(v.Detail, "a token that expired") && s.near(v.At.Add(-12*time.Hour), v.At, "suspend") {
			continue // a bubble cannot show it: tokens are kept by the wall clock, which goes on in a suspend, but time.Now stands still here
		}
		s.holds(law, false, "SEEK saw a broken rule: %+v", v)
	}
	s.breaches = len(r.Violations)
	s.tally.smallest, s.tally.queries, s.tally.lived = r.SmallestGap, r.Queries, s.elapsed()
	s.tally.evaluated["I16 token"] = r.Checked["token"] + r.Checked["headers"] + r.Checked["arguments"] + r.Checked["dates"]
	for name, g := range s.targets {
		if g.receiver == nil {
			continue
		}
		t := s.taken(name)
		for _, v := range g.receiver.Violations()[t.told:] {
			if strings.HasSuffix(v, "is missing or no text") {
				continue // SEEK could not give more of that event; the receiver refuses it
			}
			s.holds("I8 stable key", false, "%s saw: %s", name, v)
		}
		t.told = len(g.receiver.Violations())
	}
}

// near says that one of the kinds of disturbance happened in a span of SEEK's time. With no kind, any counts.
func (s *swarm) near(from, to time.Time, kinds ...string) bool {
	first := sort.Search(len(s.happened), func(i int) bool { return !s.happened[i].at.Before(from) })
	for _, h := range s.happened[first:] {
		if h.at.After(to) {
			return false
		}
		if len(kinds) == 0 || slices.Contains(kinds, h.what) {
			return true
		}
	}
	return false
}
