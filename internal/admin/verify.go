package admin

import (
	"context"
	"net/http"
	"time"

	"seekpoller/store"
)

// VerifyReport is what verify found.
type VerifyReport struct {
	At      Time       `json:"at"`
	Healthy bool       `json:"healthy"` // nothing is off
	Checks  []Verified `json:"checks"`
	Assumes []string   `json:"assumes"` // what is not proven
}

// Verified is one check.
type Verified struct {
	Name   string   `json:"name"`
	Result string   `json:"result"` // ok, off or not checked
	Found  []string `json:"found"`  // what is off, at most 20 places
	Proves string   `json:"proves"` // what ok means
	Why    string   `json:"why,omitempty"`
}

var assumptions = []string{
	"the disk keeps what it said it had written, and nobody but this program writes the file",
	"SEEK puts every event on its stream, in the order of its cursors: what a cursor passed does not appear behind it later (reconcile asks again)",
	"no other program polls with the same credentials, whose queries SEEK would count with ours",
	"what lies before the ledger's beginning, which retention moves on, was sound when it was removed",
	"receivers that accepted an event kept it",
}

func (s *Server) verify(r *http.Request) (any, error) {
	if err := readParams(r).end(); err != nil {
		return nil, err
	}
	if !s.verifying.TryLock() {
		return nil, &Error{Status: http.StatusServiceUnavailable, What: "somebody else verifies the database now", Todo: "try again in a while"}
	}
	defer s.verifying.Unlock()
	c := s.config.Load()
	alone, err := s.alone(r.Context(), c.Store)
	if err != nil {
		return nil, err
	}
	now := c.Now().Wall
	checks, err := c.Store.Verify(r.Context(), store.Examination{Now: now, Alone: alone})
	if err != nil {
		return nil, err
	}
	report := verified(now, checks)
	c.Metrics.verified(report)
	return report, nil
}

// alone says whether nobody works on this database but whoever asks.
func (s *Server) alone(ctx context.Context, db *store.Store) (bool, error) {
	if !doorOf(ctx).inside {
		return false, nil
	}
	holder, err := db.Holder()
	return holder == nil, err
}

func verified(now time.Time, checks []store.Check) VerifyReport {
	report := VerifyReport{At: Time{now.UTC()}, Healthy: true, Checks: []Verified{}, Assumes: assumptions}
	for _, c := range checks {
		v := Verified{Name: c.Name, Result: "ok", Found: []string{}, Proves: c.Proves, Why: c.Not}
		switch {
		case c.Not != "":
			v.Result = "not checked"
		case len(c.Found) > 0:
			v.Result, v.Found, report.Healthy = "off", c.Found, false
		}
		report.Checks = append(report.Checks, v)
	}
	return report
}
