package main

import (
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"seekpoller/graphql"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
	"seekpoller/outbox"
	"seekpoller/store"
)

// scrape is what Prometheus reads: the value of each sample by its name and labels as they are written, a histogram's as _count and _sum.
type scrape map[string]float64

// scrape asks the port, as Prometheus does. No secret, person, event or hirer is in any answer.
func (l *life) scrape() scrape {
	l.site.t.Helper()
	text := l.scrapeText()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		l.site.t.Fatalf("%v in\n%s", err, text)
	}
	got := scrape{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			var labels []string
			for _, p := range m.GetLabel() {
				labels = append(labels, p.GetValue())
			}
			key := strings.TrimPrefix(name, "seek_poller_") + "{" + strings.Join(labels, ",") + "}"
			switch {
			case m.GetHistogram() != nil:
				got[key+"_count"], got[key+"_sum"] = float64(m.GetHistogram().GetSampleCount()), m.GetHistogram().GetSampleSum()
				for _, b := range m.GetHistogram().GetBucket() {
					if b.GetUpperBound() == 60 {
						got[key+"_60"] = float64(b.GetCumulativeCount())
					}
				}
			default:
				got[key] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return got
}

func (l *life) scrapeText() string {
	l.site.t.Helper()
	w := httptest.NewRecorder()
	l.daemon.admin.Port().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/metrics", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		l.site.t.Fatalf("%d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	for _, word := range []string{secret, canary, "Bearer", "seekAnz", "partner"} {
		if strings.Contains(w.Body.String(), word) {
			l.site.t.Errorf("the scrape shows %q", word)
		}
	}
	return w.Body.String()
}

// sum adds up what begins so.
func (s scrape) sum(name string) (n float64) {
	for key, value := range s {
		if strings.HasPrefix(key, name+"{") {
			n += value
		}
	}
	return n
}

// TestMetricsAgree: what a scrape says is what SEEK and the receivers counted at their own doors, faults or not.
func TestMetricsAgree(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]string{"all is well": {""}, "faults": {"", "502", "cut", "429", "reset", "", "401"}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSite(t, simulator.Options{Seed: 3, PageLatency: func(int) time.Duration { return 700 * time.Millisecond }})
				ids := s.seek.Add(430)
				if len(faults) > 1 {
					s.inTurn(faults)
					s.rudeReceiver(ids[7])
				}
				life := s.start()
				time.Sleep(3 * time.Hour)
				got := life.scrape()
				life.stop()
				s.agree(got)
				if got["deliveries{ats,dead}"] != float64(len(faults)/7) || got["queries_total{transient,all}"] < float64(len(faults)/7) {
					t.Errorf("%v dead letters, %v transient failures", got["deliveries{ats,dead}"], got["queries_total{transient,all}"])
				}
			})
		})
	}
}

// inTurn lets SEEK's answers to queries go wrong in turn.
func (s *site) inTurn(names []string) {
	n := 0
	s.faults(func(r simulator.Request) simulator.Fault {
		if r.Kind != "events" {
			return simulator.Fault{}
		}
		n++
		name := names[n%len(names)]
		if name == "" {
			return simulator.Fault{}
		}
		fault, err := simulator.ParseFault(name)
		if err != nil {
			s.t.Error(err)
		}
		return fault
	})
}

// rudeReceiver takes the receiver's place: it fails now and then, and refuses one event for good.
func (s *site) rudeReceiver(refused string) {
	s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: canary, Fault: func(a simulator.Attempt) simulator.ReceiverFault {
		switch {
		case slices.Contains(a.IDs, refused):
			return simulator.ReceiverFault{Status: http.StatusBadRequest, Message: "no such job"}
		case a.N%5 == 0:
			return simulator.ReceiverFault{Status: http.StatusServiceUnavailable}
		case a.N%17 == 0:
			return simulator.ReceiverFault{Drop: true}
		}
		return simulator.ReceiverFault{}
	}})
	s.serve("rude.test:80", s.receiver)
	s.cfg.Destinations[0].Webhook.URL = "http://rude.test/seek"
}

