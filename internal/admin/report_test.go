package admin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func at(d time.Duration) store.Instant {
	return store.Instant{Wall: noon.Add(d), Boot: time.Hour + d, BootID: "boot"}
}

// open makes a database test.db, in a directory of its own, with one destination and one stream that was asked once, at noon.
func open(t *testing.T) (*store.Store, store.Query) {
	t.Helper()
	ctx := t.Context()
	t.Chdir(t.TempDir())
	s, err := store.Open(ctx, "test.db", store.Options{Create: true, Started: at(-time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	if err := s.SyncDestinations(ctx, []store.DestinationSpec{{Name: "ats", Kind: "webhook"}}, noon); err != nil {
		t.Fatal(err)
	}
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "applications", Kind: "live", Fingerprint: "f"}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Minute, Timeout: time.Second}, at(0))
	if err != nil {
		t.Fatal(err)
	}
	return s, q
}

// roomy is a disk that is no concern.
func roomy() (left, size int64, err error) { return 90 << 30, 100 << 30, nil }

func gather(t *testing.T, s *store.Store, now time.Time) admin.Report {
	t.Helper()
	r, err := admin.Gather(t.Context(), admin.Config{Store: s, Now: func() store.Instant { return store.Instant{Wall: now} }, Space: roomy})
	if err != nil {
		t.Fatal(err)
	}
	if r.Healthy != (len(r.Problems) == 0) {
		t.Errorf("healthy %v with problems %q", r.Healthy, r.Problems)
	}
	return r
}

