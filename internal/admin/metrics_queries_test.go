package admin_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// TestQueriesNameMetrics: each query of an alert or of the dashboard names metrics that there are, and of them labels and words that there are.
func TestQueriesNameMetrics(t *testing.T) {
	_, families := scraped(t, watched(t))
	n := 0
	for _, r := range alertRules(t) {
		n += checkQuery(t, families, r.Alert, r.Expr)
	}
	for _, p := range readDashboard(t).Panels {
		for _, target := range p.Targets {
			n += checkQuery(t, families, p.Title, target.Expr)
		}
	}
	if n < 60 {
		t.Errorf("only %d metrics found in queries", n)
	}
	for _, v := range readDashboard(t).Templating.List {
		if inner, ok := strings.CutPrefix(v.Definition, "label_values("); ok {
			metric, label, _ := cutLast(strings.TrimSuffix(inner, ")"), ", ")
			checkQuery(t, families, v.Name, metric+" by ("+label+")")
		}
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

var (
	selector = regexp.MustCompile(`\b([a-z]+_[a-z_]+)\b(\{[^}]*\})?`)
	matcher  = regexp.MustCompile(`([a-z_]+)(=~|=)"([^"]*)"`)
	grouping = regexp.MustCompile(`\b(?:by|without|on|ignoring) \(([^)]*)\)`)
	theirs   = []string{"histogram_quantile", "group_left"} // of PromQL, and not a metric
	attached = []string{"job", "instance", "le"}            // by Prometheus, or of every histogram
)

// checkQuery returns how many metrics the query names.
func checkQuery(t *testing.T, families map[string]*dto.MetricFamily, where, expr string) (n int) {
	t.Helper()
	labels := slices.Clone(attached)
	for _, found := range selector.FindAllStringSubmatch(grouping.ReplaceAllString(expr, ""), -1) {
		if slices.Contains(theirs, found[1]) {
			continue
		}
		family := families[found[1]]
		if histogram := families[strings.TrimSuffix(found[1], "_bucket")]; family == nil && histogram.GetType() == dto.MetricType_HISTOGRAM {
			family = histogram
		}
		if family == nil {
			t.Errorf("%s: there is no metric %s", where, found[1])
			continue
		}
		n++
		names, values := labelsOf(family)
		labels = append(labels, names...)
		for _, m := range matcher.FindAllStringSubmatch(found[2], -1) {
			checkMatcher(t, where+": "+found[1], append(names, attached...), values[m[1]], m[1], m[3])
		}
	}
	for _, group := range grouping.FindAllStringSubmatch(expr, -1) {
		for _, label := range strings.Split(group[1], ", ") {
			if !slices.Contains(labels, label) {
				t.Errorf("%s: no metric in %s has the label %s", where, expr, label)
			}
		}
	}
	return n
}

// checkMatcher: the label is there, and it may have each of the words that are asked for.
func checkMatcher(t *testing.T, where string, names, values []string, name, words string) {
	t.Helper()
	if !slices.Contains(names, name) {
		t.Errorf("%s has no label %s", where, name)
	}
	for _, word := range strings.Split(words, "|") {
		if !strings.HasPrefix(word, "$") && name != "job" && !slices.Contains(values, word) {
			t.Errorf("%s is never %s=%q", where, name, word)
		}
	}
}
