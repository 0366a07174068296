package admin_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// panel is one of deploy/dashboard.json.
type panel struct {
	ID                       int
	Type, Title, Description string
	GridPos                  struct{ X, Y, W, H int }
	Datasource               struct{ UID string }
	Targets                  []struct{ Expr, RefID string }
}

// dashboard is the file, as far as it is tested.
type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Inputs        any `json:"__inputs"`
	Templating    struct {
		List []struct{ Name, Type, Definition string }
	}
	Panels []panel
}

func readDashboard(t *testing.T) (d dashboard) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/dashboard.json")
	if err == nil {
		err = json.Unmarshal(text, &d)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDashboard: every panel says what to do when it looks wrong, and the file can be imported as it is: no panel over another, no input to be
// given, nothing that Grafana does not have by itself, and only queries that Prometheus understands.
func TestDashboard(t *testing.T) {
	d := readDashboard(t)
	if d.UID == "" || d.SchemaVersion < 36 || d.Inputs != nil {
		t.Errorf("uid %q, schema %d, inputs %v", d.UID, d.SchemaVersion, d.Inputs)
	}
	var variables []string
	for _, v := range d.Templating.List {
		variables = append(variables, v.Name)
	}
	if !slices.Equal(variables, []string{"datasource", "instance", "stream", "destination"}) {
		t.Errorf("variables %q", variables)
	}
	ids, places := map[int]bool{}, map[[2]int]string{}
	var rules strings.Builder
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("%s: the id %d is another's", p.Title, p.ID)
		}
		ids[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if places[at] != "" || at[0] >= 24 {
					t.Errorf("%s lies over %s at %v", p.Title, places[at], at)
				}
				places[at] = p.Title
			}
		}
		if p.Type == "row" {
			continue
		}
		if !slices.Contains([]string{"stat", "bargauge", "timeseries", "heatmap"}, p.Type) || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 {
			t.Errorf("%s is a %s of %s", p.Title, p.Type, p.Datasource.UID)
		}
		if strings.Count(p.Description, ". ") < 1 || len(p.Description) < 80 {
			t.Errorf("%s does not say what to do: %q", p.Title, p.Description)
		}
		for _, target := range p.Targets {
			fmt.Fprintf(&rules, "  - {record: 'p%d:%s', expr: %q}\n", p.ID, target.RefID, strings.ReplaceAll(target.Expr, "$__rate_interval", "5m"))
		}
	}
	path := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(path, []byte("groups:\n- name: dashboard\n  rules:\n"+rules.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(promtool(t), "check", "rules", path).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
