package simulator_test

import (
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

const askProfile = `query q($id: String!) { candidateProfile(id: $id) { profileId { value } candidate { person { name { formattedName } } } } }`

// profileIDs are the identifiers that the events of the first page tell of, "" where there is none.
func (w *world) profileIDs() []string {
	w.t.Helper()
	_, b, err := w.raw(`query q($s: String!, $first: Int!) { events(schemeId: $s, first: $first) { edges { node { ... on CandidateApplicationCreatedEvent { id: candidateApplicationProfileId } ... on CandidateProfilePurchasedEvent { id: candidateProfileId } } } } }`, vars{"s": "seekAnz", "first": 100})
	var a struct {
		Data struct {
			Events struct {
				Edges []struct{ Node struct{ ID string } }
			}
		}
	}
	if err == nil {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		w.t.Fatalf("ask for profile ids: %v: %s", err, b)
	}
	var ids []string
	for _, e := range a.Data.Events.Edges {
		ids = append(ids, e.Node.ID)
	}
	return ids
}

// A handler that was given an event asks for the profile that the event names, and gets it, with a person in it or without.
func TestCandidateProfileIsThatOfTheEvent(t *testing.T) {
	for _, c := range []struct {
		name string
		spec simulator.Spec
		want string // what the answer holds, beside nothing of a person if there is an error
	}{
		{"application", simulator.Spec{}, `"formattedName":"`},
		{"purchase", simulator.Spec{Type: "CandidateProfilePurchased"}, `"formattedName":"`},
		{"deleted candidate", simulator.Spec{Redacted: true}, `"formattedName":"redacted"`},
		{"profile is null", simulator.Spec{Null: []string{"candidateApplicationProfile"}}, `{"data":{"candidateProfile":null},"extensions"`},
		{"profile refused", simulator.Spec{Refused: []string{"candidateApplicationProfile"}}, `"path":["candidateProfile"],"extensions":{"code":"FORBIDDEN"}`},
		{"candidate refused", simulator.Spec{Refused: []string{"candidate"}}, `"path":["candidateProfile"],"extensions":{"code":"FORBIDDEN"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{Canary: "kanarie"}, func(t *testing.T, w *world) {
				w.sim.AddEvents(c.spec, simulator.Spec{Type: "PositionNotPosted"})
				ids := w.profileIDs()
				_, b, err := w.raw(askProfile, vars{"id": ids[0]})
				if err != nil || ids[0] == "" || !strings.Contains(string(b), c.want) {
					t.Errorf("got %s (%v) for %q, want it to hold %s", b, err, ids, c.want)
				}
				if found := strings.Contains(string(b), ids[0]); found != strings.Contains(c.want, "formattedName") {
					t.Errorf("got %s: the profile of %s is there: %v", b, ids[0], found)
				}
			})
		})
	}
}

// What no event told of is null, and so is the profile of an event that is not there yet.
func TestUnknownCandidateProfileIsNull(t *testing.T) {
	var ahead atomic.Int64 // of the simulator's clock
	ahead.Store(int64(time.Hour))
	o := simulator.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
	inBubble(t, o, func(t *testing.T, w *world) {
		w.sim.AddEvents(simulator.Spec{})
		known := w.profileIDs()[0]
		ahead.Store(0)
		for _, id := range []string{known, "seekAnz:candidateProfile:apply:unknown"} {
			want := `{"data":{"candidateProfile":null},"extensions":{"requestLatency":1}}`
			if _, b, err := w.raw(askProfile, vars{"id": id}); err != nil || string(b) != want {
				t.Errorf("got %s (%v), want %s", b, err, want)
			}
		}
	})
}

// Asking for profiles is no events query: no law of time applies. It takes a token, and the headers that SEEK asks for.
func TestCandidateProfileAndTheLaws(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		w.sim.AddEvents(simulator.Spec{}, simulator.Spec{})
		for _, id := range w.profileIDs() {
			for range 3 {
				w.ask(askProfile, vars{"id": id})
			}
		}
		r := w.sim.Report()
		if len(r.Violations) > 0 || r.Queries != 1 || r.Requests["candidateProfile"] != 6 {
			t.Errorf("got %+v, want 1 events query, 6 for profiles and no violation", r)
		}
		id := w.profileIDs()[0]
		w.token = ""
		if _, b, err := w.raw(askProfile, vars{"id": id}); err != nil || !strings.Contains(string(b), "UNAUTHENTICATED") || strings.Contains(string(b), `"data"`) {
			t.Errorf("got %s (%v), want UNAUTHENTICATED and no data", b, err)
		}
		if got := laws(w.sim.Report()); !slices.Contains(got, "token") {
			t.Errorf("got %v, want the missing token complained of", got)
		}
	})
}