// agree compares a scrape of a daemon at rest with what its world counted.
func (s *site) agree(got scrape) {
	s.t.Helper()
	seen := s.seek.Report()
	for what, pair := range map[string][2]float64{
		"queries":                 {got.sum("queries_total"), float64(seen.Queries)},
		"queries in the ledger":   {got.sum("queries_total"), float64(s.count("SELECT count(*) FROM queries WHERE outcome IS NOT NULL"))},
		"answered":                {got["queries_total{answered,all}"], float64(s.count("SELECT count(*) FROM queries WHERE outcome = 'answered'"))},
		"transient":               {got["queries_total{transient,all}"], float64(s.count("SELECT count(*) FROM queries WHERE outcome = 'transient'"))},
		"throttled":               {got["queries_total{throttled,all}"], float64(s.count("SELECT count(*) FROM queries WHERE outcome = 'throttled'"))},
		"unauthorized":            {got["queries_total{unauthorized,all}"], float64(s.count("SELECT count(*) FROM queries WHERE outcome = 'unauthorized'"))},
		"exchanges measured":      {got["query_duration_seconds{all}_count"], float64(seen.Queries)},
		"spacings":                {got["query_spacing_seconds{}_count"], float64(seen.Queries - 1)},
		"spacings under a minute": {got["query_spacing_seconds{}_60"], 0},
		"slot waits":              {got["query_slot_wait_seconds{}_count"], float64(seen.Queries)},
		"events on pages":         {got.sum("events_total"), float64(s.count("SELECT sum(events) FROM queries WHERE outcome = 'answered'"))},
		"new events":              {got["events_new_total{all}"], float64(seen.Served)},
		"token requests":          {got.sum("tokens_total") - got["tokens_total{refused}"], float64(seen.Requests["token"])},
		"delivered":               {got["deliveries_delivered_total{ats}"], float64(len(s.receiver.Accepted()))},
		"accepted":                {got["attempts_total{ats,accepted}"], float64(total(s.receiver.Accepted()))},
		"sends":                   {got["send_duration_seconds{ats}_count"], float64(len(s.receiver.Attempts()))},
		"files":                   {got["deliveries_delivered_total{spool}"], float64(len(s.spooled()))},
		"dead":                    {got["deliveries{ats,dead}"], float64(s.count("SELECT count(*) FROM dead_letters WHERE destination = 'ats'"))},
		"owed":                    {got["deliveries{ats,owed}"], float64(s.count("SELECT count(*) FROM outbox WHERE destination = 'ats' AND due_at IS NOT NULL"))},
		"page transactions":       {got["transaction_duration_seconds{page}_count"], got["queries_total{answered,all}"]},
		"config in force":         {got["config_last_reload_successful{}"], 1},
		"scrape errors":           {got["scrape_errors_total{}"], 0},
	} {
		if pair[0] != pair[1] {
			s.t.Errorf("%s: the scrape says %v, want %v", what, pair[0], pair[1])
		}
	}
	if _, there := got["query_spacing_seconds{}_60"]; !there {
		s.t.Error("no bucket ends at SEEK's minute")
	}
	for what, sum := range map[string][2]float64{
		"spacing":   {got["query_spacing_seconds{}_sum"], float64(s.count("SELECT sum(sent_boot_ms - ended) FROM (SELECT sent_boot_ms, lag(ended_boot_ms) OVER (ORDER BY id) AS ended FROM queries)"))},
		"exchanges": {got["query_duration_seconds{all}_sum"], float64(s.count("SELECT sum(ended_boot_ms - sent_boot_ms) FROM queries"))},
		"sends":     {got["send_duration_seconds{ats}_sum"], float64(s.count("SELECT sum(ms) FROM (SELECT max(latency_ms) AS ms FROM attempts WHERE destination = 'ats' GROUP BY request_id)"))},
		// A stream with more pages waits for the slot from the end of its last exchange on; who waits for a schedule or a back-off does not.
		"slot waits": {got["query_slot_wait_seconds{}_sum"], 60_200 * float64(s.count("SELECT count(*) FROM (SELECT lag(more) OVER w AS more, lag(outcome) OVER w AS outcome FROM queries WINDOW w AS (ORDER BY id)) WHERE more = 1 OR outcome = 'unauthorized'"))},
	} {
		if math.Abs(1000*sum[0]-sum[1]) > 100 {
			s.t.Errorf("%s: the scrape says %v s, want %v ms", what, sum[0], sum[1])
		}
	}
}

