package admin_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// rule is an alert as deploy/alerts.yml has it.
type rule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

func alertRules(t *testing.T) []rule {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	readYAML(t, "../../deploy/alerts.yml", &file)
	if len(file.Groups) != 1 || len(file.Groups[0].Rules) < 13 {
		t.Fatalf("only %d groups, or too few rules", len(file.Groups))
	}
	return file.Groups[0].Rules
}

func readYAML(t *testing.T, path string, to any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(text, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// TestAlertsHaveRunbook: each alert says how urgent it is, what it is, what to do and where to read on, and the runbook has its sections in the
// same order, each with what to look at and how to mend it.
func TestAlertsHaveRunbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/alerts.md")
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		name, body, _ := strings.Cut(part, "\n")
		sections = append(sections, name)
		for _, want := range []string{"**Mend**", "\n\n*"} {
			if !strings.Contains("\n"+body, want) {
				t.Errorf("the section of %s has no %q", name, want)
			}
		}
	}
	var alerts []string
	for _, r := range alertRules(t) {
		alerts = append(alerts, r.Alert)
		if !strings.Contains(string(text), "## "+r.Alert+"\n\n*"+r.Labels["severity"]+".*") {
			t.Errorf("the section of %s does not begin with its severity, %s", r.Alert, r.Labels["severity"])
		}
		if s := r.Labels["severity"]; s != "critical" && s != "warning" || len(r.Labels) != 1 {
			t.Errorf("%s has the labels %v", r.Alert, r.Labels)
		}
		if r.Annotations["summary"] == "" || len(r.Annotations["description"]) < 80 || len(r.Annotations) != 3 {
			t.Errorf("%s says too little: %q", r.Alert, r.Annotations)
		}
		if want := "file:///usr/share/doc/seek-poller/alerts.md#" + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
			t.Errorf("%s links to %s", r.Alert, r.Annotations["runbook_url"])
		}
	}
	if !slices.Equal(sections, alerts) {
		t.Errorf("the runbook has %q, want %q", sections, alerts)
	}
}

// TestAlertRules: the rules are right, and each has a test of its own that sees it fire and sees it not fire.
func TestAlertRules(t *testing.T) {
	var file struct {
		Tests []struct {
			Checks []struct {
				Expr    string
				Samples []any `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	readYAML(t, "../../deploy/alerts_test.yml", &file)
	fires, rests := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Checks {
			map[bool]map[string]bool{true: fires, false: rests}[len(c.Samples) > 0][c.Expr] = true
		}
	}
	for _, r := range alertRules(t) {
		expr := fmt.Sprintf("ALERTS{alertname=%q, alertstate=\"firing\"}", r.Alert)
		if !fires[expr] || !rests[expr] {
			t.Errorf("%s: seen to fire %v, seen to rest %v", r.Alert, fires[expr], rests[expr])
		}
	}
	tool := promtool(t)
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		cmd := exec.Command(tool, args...)
		cmd.Dir = "../../deploy"
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %v: %v\n%s", args, err, out)
		}
	}
}
