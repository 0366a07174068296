package admin_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"seekpoller/internal/admin"
)

// watched is a server on which everything that there is to measure has happened.
func watched(t *testing.T) *admin.Server {
	t.Helper()
	sc := newScene(t)
	sc.play()
	m := admin.NewMetrics("v1.2.3")
	s := admin.NewServer(admin.Config{Store: sc.s, Now: sc.now, Version: "v1.2.3", Metrics: m,
		Streams: []admin.ConfiguredStream{{Name: "applications"}, {Name: "positions"}}, Destinations: []admin.ConfiguredDestination{{Name: "ats"}}})
	m.Asked(admin.Exchange{Stream: "applications", Outcome: "answered", Spacing: time.Minute, Took: time.Second, Events: map[string]int{"CandidateApplicationCreated": 3, "New": 1}, Fresh: 2})
	m.Tried(admin.Try{Destination: "ats", Verdict: "accepted", Deliveries: 10, Took: time.Millisecond})
	m.Token("fetched")
	m.Timed("page")()
	m.Reloaded(true, sceneEnd)
	var verified admin.VerifyReport
	sc.must(admin.Within(s.Inside("tester")).Get(t.Context(), "/api/v1/verify", nil, &verified))
	return s
}

// scraped is what the port answers to Prometheus.
func scraped(t testing.TB, s *admin.Server) (text string, families map[string]*dto.MetricFamily) {
	t.Helper()
	w := httptest.NewRecorder()
	s.Port().ServeHTTP(w, httptest.NewRequest("GET", "http://127.0.0.1/metrics", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%d %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return w.Body.String(), families
}

// ours are the names of our metrics, sorted. The others are Go's and the process's.
func ours(t testing.TB, families map[string]*dto.MetricFamily) (names []string) {
	t.Helper()
	for name := range families {
		switch {
		case strings.HasPrefix(name, "seek_poller_"):
			names = append(names, name)
		case !strings.HasPrefix(name, "go_") && !strings.HasPrefix(name, "process_"):
			t.Errorf("%s is a metric of nobody", name)
		}
	}
	slices.Sort(names)
	return names
}

// labelsOf are the labels of a metric with the values of each.
func labelsOf(f *dto.MetricFamily) (names []string, values map[string][]string) {
	values = map[string][]string{}
	for _, m := range f.GetMetric() {
		for _, l := range m.GetLabel() {
			if !slices.Contains(names, l.GetName()) {
				names = append(names, l.GetName())
			}
			values[l.GetName()] = append(values[l.GetName()], l.GetValue())
		}
	}
	return names, values
}

// TestMetricsDocumented: docs/metrics.md lists every metric with its type, its labels and the meaning that a scrape gives, and no other.
func TestMetricsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, families := scraped(t, watched(t))
	want := "| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n"
	for _, name := range ours(t, families) {
		labels, _ := labelsOf(families[name])
		want += fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, strings.ToLower(families[name].GetType().String()), strings.Join(labels, ", "), families[name].GetHelp())
	}
	if !strings.Contains(string(text), "\n"+want) || strings.Count(string(text), "\n| `seek_poller_") != strings.Count(want, "\n| `") {
		t.Errorf("docs/metrics.md does not have this table:\n%s", want)
	}
}

// TestMetricWordsDocumented: docs/metrics.md lists every value that a label may have which is not a name of the config's.
func TestMetricWordsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| label | values |")
	_, families := scraped(t, watched(t))
	for _, name := range ours(t, families) {
		_, values := labelsOf(families[name])
		for _, label := range []string{"outcome", "kind", "state", "verdict", "transaction"} {
			for _, word := range values[label] {
				if !strings.Contains(table, "`"+label+"`") || !strings.Contains(table, "`"+word+"`") {
					t.Errorf("the table of labels does not have %s=%q", label, word)
				}
			}
		}
	}
}

// TestMetricsLint: names and types are as Prometheus wants them.
func TestMetricsLint(t *testing.T) {
	text, families := scraped(t, watched(t))
	var all []*dto.MetricFamily
	for _, f := range families {
		all = append(all, f)
	}
	problems, err := testutil.GatherAndLint(prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return all, nil }))
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	cmd := exec.Command(promtool(t), "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// promtool is Prometheus' own checker, or the test is skipped. In CI it must be there.
func promtool(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("CI") == "" {
		t.Skip("promtool is not installed (Debian: prometheus)")
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestMetricsNameNobody: personal data, ids and words of receivers are in the database that is scraped, and in no scrape.
func TestMetricsNameNobody(t *testing.T) {
	text, families := scraped(t, watched(t))
	for _, word := range []string{payloadCanary, "seekAnz", "unknown job reference", "database is being upgraded", "anna", "eyJ", "7f3c1a52"} {
		if strings.Contains(text, word) {
			t.Errorf("a scrape shows %q", word)
		}
	}
	for _, name := range ours(t, families) {
		for _, label := range must(labelsOf(families[name])) {
			if !slices.Contains([]string{"stream", "destination", "outcome", "type", "state", "kind", "verdict", "transaction", "version", "goversion"}, label) {
				t.Errorf("%s has the label %s", name, label)
			}
		}
	}
	if _, values := labelsOf(families["seek_poller_events_total"]); !slices.Contains(values["type"], "other") || slices.Contains(values["type"], "New") {
		t.Errorf("types are %q", values["type"])
	}
}

func must(names []string, _ map[string][]string) []string { return names }

// TestMetricTypes: the types that are told apart are those of SEEK's schema.
func TestMetricTypes(t *testing.T) {
	schema, err := os.ReadFile("../../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"missing", "other"}
	for _, found := range regexp.MustCompile(`(?m)^type (\w+)Event implements Event`).FindAllStringSubmatch(string(schema), -1) {
		want = append(want, found[1])
	}
	_, families := scraped(t, watched(t))
	_, values := labelsOf(families["seek_poller_events_total"])
	got := slices.Compact(slices.Sorted(slices.Values(values["type"])))
	slices.Sort(want)
	if len(want) < 9 || !slices.Equal(got, want) {
		t.Errorf("types are %q, want %q", got, want)
	}
}