func total(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// TestMetricWords: what is shown as zero from the start is every word that the rooms use, and no other.
func TestMetricWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		life := newSite(t, simulator.Options{Seed: 3}).start()
		defer life.stop()
		kinds := []string{string(graphql.Transient), string(graphql.Throttled), string(graphql.Unauthorized), string(graphql.Rejected)}
		want := map[string][]string{
			"queries_total":     append([]string{store.Answered, string(graphql.BadCursor)}, kinds...),
			"tokens_total":      append([]string{graphql.Fetched, graphql.Refused}, kinds...),
			"attempts_total":    {string(outbox.Accepted), string(outbox.Retry), string(outbox.Refused), string(outbox.Invalid), string(outbox.Denied), string(outbox.Gone)},
			"destination_state": {store.Active, store.Paused, store.Parked, store.Removed, "down"},
		}
		got := map[string][]string{}
		for key := range life.scrape() {
			name, labels, _ := strings.Cut(strings.TrimSuffix(key, "}"), "{")
			for _, word := range strings.Split(labels, ",") {
				if word != "all" && word != "ats" && word != "spool" {
					got[name] = append(got[name], word)
				}
			}
		}
		for name, words := range want {
			slices.Sort(words)
			slices.Sort(got[name])
			if found := slices.Compact(got[name]); !slices.Equal(found, words) {
				t.Errorf("%s has %q, want %q", name, found, words)
			}
		}
	})
}

// TestMetricsAfterReload: counters go on over a reload, a new destination begins at zero, and a config that cannot be taken over is told.
func TestMetricsAfterReload(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 3})
		s.seek.Add(150)
		life := s.start()
		time.Sleep(time.Hour)
		before := life.scrape()
		s.addReceiver("second.test:80")
		changed := *s.cfg
		second := config.Destination{Name: "second", Webhook: &config.Webhook{URL: "http://second.test/seek", Format: "seek", Secret: config.NewSecret(secret)}}
		changed.Destinations = append(slices.Clone(s.cfg.Destinations), second)
		life.next <- &changed
		time.Sleep(time.Minute)
		after := life.scrape()
		if before["queries_total{answered,all}"] == 0 || after["queries_total{answered,all}"] < before["queries_total{answered,all}"] {
			t.Errorf("%v queries before, %v after", before["queries_total{answered,all}"], after["queries_total{answered,all}"])
		}
		if _, there := after["attempts_total{second,accepted}"]; !there || after["config_last_reload_successful{}"] != 1 {
			t.Error("the new destination is not there at zero, or the config is not told to be in force")
		}
		if at := "config_last_reload_success_timestamp_seconds{}"; after[at] <= before[at] {
			t.Errorf("taken over at %v, and before at %v", after[at], before[at])
		}
		broken := changed
		broken.Seek.CAFile = "/nowhere"
		life.next <- &broken
		time.Sleep(time.Minute)
		if got := life.scrape(); got["config_last_reload_successful{}"] != 0 {
			t.Error("a config that could not be taken over is told to be in force")
		}
		life.stop()
	})
}

// TestWatchingCommands runs every command of docs/alerts.md and docs/metrics.md beside a running daemon, as it stands.
func TestWatchingCommands(t *testing.T) {
	t.Parallel()
	d := newSupportDesk(t)
	for _, file := range []string{"alerts.md", "metrics.md"} {
		text, err := os.ReadFile("../../docs/" + file)
		if err != nil {
			t.Fatal(err)
		}
		commands := shellCommands(string(text))
		if len(commands) == 0 {
			t.Errorf("no command found in %s", file)
		}
		for _, command := range commands {
			t.Run(command, func(t *testing.T) {
				if !strings.HasPrefix(command, "curl ") {
					d.do(t, command)
					return
				}
				needTool(t, "curl")
				command = strings.ReplaceAll(command, "/run/seek-poller/admin.sock", filepath.Join(d.dir, "admin.sock"))
				if out, err := exec.Command("sh", "-c", command).Output(); err != nil || !strings.Contains(string(out), "\nseek_poller_deliveries{destination=\"ats\",state=\"dead\"} 1\n") {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
	}
}
