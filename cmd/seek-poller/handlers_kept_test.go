package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// kept is what a handler has stored.
type kept struct {
	events map[string]int         // how often, by id
	work   map[string][]knownWork // by event id
}

// knownWork is a candidate profile that was to be asked for.
type knownWork struct{ profileID, outcome, profile string }

func (k kept) owed() int {
	n := 0
	for _, list := range k.work {
		for _, w := range list {
			if w.outcome == "" {
				n++
			}
		}
	}
	return n
}

// readDatabase reads the tables that the handlers in Go, Python and shell have in common. Before they are made nothing is stored.
func readDatabase(t *testing.T, path string) kept {
	t.Helper()
	k := kept{map[string]int{}, map[string][]knownWork{}}
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT 'event', id, '', '', '' FROM events UNION ALL
		SELECT 'profile', event_id, profile_id, coalesce(outcome, ''), coalesce(profile, '') FROM profiles`)
	if err != nil {
		return k
	}
	defer rows.Close()
	for rows.Next() {
		var kind, event string
		var w knownWork
		if err := rows.Scan(&kind, &event, &w.profileID, &w.outcome, &w.profile); err != nil {
			t.Fatal(err)
		}
		if kind == "event" {
			k.events[event]++
		} else {
			k.work[event] = append(k.work[event], w)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return k
}

// readJournal reads the file of the handler in Node: a line for each request, and one for each profile that SEEK has spoken its last word on.
func readJournal(t *testing.T, path string) kept {
	t.Helper()
	k := kept{map[string]int{}, map[string][]knownWork{}}
	file, err := os.Open(path)
	if err != nil {
		return k
	}
	defer file.Close()
	lines := bufio.NewReader(file)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return k // the end, perhaps in the middle of a line that is being written
		}
		var fact struct {
			Events []struct{ ID, CandidateApplicationProfileID, CandidateProfileID string }
			Event  string
			knownFact
		}
		if err := json.Unmarshal(line, &fact); err != nil {
			t.Fatalf("a line that is no JSON: %v", err)
		}
		for _, e := range fact.Events {
			k.events[e.ID]++
			if id := e.CandidateApplicationProfileID + e.CandidateProfileID; id != "" {
				k.work[e.ID] = append(k.work[e.ID], knownWork{profileID: id})
			}
		}
		if fact.Event != "" {
			k.settle(t, fact.Event, fact.knownFact)
		}
	}
}

type knownFact struct {
	Outcome string
	Profile json.RawMessage
}

func (k kept) settle(t *testing.T, event string, f knownFact) {
	t.Helper()
	work := k.work[event]
	if len(work) != 1 || work[0].outcome != "" {
		t.Fatalf("an outcome of event %s, which owed %d profiles: %+v", event, len(work), work)
	}
	work[0].outcome, work[0].profile = f.Outcome, string(f.Profile)
}

// check is the invariant: each event once, each profile that SEEK gives, the other ones with the reason, no rule of SEEK's broken, and nothing
// printed that must not be.
func (h *handlerSite) check() {
	h.t.Helper()
	k := h.sample.read(h.t, h.database())
	for id, kind := range h.types {
		if k.events[id] != 1 {
			h.t.Errorf("event %s is stored %d times", id, k.events[id])
		}
		h.checkWork(id, kind, k.work[id])
	}
	if len(k.events) != len(h.types) {
		h.t.Errorf("%d different events are stored, want %d", len(k.events), len(h.types))
	}
	r := h.seek.Report()
	for _, v := range r.Violations {
		h.t.Errorf("SEEK saw a broken rule: %+v", v)
	}
	for _, word := range append(h.seek.Tokens(), secret, canary, "Bearer") {
		if strings.Contains(h.handlerLog.String(), word) {
			h.t.Errorf("the handler printed %q", word)
		}
	}
	if !h.sample.exec && h.lost.Load() == 0 {
		h.t.Error("no answer got lost: this run proved little")
	}
	h.t.Logf("%d events, %d requests, %d answers lost, %d questions for profiles, faults %v", len(k.events), h.requests.Load(), h.lost.Load(), r.Requests["candidateProfile"], r.Faults)
}

func (h *handlerSite) checkWork(id, kind string, work []knownWork) {
	h.t.Helper()
	if !slices.Contains([]string{"CandidateApplicationCreated", "CandidateProfilePurchased"}, kind) {
		if len(work) != 0 {
			h.t.Errorf("%s %s made work: %+v", kind, id, work)
		}
		return
	}
	want := h.outcome[id]
	if want == "" {
		want = "stored"
	}
	if len(work) != 1 || work[0].outcome != want {
		h.t.Errorf("%s %s: got %+v, want its profile once, %s", kind, id, work, want)
		return
	}
	if found := strings.Contains(work[0].profile, work[0].profileID); found != (want == "stored") {
		h.t.Errorf("%s %s, %s: the profile is %.200s", kind, id, want, work[0].profile)
	}
}
