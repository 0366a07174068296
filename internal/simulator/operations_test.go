package simulator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"seekpoller/internal/simulator"
)

// Each operation that the daemon can send is answered, complete and without complaint.
func TestOperationsOfTheClientAreAnswered(t *testing.T) {
	text, err := os.ReadFile("../../graphql/operations.graphql")
	if err != nil {
		t.Fatal(err)
	}
	s := schema(t)
	doc, err := gqlparser.LoadQueryWithRules(s, string(text), nil)
	if len(doc.Operations) < 13 {
		t.Fatalf("got %d operations, want at least 13 (%v)", len(doc.Operations), err)
	}
	inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
		ids := w.sim.AddEvents(oneOfEach()...)
		cursor := w.next("").Data.Events.Edges[0].Cursor
		for _, op := range doc.Operations {
			time.Sleep(time.Hour)
			w.login()
			v := vars{}
			for _, d := range op.VariableDefinitions {
				v[d.Variable] = map[string]any{"schemeId": "seekAnz", "first": 100, "after": cursor, "id": ids[0],
					"filter": map[string]any{"eventTypeCodes": simulator.Types()}}[d.Variable]
			}
			_, b, err := w.raw(only(doc, op), v)
			checkShape(t, s, op, b, err)
		}
		for _, v := range w.sim.Report().Violations {
			if v.Law != "token" { // the hours between them are for the laws of time
				t.Errorf("%+v", v)
			}
		}
	})
}

// only prints the operation with the fragments that it needs, as the client sends it.
func only(doc *ast.QueryDocument, op *ast.OperationDefinition) string {
	need := map[string]*ast.FragmentDefinition{}
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				visit(s.SelectionSet)
			case *ast.InlineFragment:
				visit(s.SelectionSet)
			case *ast.FragmentSpread:
				need[s.Name] = s.Definition
				visit(s.Definition.SelectionSet)
			}
		}
	}
	visit(op.SelectionSet)
	out := &ast.QueryDocument{Operations: ast.OperationList{op}}
	for _, f := range need {
		out.Fragments = append(out.Fragments, f)
	}
	var b strings.Builder
	formatter.NewFormatter(&b).FormatQueryDocument(out)
	return b.String()
}

// checkShape wants an answer without errors that holds exactly the members selected.
func checkShape(t *testing.T, s *ast.Schema, op *ast.OperationDefinition, body []byte, err error) {
	t.Helper()
	var a struct {
		Data   map[string]any
		Errors []any
	}
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil || a.Data == nil || len(a.Errors) > 0 {
		t.Errorf("%s: got %v %.300s, want data without errors", op.Name, err, body)
		return
	}
	compareShape(t, s, op.Name, s.Query, op.SelectionSet, a.Data)
}

func compareShape(t *testing.T, s *ast.Schema, path string, d *ast.Definition, set ast.SelectionSet, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			compareShape(t, s, fmt.Sprintf("%s.%d", path, i), d, set, e)
		}
	case map[string]any:
		want := map[string]ast.SelectionSet{}
		types := map[string]*ast.Type{}
		gather(s, set, d, v, want, types)
		for k := range v {
			if _, ok := want[k]; !ok {
				t.Errorf("%s.%s was not selected", path, k)
			}
		}
		for k, sub := range want {
			if _, ok := v[k]; !ok {
				t.Errorf("%s.%s is missing", path, k)
			} else if len(sub) > 0 {
				compareShape(t, s, path+"."+k, s.Types[types[k].Name()], sub, v[k])
			}
		}
	}
}

// gather is the test's own reading of which fields apply; it takes the type from the one field that gives it away.
func gather(s *ast.Schema, set ast.SelectionSet, d *ast.Definition, v map[string]any, want map[string]ast.SelectionSet, types map[string]*ast.Type) {
	name := d.Name
	if code, ok := v["typeCode"].(string); ok && d.Name == "Event" {
		name = code + "Event"
	}
	for _, sel := range set {
		switch sel := sel.(type) {
		case *ast.Field:
			want[sel.Alias] = append(want[sel.Alias], sel.SelectionSet...)
			types[sel.Alias] = sel.Definition.Type
		case *ast.InlineFragment:
			if c := sel.TypeCondition; c == name || c == d.Name || slices.Contains(d.Interfaces, c) {
				gather(s, sel.SelectionSet, d, v, want, types)
			}
		case *ast.FragmentSpread:
			if c := sel.Definition.TypeCondition; c == name || c == d.Name || slices.Contains(d.Interfaces, c) {
				gather(s, sel.Definition.SelectionSet, d, v, want, types)
			}
		}
	}
}

func oneOfEach() []simulator.Spec {
	var specs []simulator.Spec
	for _, code := range simulator.Types() {
		specs = append(specs, simulator.Spec{Type: code})
	}
	return specs
}
