package admin_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// TestMetricsAsReported: what a scrape says of how things stand is what status says.
func TestMetricsAsReported(t *testing.T) {
	s := watched(t)
	r, err := s.Report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, families := scraped(t, s)
	value := func(name string, labels ...string) float64 {
		for _, m := range families["seek_poller_"+name].GetMetric() {
			var got []string
			for _, l := range m.GetLabel() {
				got = append(got, l.GetValue())
			}
			if slices.Equal(got, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
		return -1
	}
	unix := func(at admin.Time) float64 {
		if at.IsZero() {
			return -1
		}
		return float64(at.UnixMilli()) / 1000
	}
	want := map[string][2]float64{
		"problems":    {value("problems"), float64(len(r.Problems))},
		"backfills":   {value("stretches", "backfill"), float64(len(r.Stretches))},
		"reconciles":  {value("stretches", "reconcile"), 0},
		"file":        {value("database_bytes"), float64(r.Database.Bytes)},
		"log":         {value("database_wal_bytes"), float64(r.Database.WAL)},
		"disk":        {value("disk_size_bytes"), float64(r.Database.Disk)},
		"horizon":     {value("horizon_seconds"), 90 * 24 * 3600},
		"verified":    {value("verify_last_successful"), 1},
		"verified at": {value("verify_last_timestamp_seconds"), float64(sceneEnd.UnixMilli()) / 1000},
	}
	for _, x := range r.Streams {
		want[x.Name+" state"] = [2]float64{value("stream_state", x.Is, x.Name), 1}
		want[x.Name+" event"] = [2]float64{value("stream_last_event_timestamp_seconds", x.Name), unix(x.LastEventAt)}
		want[x.Name+" complete"] = [2]float64{value("stream_complete_timestamp_seconds", x.Name), unix(x.CompleteAt)}
		want[x.Name+" success"] = [2]float64{value("stream_last_success_timestamp_seconds", x.Name), unix(x.LastAnswer)}
		want[x.Name+" next"] = [2]float64{value("stream_next_query_timestamp_seconds", x.Name), unix(x.NextQueryAt)}
		want[x.Name+" failures"] = [2]float64{value("stream_failures", x.Name), float64(x.Failures)}
	}
	for _, d := range r.Destinations {
		want[d.Name+" state"] = [2]float64{value("destination_state", d.Name, d.State), 1}
		want[d.Name+" owed"] = [2]float64{value("deliveries", d.Name, "owed"), float64(d.Owed)}
		want[d.Name+" dead"] = [2]float64{value("deliveries", d.Name, "dead"), float64(d.Dead)}
		want[d.Name+" delivered"] = [2]float64{value("deliveries_delivered_total", d.Name), float64(d.Delivered)}
		want[d.Name+" oldest"] = [2]float64{value("destination_oldest_owed_timestamp_seconds", d.Name), unix(d.OldestOwed)}
	}
	for what, pair := range want {
		if pair[0] != pair[1] {
			t.Errorf("%s: a scrape says %v, status %v", what, pair[0], pair[1])
		}
	}
	if len(r.Destinations) != 3 || len(r.Streams) != 2 || len(r.Stretches) == 0 {
		t.Errorf("the scene shows too little: %+v", r)
	}
}

// TestMetricsOfTrouble: a stream that is behind and refused, and a destination that is parked and owed, are told as such.
func TestMetricsOfTrouble(t *testing.T) {
	s, q := open(t)
	event := store.Event{ID: "e1", Type: "A", Scheme: "seekAnz", StreamedAt: noon.AddDate(0, 0, -40), Destinations: []string{"ats"}}
	if _, err := s.SavePage(t.Context(), q, store.Page{Events: []store.Event{event}, Position: "p", State: store.Behind, More: true}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
	q, err := s.TakeSlot(t.Context(), store.Ask{CursorID: q.Cursor.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Minute, Timeout: time.Second}, at(2*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	err = s.Fail(t.Context(), q, store.Failure{Kind: "unauthorized", Message: "x", NextQueryAt: noon.Add(time.Hour)}, at(3*time.Minute))
	if err := errors.Join(err, s.Park(t.Context(), "ats", "gone", noon)); err != nil {
		t.Fatal(err)
	}
	text, _ := scraped(t, admin.NewServer(admin.Config{Store: s, Now: func() store.Instant { return at(4 * time.Minute) }}))
	for _, line := range []string{
		`stream_state{state="not polling",stream="applications"} 1`, `stream_state{state="behind",stream="applications"} 0`,
		`stream_error{kind="unauthorized",stream="applications"} 1`, `stream_error{kind="transient",stream="applications"} 0`,
		`stream_failures{stream="applications"} 1`,
		fmt.Sprintf(`stream_complete_timestamp_seconds{stream="applications"} %g`, float64(event.StreamedAt.Unix())),
		fmt.Sprintf(`stream_last_success_timestamp_seconds{stream="applications"} %.9e`, float64(noon.Unix()+1)),
		fmt.Sprintf(`stream_next_query_timestamp_seconds{stream="applications"} %g`, float64(noon.Add(time.Hour).Unix())),
		`destination_state{destination="ats",state="parked"} 1`, `destination_state{destination="ats",state="active"} 0`,
		`deliveries{destination="ats",state="owed"} 1`,
		fmt.Sprintf(`destination_oldest_owed_timestamp_seconds{destination="ats"} %.9e`, float64(noon.Unix()+1)),
	} {
		if !strings.Contains(text, "\nseek_poller_"+line+"\n") {
			t.Errorf("a scrape does not have %s", line)
		}
	}
	if strings.Contains(text, "\nseek_poller_stream_backlog_seconds{") || strings.Contains(text, "\nseek_poller_destination_last_success") {
		t.Error("a scrape tells what is not known")
	}
}

// TestVerifyMetric: what the last verify found is told from then on, and before it nothing is.
func TestVerifyMetric(t *testing.T) {
	f := newFeedSite(t)
	f.config.Metrics = admin.NewMetrics("v1")
	f.server.Use(f.config)
	f.page(10)
	verify := func() {
		var r admin.VerifyReport
		if err := admin.Within(f.server.Inside("tester")).Get(t.Context(), "/api/v1/verify", nil, &r); err != nil {
			t.Fatal(err)
		}
	}
	told := func() string {
		text, _ := scraped(t, f.server)
		_, line, _ := strings.Cut(text, "\nseek_poller_verify_last_successful ")
		value, _, _ := strings.Cut(line, "\n")
		return value
	}
	if got := told(); got != "" {
		t.Errorf("before the first: %q", got)
	}
	verify()
	if got := told(); got != "1" {
		t.Errorf("of a sound database: %q", got)
	}
	db, err := sql.Open("sqlite3", "file:"+f.path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DELETE FROM events WHERE seq = 3"); err != nil {
		t.Fatal(err)
	}
	verify()
	if got := told(); got != "0" {
		t.Errorf("after an event was taken away: %q", got)
	}
}

// TestScrapeThatCannotRead: it ends in time, says that it lacks something, and lacks it; and it is whole again once the disk answers.
func TestScrapeThatCannotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeedSite(t)
		f.config.Metrics = admin.NewMetrics("v1")
		hung, broken := make(chan struct{}), errors.New("input/output error")
		cases := []struct {
			name  string
			space func() (int64, int64, error)
			whole bool
			took  time.Duration
		}{
			{"well", roomy, true, 0},
			{"broken", func() (int64, int64, error) { return 0, 0, broken }, false, 0},
			{"a mistake of ours", func() (int64, int64, error) { panic("oh") }, false, 0},
			{"hung", func() (int64, int64, error) { <-hung; return 1, 1, nil }, false, 5 * time.Second},
			{"still hung", roomy, false, 5 * time.Second},
		}
		errs := 0
		check := func(name string, whole bool, took time.Duration) {
			begun := time.Now()
			_, families := scraped(t, f.server)
			if !whole {
				errs++
			}
			if there := families["seek_poller_problems"] != nil; there != whole {
				t.Errorf("%s: what is read is there: %v", name, there)
			}
			if got := families["seek_poller_scrape_errors_total"].GetMetric()[0].GetCounter().GetValue(); got != float64(errs) {
				t.Errorf("%s: %v errors, want %d", name, got, errs)
			}
			if since := time.Since(begun); since != took {
				t.Errorf("%s: took %v, want %v", name, since, took)
			}
		}
		for _, c := range cases {
			f.config.Space = c.space
			f.server.Use(f.config)
			check(c.name, c.whole, c.took)
		}
		close(hung)
		synctest.Wait()
		f.server.Use(f.config)
		check("well again", true, 0)
		f.store.Close()
		check("no database", false, 0)
	})
}
