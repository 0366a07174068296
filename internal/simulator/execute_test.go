package simulator_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"seekpoller/internal/simulator"
)

func schema(t *testing.T) *ast.Schema {
	t.Helper()
	b, err := os.ReadFile("schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	return gqlparser.MustLoadSchema(&ast.Source{Name: "schema.graphql", Input: string(b)})
}

// Whatever the schema lets a client select is answered for each type of event: nothing non-null is forgotten.
func TestEveryFieldOfTheSchemaIsAnswered(t *testing.T) {
	s := schema(t)
	inBubble(t, simulator.Options{Canary: "kanarie"}, func(t *testing.T, w *world) {
		ids := w.sim.AddEvents(append(oneOfEach(), simulator.Spec{Redacted: true})...)
		for _, id := range ids {
			_, b, err := w.raw("query q($id: String!) { event(id: $id) "+everything(s, s.Types["Event"], 0)+" }", vars{"id": id})
			if err != nil || strings.Contains(string(b), `"errors"`) || strings.Contains(string(b), `"data":null`) {
				t.Errorf("event %s: %v %.400s", id, err, b)
			}
		}
		for _, id := range w.profileIDs() {
			_, b, err := w.raw("query q($id: String!) { candidateProfile(id: $id) "+everything(s, s.Types["CandidateProfile"], 0)+" }", vars{"id": id})
			if err != nil || strings.Contains(string(b), `"errors"`) || strings.Contains(string(b), `"profileId"`) != (id != "") {
				t.Errorf("profile %q: %v %.400s", id, err, b)
			}
		}
		if got := w.sim.Report().Violations; len(got) > 0 {
			t.Errorf("got %v, want no violation", got)
		}
	})
}

// everything selects all fields of a type, a few levels deep.
func everything(s *ast.Schema, d *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	for _, f := range d.Fields {
		below := s.Types[f.Type.Name()]
		if f.Name == "__schema" || f.Name == "__type" || below.IsCompositeType() && depth > 5 {
			continue
		}
		b.WriteString(f.Name + " ")
		if below.IsCompositeType() {
			b.WriteString(everything(s, below, depth+1))
		}
	}
	if d.Kind == ast.Interface && depth == 0 {
		for _, p := range s.PossibleTypes[d.Name] {
			b.WriteString("... on " + p.Name + everything(s, p, depth+1))
		}
	}
	b.WriteString("} ")
	return b.String()
}

func TestExecutorAliasesFragmentsDirectivesTypenames(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		id := w.sim.AddEvents(simulator.Spec{ID: "e1", Type: "HirerRelationshipChanged"})[0]
		_, b, err := w.raw(`query q($id: String!, $yes: Boolean!, $no: Boolean!) {
			a: event(id: $id) { ...f kind: typeCode id { v: value } ... on PositionNotPostedEvent { reasonId } }
			b: event(id: $id) { schemeId @skip(if: $yes) typeCode @include(if: $no) __typename }
			__typename
		} fragment f on HirerRelationshipChangedEvent { id { value } ... on Event { schemeId } }`, vars{"id": id, "yes": true, "no": false})
		want := `{"data":{"a":{"id":{"value":"e1","v":"e1"},"schemeId":"seekAnz","kind":"HirerRelationshipChanged"},"b":{"__typename":"HirerRelationshipChangedEvent"},"__typename":"Query"},"extensions":{"requestLatency":1}}`
		if err != nil || string(b) != want {
			t.Errorf("got  %s (%v)\nwant %s", b, err, want)
		}
	})
}

// A type that the schema does not have looks like any implementation of the interface.
func TestTypeFromTheFuture(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		w.sim.AddEvents(simulator.Spec{Type: "CandidateMoodChanged"})
		_, b, err := w.raw(`query q($s: String!) { events(schemeId: $s) { edges { node { __typename typeCode ...e ... on HirerRelationshipChangedEvent { hirerId } } } } } fragment e on Event { schemeId }`, vars{"s": "seekAnz"})
		want := `{"__typename":"CandidateMoodChangedEvent","typeCode":"CandidateMoodChanged","schemeId":"seekAnz"}`
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("got %s (%v), want it to hold %s", b, err, want)
		}
	})
}

