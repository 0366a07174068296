package poller_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"seekpoller/internal/simulator"
	"seekpoller/poller"
	"seekpoller/store"
)

// answer is a page as SEEK sends it.
type answer struct {
	Data struct {
		Events struct {
			Edges []struct {
				Cursor         string          `json:"cursor"`
				StreamDateTime json.RawMessage `json:"streamDateTime"`
				Node           json.RawMessage `json:"node"`
			} `json:"edges"`
			PageInfo json.RawMessage `json:"pageInfo"`
		} `json:"events"`
	} `json:"data"`
	Errors json.RawMessage `json:"errors,omitempty"`
}

// spoil rewrites the first page: the nodes at those places become others. It notes the cursors of the edges.
func (w *world) spoil(nodes map[int]string, cursors *[]string) {
	w.rewrite = func(body []byte) []byte {
		var a answer
		if err := json.Unmarshal(body, &a); err != nil || len(a.Data.Events.Edges) == 0 {
			return body
		}
		for i := range a.Data.Events.Edges {
			edge := &a.Data.Events.Edges[i]
			*cursors = append(*cursors, edge.Cursor)
			if node, odd := nodes[i]; odd {
				edge.Node = json.RawMessage(node)
			}
		}
		out, err := json.Marshal(a)
		if err != nil {
			w.t.Error(err)
		}
		return out
	}
}

const (
	future    = `{"__typename":"CandidateMoodChangedEvent","createDateTime":"2000-01-01T00:00:00.000Z","id":{"value":"seekAnz:event:events:M1"},"schemeId":"seekAnz","typeCode":"CandidateMoodChanged","mood":"\u263a"}`
	nameless  = `{"__typename":"PositionNotPostedEvent","createDateTime":"yesterday","schemeId":"seekAnz","typeCode":"PositionNotPosted","reasonId":"r1"}`
	scalar    = `17`
	duplicate = `{"__typename":"CandidateApplicationCreatedEvent","typeCode":"CandidateApplicationCreated","id":{"value":"seekAnz:event:events:D1"},"candidateId":5}`
)

// TestOddEventsAreKeptAndRouted: a type from the future, a node without an id, one that is no object and one of the wrong shape neither stop
// the stream nor are lost. Each destination gets what it takes.
func TestOddEventsAreKeptAndRouted(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		w.destinations = []poller.Destination{
			{Name: "everything"},
			{Name: "moods", Types: []string{"CandidateMoodChanged"}},
			{Name: "elsewhere", Streams: []string{"another"}},
			{Name: "ads", Streams: []string{"another", "all"}, Types: []string{"PositionNotPosted", "CandidateApplicationCreated"}},
		}
		var cursors []string
		w.spoil(map[int]string{1: future, 2: nameless, 3: scalar, 4: duplicate}, &cursors)
		w.seek.Add(5)
		w.live(20 * time.Minute)
		w.asked("0s", "15m3s")
		w.reading(func(s *store.Store) {
			for id, want := range map[string][]string{
				"seekAnz:event:events:M1": {"CandidateMoodChanged", future, "everything moods"},
				"cursor:" + cursors[2]:    {"PositionNotPosted", nameless, "ads everything"},
				"cursor:" + cursors[3]:    {"unreadable", scalar, "everything"},
				"seekAnz:event:events:D1": {"CandidateApplicationCreated", duplicate, "ads everything"},
			} {
				e, err := s.Event(context.Background(), id)
				w.must(err)
				if e.Type != want[0] || string(e.Node) != want[1] || e.Unreadable == "" || e.Stream != "all" || !e.ReceivedAt.Equal(w.begin) {
					t.Errorf("event %s is kept as %+v", id, e)
				}
				if !strings.HasPrefix(string(e.Identifiers), "{") && e.Identifiers != nil {
					t.Errorf("event %s has identifiers %s, want an object or none", id, e.Identifiers)
				}
				if got := w.takers(s, id); got != want[2] {
					t.Errorf("event %s goes to %q, want %q", id, got, want[2])
				}
			}
		})
		w.stored(5)
	})
}

// takers are the destinations that an event is owed to.
func (w *world) takers(s *store.Store, id string) string {
	w.t.Helper()
	rows, _, err := s.Deliveries(context.Background(), store.DeliveryFilter{EventID: id})
	w.must(err)
	var names []string
	for _, row := range rows {
		names = append(names, row.Destination)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// TestOrdinaryEventIsTranslatedWhole: every word of the wire has its place on the disk.
func TestOrdinaryEventIsTranslatedWhole(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		created := w.begin.Add(-time.Hour)
		id := w.seek.AddEvents(simulator.Spec{Type: "PositionProfilePosted", CreatedAt: created, StreamedAt: w.begin.Add(-time.Second)})[0]
		w.live(time.Second)
		w.reading(func(s *store.Store) {
			e, err := s.Event(context.Background(), id)
			w.must(err)
			var node struct {
				PositionProfileID string `json:"positionProfileId"`
			}
			w.must(json.Unmarshal(e.Node, &node))
			if e.Type != "PositionProfilePosted" || e.Scheme != "seekAnz" || e.Source != "live" || !e.CreatedAt.Equal(created) || !e.StreamedAt.Equal(w.begin.Add(-time.Second)) ||
				e.Cursor != w.cursor("all").Position || !strings.HasPrefix(e.HirerID, "seekAnz:organization:seek:") || e.Unreadable != "" || e.Refused != nil {
				t.Errorf("event %+v", e)
			}
			want := `{"positionProfileId":"` + node.PositionProfileID + `"}`
			if diff := cmp.Diff(want, string(e.Identifiers)); diff != "" || node.PositionProfileID == "" {
				t.Errorf("identifiers (-want +got):\n%s", diff)
			}
		})
	})
}

// TestRefusedFieldIsAFactAboutItsEvent: it is kept with the event, in the words that receivers are promised, and spoils nothing.
func TestRefusedFieldIsAFactAboutItsEvent(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(w *world) {
		id := w.seek.AddEvents(simulator.Spec{Type: "PositionProfilePosted", Refused: []string{"positionProfile"}})[0]
		w.live(time.Second)
		w.outcomes("answered")
		w.reading(func(s *store.Store) {
			e, err := s.Event(context.Background(), id)
			w.must(err)
			want := `[{"path":"positionProfile","code":"FORBIDDEN","message":"there is no hirer relationship that gives access to this object"}]`
			if diff := cmp.Diff(want, string(e.Refused)); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
		})
	})
}
