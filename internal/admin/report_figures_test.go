package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// TestHorizon: a stream that is not complete warns at half, three quarters and nine tenths of SEEK's memory. One that is merely quiet never does.
func TestHorizon(t *testing.T) {
	words := map[string]string{"": "", "half": "stream applications has not been complete", "soon": "soon: stream", "urgent": "urgent: stream"}
	for _, test := range []struct {
		days int
		want string
	}{{44, ""}, {45, "half"}, {67, "half"}, {68, "soon"}, {80, "soon"}, {81, "urgent"}, {89, "urgent"}, {91, "urgent"}} {
		t.Run(fmt.Sprint(test.days), func(t *testing.T) {
			now := noon.AddDate(0, 0, test.days)
			s, q := open(t)
			event := store.Event{ID: "e1", Type: "A", Scheme: "seekAnz", StreamedAt: noon}
			if _, err := s.SavePage(t.Context(), q, store.Page{Events: []store.Event{event}, Position: "p", State: store.Behind, More: true}, at(time.Second)); err != nil {
				t.Fatal(err)
			}
			problems := strings.Join(gather(t, s, now).Problems, "\n")
			if (test.want == "") != (problems == "") || !strings.Contains(problems, words[test.want]) {
				t.Errorf("problems %q, want %q", problems, words[test.want])
			}
			if test.want == "half" && (strings.Contains(problems, "soon: ") || strings.Contains(problems, "urgent: ")) {
				t.Errorf("it is said too urgently: %q", problems)
			}
			if lost := strings.Contains(problems, "some are lost"); lost != (test.days > 90) {
				t.Errorf("lost %v: %q", lost, problems)
			}
		})
		t.Run(fmt.Sprint("quiet for ", test.days), func(t *testing.T) {
			s, q := open(t)
			event := store.Event{ID: "e1", Type: "A", Scheme: "seekAnz", StreamedAt: noon}
			if _, err := s.SavePage(t.Context(), q, store.Page{Events: []store.Event{event}, Position: "p", State: store.CaughtUp}, at(time.Duration(test.days)*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			r := gather(t, s, noon.AddDate(0, 0, test.days).Add(10*time.Minute))
			if !r.Healthy || r.Streams[0].HorizonPercent != 0 || r.Streams[0].Is != "caught up" {
				t.Errorf("quiet, yet %+v, problems %q", r.Streams[0], r.Problems)
			}
		})
	}
}

// TestBudget counts what was sent in the last 24 hours, of what the interval permits.
func TestBudget(t *testing.T) {
	s, q := open(t) // sent at noon
	for i := range 36 {
		if err := s.Fail(t.Context(), q, store.Failure{Kind: "transient", Message: "x"}, at(time.Duration(i)*time.Hour+time.Second)); err != nil {
			t.Fatal(err)
		}
		var err error
		q, err = s.TakeSlot(t.Context(), store.Ask{CursorID: q.Cursor.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Minute, Timeout: time.Second}, at(time.Duration(i+1)*time.Hour))
		if err != nil {
			t.Fatal(err)
		}
	}
	for interval, want := range map[time.Duration]admin.Budget{
		0:             {Sent: 25, Possible: 1440, Percent: 1, IntervalMS: 60000},
		time.Hour:     {Sent: 25, Possible: 24, Percent: 104, IntervalMS: 3600000},
		2 * time.Hour: {Sent: 13, Possible: 12, Percent: 108, IntervalMS: 7200000}, // no more is counted than could be
	} {
		r, err := admin.Gather(t.Context(), admin.Config{Store: s, Now: func() store.Instant { return at(36 * time.Hour) }, Interval: interval, Space: roomy})
		if err != nil {
			t.Fatal(err)
		}
		if r.Budget != want {
			t.Errorf("interval %v: %+v, want %+v", interval, r.Budget, want)
		}
	}
}

// TestDiskInWords: too little room is a problem before it is none at all. A small disk is judged by its share.
func TestDiskInWords(t *testing.T) {
	const gib = 1 << 30
	s, _ := open(t)
	for _, test := range []struct {
		left, size int64
		well       bool
	}{{50 * gib, 100 * gib, true}, {4 * gib, 100 * gib, false}, {2 * gib, 10 * gib, true}, {gib - 1, 10 * gib, false}, {gib / 4, gib, true}, {gib / 100, gib, false}} {
		r, err := admin.Gather(t.Context(), admin.Config{Store: s, Now: func() store.Instant { return at(0) }, Space: func() (int64, int64, error) { return test.left, test.size, nil }})
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(strings.Join(r.Problems, "\n"), "MiB left of"); said == test.well || r.Database.Left != test.left {
			t.Errorf("%d of %d: problems %q", test.left, test.size, r.Problems)
		}
	}
}

// TestMinutesBehind: the estimate comes from the pace of the events that are here.
func TestMinutesBehind(t *testing.T) {
	s, q := open(t)
	var events []store.Event
	for i := range 100 { // one an hour
		events = append(events, store.Event{ID: fmt.Sprint(i), Type: "A", Scheme: "seekAnz", StreamedAt: noon.Add(-1000 * time.Hour).Add(time.Duration(i) * time.Hour)})
	}
	if _, err := s.SavePage(t.Context(), q, store.Page{Events: events, Position: "p", State: store.Behind, More: true}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	// 901 hours are missing, at one event an hour and 100 a page.
	if state := gather(t, s, noon).Streams[0].State; state != "behind: about 10 minutes at one query a minute" {
		t.Errorf("state %q", state)
	}
}

// TestDestinationPaused is no problem at once, and one if it seems forgotten.
func TestDestinationPaused(t *testing.T) {
	s, q := open(t)
	event := store.Event{ID: "e1", Type: "A", Scheme: "seekAnz", StreamedAt: noon, Destinations: []string{"ats"}}
	if _, err := s.SavePage(t.Context(), q, store.Page{Events: []store.Event{event}, Position: "p", State: store.CaughtUp}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Pause(t.Context(), store.Deed{Actor: "a", Verb: "destinations pause", Reason: "maintenance", At: noon}, "ats"); err != nil {
		t.Fatal(err)
	}
	if r := gather(t, s, noon.Add(time.Hour)); !r.Healthy || r.Destinations[0].State != "paused" {
		t.Errorf("paused for an hour: %+v, problems %q", r.Destinations, r.Problems)
	}
	if problems := strings.Join(gather(t, s, noon.Add(25*time.Hour)).Problems, "\n"); !strings.Contains(problems, "seek-poller destinations resume ats") {
		t.Errorf("paused for a day: problems %q", problems)
	}
}