// A refused object is null with an error; a refused part of an object in a list takes with it what may not be null.
func TestRefusedFieldsAndNullPropagation(t *testing.T) {
	detailed := `query q($s: String!, $first: Int!) { events(schemeId: $s, first: $first) { edges { node { id { value }
		... on CandidateApplicationCreatedEvent { candidateId candidate { person { name { formattedName } } } candidateApplicationProfile { associatedPositionProfile { positionTitle } } } } } } }`
	for _, c := range []struct {
		name string
		spec simulator.Spec
		path string // of the error, "" none
		data string // what the answer holds
	}{
		{"object", simulator.Spec{Refused: []string{"candidate"}}, `["events","edges",0,"node","candidate"]`, `"candidate":null`},
		{"deep", simulator.Spec{Refused: []string{"candidate.person"}}, `["events","edges",0,"node","candidate","person"]`, `"candidate":null`},
		{"below a profile", simulator.Spec{Refused: []string{"candidateApplicationProfile.associatedPositionProfile"}}, `["events","edges",0,"node","candidateApplicationProfile","associatedPositionProfile"]`, `"associatedPositionProfile":null`},
		{"null", simulator.Spec{Null: []string{"candidate"}}, ``, `"candidate":null`},
		{"field that may not be null", simulator.Spec{Unresolvable: "details"}, `["events","edges",0,"node","candidateId"]`, `"data":null`},
		{"node", simulator.Spec{Unresolvable: "always"}, `["events","edges",0,"node"]`, `"data":null`},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
				w.sim.AddEvents(c.spec)
				_, b, err := w.raw(detailed, vars{"s": "seekAnz", "first": 1})
				if err != nil || !strings.Contains(string(b), c.data) {
					t.Errorf("got %s (%v), want it to hold %s", b, err, c.data)
				}
				if c.path != "" && !strings.Contains(string(b), `"path":`+c.path) || c.path == "" && strings.Contains(string(b), "errors") {
					t.Errorf("got %s, want an error at %q", b, c.path)
				}
			})
		})
	}
}

// Errors of one page keep their own paths.
func TestSeveralRefusalsOnOnePage(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		refused := simulator.Spec{Type: "PositionProfilePosted", Refused: []string{"positionProfile.seekBillingReference", "positionProfile.seekHirerJobReference"}}
		w.sim.AddEvents(refused, simulator.Spec{}, refused)
		_, b, err := w.raw(`query q($s: String!) { events(schemeId: $s) { edges { node { ... on PositionProfilePostedEvent { positionProfile { seekBillingReference seekHirerJobReference positionScheduleTypeCodes } } } } } }`, vars{"s": "seekAnz"})
		for _, path := range []string{`0,"node","positionProfile","seekBillingReference"`, `0,"node","positionProfile","seekHirerJobReference"`, `2,"node","positionProfile","seekBillingReference"`, `2,"node","positionProfile","seekHirerJobReference"`} {
			if strings.Count(string(b), `"path":["events","edges",`+path+`]`) != 1 {
				t.Errorf("got %s (%v), want one error at %s", b, err, path)
			}
		}
	})
}

// A deleted candidate comes back redacted, without an error.
func TestRedactedCandidate(t *testing.T) {
	inBubble(t, simulator.Options{Canary: "kanarie"}, func(t *testing.T, w *world) {
		w.sim.AddEvents(simulator.Spec{Redacted: true})
		_, b, err := w.raw(`query q($s: String!) { events(schemeId: $s) { edges { node { ... on CandidateApplicationCreatedEvent { candidate { person { name { formattedName given family } communication { email { address } } } } } } } } }`, vars{"s": "seekAnz"})
		want := `{"person":{"name":{"formattedName":"redacted","given":"redacted","family":null},"communication":{"email":[]}}}`
		if err != nil || !strings.Contains(string(b), want) {
			t.Errorf("got %s (%v), want it to hold %s", b, err, want)
		}
	})
}

// An event that fails only with its own fields is served when the interface's are asked for alone.
func TestUnresolvableDetailsLeaveTheInterface(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		want := w.sim.AddEvents(simulator.Spec{Unresolvable: "details"})
		if got := w.next("").ids(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestPersonalDataCarriesTheCanaryAndIdentifiersDoNot(t *testing.T) {
	person := `{ edges { node { ... on CandidateApplicationCreatedEvent { candidate { person { name { formattedName given family } communication { email { address } phone { formattedNumber } address { line formattedAddress } } } } } } } }`
	inBubble(t, simulator.Options{Canary: "kanarie"}, func(t *testing.T, w *world) {
		w.sim.AddEvents(simulator.Spec{})
		_, b, err := w.raw(`query q($s: String!) { events(schemeId: $s) `+person+` }`, vars{"s": "seekAnz"})
		if got := strings.Count(string(b), "kanarie"); err != nil || got != 8 {
			t.Errorf("got the canary %d times (%v), want 8: %s", got, err, b)
		}
		if _, b, _ := w.raw(firstPage, vars{"schemeId": "seekAnz", "first": 1}); strings.Contains(string(b), "kanarie") {
			t.Error("the canary is among the identifiers")
		}
	})
}