func TestStreamInWords(t *testing.T) {
	page := func(state store.State, alarm string) func(*testing.T, *store.Store, store.Query) {
		return func(t *testing.T, s *store.Store, q store.Query) {
			event := store.Event{ID: "e1", Type: "CandidateApplicationCreated", Scheme: "seekAnz", StreamedAt: noon.Add(-time.Minute), Destinations: []string{"ats"}}
			_, err := s.SavePage(t.Context(), q, store.Page{Events: []store.Event{event}, Position: "p", State: state, More: state != store.CaughtUp, Alarm: alarm}, at(time.Second))
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	failure := func(kind string) func(*testing.T, *store.Store, store.Query) {
		return func(t *testing.T, s *store.Store, q store.Query) {
			if err := s.Fail(t.Context(), q, store.Failure{Kind: kind, Message: "what SEEK said"}, at(time.Second)); err != nil {
				t.Fatal(err)
			}
		}
	}
	tests := []struct {
		name    string
		happens func(*testing.T, *store.Store, store.Query)
		after   time.Duration
		state   string
		problem string // "" healthy
	}{
		{"new", func(*testing.T, *store.Store, store.Query) {}, 0, "behind: not asked yet", ""},
		{"behind", page(store.Behind, ""), time.Minute, "behind", ""},
		{"caught up", page(store.CaughtUp, ""), time.Minute, "caught up and quiet", ""},
		{"a passing failure", failure("transient"), time.Minute, "the last query failed", ""},
		{"throttled", failure("throttled"), time.Minute, "failed", ""},
		{"unauthorized", failure("unauthorized"), time.Minute, "not polling", "Developer Dashboard"},
		{"bad cursor", failure("bad_cursor"), time.Minute, "not polling: SEEK refuses the stored cursor, since 2026-03-01T12:00:00Z", "seek-poller cursors rewind applications --to-time TIME"},
		{"rejected", failure("rejected"), time.Minute, "not polling", "seek.endpoint"},
		{"stuck", page(store.Stuck, "no way on"), time.Minute, "not polling: stuck", "request id"},
		{"quiet for 40 days", page(store.CaughtUp, ""), 40 * 24 * time.Hour, "caught up", ""},
		{"not complete for half of SEEK's memory", page(store.CaughtUp, ""), 46 * 24 * time.Hour, "caught up", "SEEK forgets events after 90 days"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, q := open(t)
			test.happens(t, s, q)
			r := gather(t, s, noon.Add(test.after))
			if len(r.Streams) != 1 || !strings.Contains(r.Streams[0].State, test.state) {
				t.Errorf("streams %+v, want one %q", r.Streams, test.state)
			}
			problems := strings.Join(r.Problems, "\n")
			if (test.problem == "") != r.Healthy || !strings.Contains(problems, test.problem) {
				t.Errorf("problems %q, want %q", problems, test.problem)
			}
		})
	}
}

// TestDestinationsInWords: what is owed is counted, and a dead letter or a parked destination is a problem.
func TestDestinationsInWords(t *testing.T) {
	ctx := t.Context()
	s, q := open(t)
	event := store.Event{ID: "e1", Type: "CandidateApplicationCreated", Scheme: "seekAnz", StreamedAt: noon, Destinations: []string{"ats"}}
	if _, err := s.SavePage(ctx, q, store.Page{Events: []store.Event{event}, Position: "p", State: store.CaughtUp}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	r := gather(t, s, noon.Add(time.Minute))
	if d := r.Destinations[0]; d.Owed != 1 || d.OldestOwed.IsZero() || !r.Healthy {
		t.Errorf("one event owed: %+v, problems %q", d, r.Problems)
	}
	claimed, err := s.Claim(ctx, "ats", 1, time.Minute, noon.Add(time.Minute))
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	dead := store.Settlement{Seq: claimed[0].Event.Seq, Attempt: 1, Outcome: store.Dead, StartedAt: noon.Add(time.Minute), EndedAt: noon.Add(time.Minute), Status: 400}
	if _, err := s.Settle(ctx, "ats", []store.Settlement{dead}, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := s.Park(ctx, "ats", "410", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	r = gather(t, s, noon.Add(2*time.Minute))
	problems := strings.Join(r.Problems, "\n")
	for _, want := range []string{"ats is parked: 410", "1 dead letters"} {
		if !strings.Contains(problems, want) {
			t.Errorf("problems %q, want %q", problems, want)
		}
	}
}

// TestDestinationThatIsDown is a problem after three failures, with the reason; once it accepts something it is none.
func TestDestinationThatIsDown(t *testing.T) {
	ctx := t.Context()
	s, q := open(t)
	var events []store.Event
	for _, id := range []string{"e1", "e2", "e3", "e4"} {
		events = append(events, store.Event{ID: id, Type: "A", Scheme: "seekAnz", StreamedAt: noon, Destinations: []string{"ats"}})
	}
	if _, err := s.SavePage(ctx, q, store.Page{Events: events, Position: "p", State: store.CaughtUp}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	now := noon.Add(time.Minute)
	claimed, err := s.Claim(ctx, "ats", 4, time.Minute, now)
	if err != nil || len(claimed) != 4 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	for i, d := range claimed {
		result := store.Settlement{Seq: d.Event.Seq, Attempt: 1, Outcome: store.Retry, DueAt: now, StartedAt: now, EndedAt: now, Detail: "connection refused"}
		if i == 3 {
			result.Outcome = store.Delivered
		}
		if _, err := s.Settle(ctx, "ats", []store.Settlement{result}, now); err != nil {
			t.Fatal(err)
		}
		r := gather(t, s, now)
		problems := strings.Join(r.Problems, "\n")
		if down := i == 2; strings.Contains(problems, "is down: the last 3 sends failed, the last with: connection refused") != down || r.Healthy == down {
			t.Errorf("after result %d: problems %q", i+1, problems)
		}
		if (r.Destinations[0].LastError == "") != (i == 3) {
			t.Errorf("after result %d: last error %q", i+1, r.Destinations[0].LastError)
		}
	}
}

// TestNobodyPolls: a database that no daemon runs on, and a query that should long have been made, are problems.
func TestNobodyPolls(t *testing.T) {
	s, q := open(t)
	page := store.Page{Position: "p", State: store.CaughtUp, Wait: 15 * time.Minute, NextQueryAt: noon.Add(15 * time.Minute)}
	if _, err := s.SavePage(t.Context(), q, page, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	if r := gather(t, s, noon.Add(20*time.Minute)); !r.Healthy || !strings.Contains(r.Daemon, "running as process") {
		t.Errorf("five minutes late: daemon %q, problems %q", r.Daemon, r.Problems)
	}
	if r := gather(t, s, noon.Add(30*time.Minute)); !strings.Contains(strings.Join(r.Problems, "\n"), "overdue by 15m") {
		t.Errorf("a quarter of an hour late: problems %q", r.Problems)
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	text, err := os.ReadFile("test.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, text, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := store.OpenReader(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if r := gather(t, reader, noon); !strings.Contains(strings.Join(r.Problems, "\n"), "no daemon runs") {
		t.Errorf("a copy: problems %q", r.Problems)
	}
}
