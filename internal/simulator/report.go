package simulator

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Report is what the simulator has to say about its clients.
type Report struct {
	Queries     int            `json:"queries"`  // events queries that arrived
	Answered    int            `json:"answered"` // of them, those whose page went out complete
	LastPages   int            `json:"last_pages"`
	Events      int            `json:"events"`          // different ids that exist
	Served      int            `json:"served"`          // of them, those on pages that went out complete
	Requests    map[string]int `json:"requests"`        // all requests by kind
	Faults      map[string]int `json:"faults"`          // faults by name
	Checked     map[string]int `json:"checked"`         // how often each law was put to the test; a law never tested was not kept
	SmallestGap time.Duration  `json:"smallest_gap_ns"` // between two arrivals; 0 if there were none
	Repeats     int            `json:"repeats"`         // asked again within the quiet time with the old cursor: the answer was never applied
	Doubtful    int            `json:"doubtful"`        // asked too early by a new session, and nothing tells if the old one had time to remember the answer
	Violations  []Violation    `json:"violations"`      // in order of arrival, never nil
}

// Report sums up what happened until now.
func (s *Server) Report() Report {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.laws
	r := Report{
		Queries: len(l.queries), Events: len(s.stream.first), Served: len(l.served()), SmallestGap: l.smallest,
		Repeats: l.repeats, Doubtful: l.doubtful,
		Requests: maps.Clone(s.counts), Faults: maps.Clone(l.faults), Checked: maps.Clone(l.checked),
		Violations: append([]Violation{}, l.violations...),
	}
	for _, q := range l.queries {
		if q.Answered {
			r.Answered++
		}
		if q.Answered && !q.HasNext {
			r.LastPages++
		}
	}
	return r
}

func (l *laws) served() map[string]bool {
	all := map[string]bool{}
	for _, r := range l.streams {
		maps.Copy(all, r.served)
	}
	return all
}

// Served are the ids on pages that went out complete, each once, in the order of the stream.
func (s *Server) Served() []string {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.laws.served()
	var ids []string
	for _, e := range s.stream.entries {
		if left[e.id] {
			ids = append(ids, e.id)
			delete(left, e.id)
		}
	}
	return ids
}

func (s *Server) serveReport(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(s.Report()); err != nil {
		return // the reader has gone
	}
}

// Comparison sets what SEEK had against what a destination accepted.
type Comparison struct {
	Owed     int      `json:"owed"`     // ids that the client was bound to hand on
	Lost     []string `json:"lost"`     // owed, never accepted
	Twice    []string `json:"twice"`    // accepted more than once
	Invented []string `json:"invented"` // accepted, but no such event exists
	Behind   []string `json:"behind"`   // inserted where the client had already been: it cannot know of them
}

// Compare looks for losses and repetitions. Owed is every event that matches a stream which was read and that lies
// between its start and the newest place answered, whether or not it was on a page: a client that jumps loses events.
// An event that could never be resolved is not owed unless it was served. accepted counts acceptances by event id.
func Compare(s *Server, accepted map[string]int) Comparison {
	s.settle()
	s.mu.Lock()
	defer s.mu.Unlock()
	owed, behind := s.owed()
	c := Comparison{Owed: len(owed)}
	for id := range owed {
		if accepted[id] == 0 {
			c.Lost = append(c.Lost, id)
		}
	}
	for id, n := range accepted {
		if n > 1 {
			c.Twice = append(c.Twice, id)
		}
		if n > 0 && s.stream.first[id] == nil {
			c.Invented = append(c.Invented, id)
		}
	}
	for id := range behind {
		if !owed[id] {
			c.Behind = append(c.Behind, id)
		}
	}
	for _, list := range [][]string{c.Lost, c.Twice, c.Invented, c.Behind} {
		slices.Sort(list)
	}
	return c
}

func (s *Server) owed() (owed, behind map[string]bool) {
	owed, behind = map[string]bool{}, map[string]bool{}
	for _, r := range s.laws.streams {
		for _, e := range s.stream.entries {
			if r.covers(e) && (e.unresolvable == "" || r.served[e.id]) {
				owed[e.id] = true
			}
			if r.behind[e.serial] && r.ask.matches(e) {
				behind[e.id] = true
			}
		}
	}
	return owed, behind
}
