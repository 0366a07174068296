package graphql_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"seekpoller/graphql"
)

// at is an error of an answer; place is its path below events, dotted, "-" for an error without one.
func at(code, place string) string {
	if place == "-" {
		return fmt.Sprintf(`{"message":"m","extensions":{"code":%q}}`, code)
	}
	steps := strings.Split("events."+place, ".")
	if place == "" {
		steps = steps[:1]
	}
	for i, s := range steps {
		if strings.Trim(s, "0123456789") != "" {
			steps[i] = `"` + s + `"`
		}
	}
	return fmt.Sprintf(`{"message":"m","path":[%s],"extensions":{"code":%q}}`, strings.Join(steps, ","), code)
}

// Of all that an answer complains about, the error is told that took the page away, in
// whatever order they come.
func TestSpoilerIsTold(t *testing.T) {
	const refused = "edges.2.node.candidate.person"
	for name, c := range map[string]struct {
		errors []string // the one to be told first
		want   string
		node   bool
	}{
		"an event beside refusals": {
			[]string{at("INTERNAL_SERVER_ERROR", "edges.37.node"), at("FORBIDDEN", refused), at("FORBIDDEN", "edges.5.node.hirer")},
			"SEEK could not resolve the event at edge 37: INTERNAL_SERVER_ERROR: m at node", true,
		},
		"an event beside a field that failed": {
			[]string{at("INTERNAL_SERVER_ERROR", "edges.37.node"), at("INTERNAL_SERVER_ERROR", refused)},
			"SEEK could not resolve the event at edge 37: INTERNAL_SERVER_ERROR: m at node", true,
		},
		"an edge": {
			[]string{at("NEW_CODE", "edges.37"), at("FORBIDDEN", refused)},
			"SEEK could not resolve the event at edge 37: NEW_CODE: m", true,
		},
		"a field that every event has": {
			[]string{at("INTERNAL_SERVER_ERROR", "edges.37.node.id.value"), at("FORBIDDEN", refused)},
			"SEEK could not resolve the event at edge 37: INTERNAL_SERVER_ERROR: m at node.id.value", true,
		},
		"a right to such a field beside a field that failed": {
			[]string{at("FORBIDDEN", "edges.37.node.candidateId"), at("INTERNAL_SERVER_ERROR", refused)},
			"SEEK could not resolve the event at edge 37: FORBIDDEN: m at node.candidateId", true,
		},
		"a failure beside a right, where each would do": {
			[]string{at("INTERNAL_SERVER_ERROR", "edges.37.node"), at("FORBIDDEN", "edges.2.node")},
			"SEEK could not resolve the event at edge 37: INTERNAL_SERVER_ERROR: m at node", true,
		},
		"a failure beside a right, where none should": {
			[]string{at("INTERNAL_SERVER_ERROR", "edges.37.node.hirer"), at("FORBIDDEN", refused)},
			"SEEK could not resolve the event at edge 37: INTERNAL_SERVER_ERROR: m at node.hirer", true,
		},
		"the stream": {
			[]string{at("INTERNAL_SERVER_ERROR", ""), at("FORBIDDEN", refused)},
			"INTERNAL_SERVER_ERROR: m at events", false,
		},
		"nothing in particular": {
			[]string{at("NEW_CODE", "-"), at("FORBIDDEN", refused)},
			"NEW_CODE: m", false,
		},
		"a refused token": {
			[]string{at("UNAUTHENTICATED", "edges.4.node.hirer"), at("INTERNAL_SERVER_ERROR", "edges.37.node"), at("FORBIDDEN", refused)},
			"SEEK could not resolve the event at edge 4: UNAUTHENTICATED: m at node.hirer", true,
		},
	} {
		for turn := range len(c.errors) {
			turned := append(slices.Clone(c.errors[turn:]), c.errors[:turn]...)
			for _, data := range []string{`null`, `{"events":null}`} {
				page, err := graphql.Decode([]byte(`{"data":` + data + `,"errors":[` + strings.Join(turned, ",") + `]}`))
				got := asError(t, err)
				if page != nil || got.Error() != c.want || got.Node != c.node {
					t.Errorf("%s, data %s: got %q, of an event: %t, want %q, %t", name, data, got, got.Node, c.want, c.node)
				}
			}
		}
	}
}

// Of errors that weigh the same the first is told.
func TestFirstOfEqualsIsTold(t *testing.T) {
	_, err := graphql.Decode([]byte(`{"data":null,"errors":[` + at("A", "edges.37.node") + `,` + at("B", "edges.3.node") + `]}`))
	if got, want := asError(t, err).Error(), "SEEK could not resolve the event at edge 37: A: m at node"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An event that is null in a page that is there: refusals of the others stay refusals.
func TestNullEventIsTold(t *testing.T) {
	refusals := `,"errors":[` + at("FORBIDDEN", "edges.0.node.hirer") + `,` + at("INTERNAL_SERVER_ERROR", "edges.1.node") + `]`
	page, err := graphql.Decode([]byte(answerWith(refusals, node, "null")))
	if err == nil {
		t.Fatalf("the event at edge 1 is passed over: %d events of 2", len(page.Edges))
	}
	if got, want := asError(t, err).Error(), "SEEK could not resolve the event at edge 1: INTERNAL_SERVER_ERROR: m at node"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if page, err = graphql.Decode([]byte(answer(node, "null"))); err == nil {
		t.Fatalf("the event at edge 1 is passed over: %d events of 2", len(page.Edges))
	}
	if got, want := asError(t, err).Error(), "the answer lacks the event at edge 1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What an error may be below without taking its event away is what the schema lets be null.
func TestFieldsThatMayBeNullAreTheSchemas(t *testing.T) {
	schema, nullable := schema(t), map[string]bool{}
	for _, event := range schema.GetPossibleTypes(schema.Types["Event"]) {
		for _, f := range event.Fields {
			if nullable[f.Name] = !f.Type.NonNull; f.Type.NonNull {
				holdNonNull(t, schema, f)
			}
		}
	}
	for name, want := range nullable {
		// beside a right to another event's id, the first would be told only if it took its event away
		_, err := graphql.Decode([]byte(`{"data":null,"errors":[` + at("OTHER", "edges.1.node."+name) + `,` + at("FORBIDDEN", "edges.2.node.id") + `]}`))
		if harmless := strings.Contains(asError(t, err).Error(), "edge 2"); harmless != want {
			t.Errorf("%s: got harmless %t, want %t", name, harmless, want)
		}
	}
	text, err := os.ReadFile("operations.graphql")
	if err != nil {
		t.Fatal(err)
	}
	if renamed := regexp.MustCompile(`(?m)^\s*\w+\s*:\s*\w+`).Find(text); renamed != nil {
		t.Errorf("got field %q under another name, which its errors would have too", renamed)
	}
}

// holdNonNull holds that nothing below f may be null, or an error there would stop there.
func holdNonNull(t *testing.T, schema *ast.Schema, f *ast.FieldDefinition) {
	t.Helper()
	if !f.Type.NonNull {
		t.Errorf("%s may be null below a field that may not", f.Name)
	}
	for _, below := range schema.Types[f.Type.Name()].Fields {
		holdNonNull(t, schema, below)
	}
}
