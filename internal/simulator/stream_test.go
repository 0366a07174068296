package simulator_test

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
)

// walk pages from a cursor to the end, a minute apart, and returns the ids with repetitions and the last cursor.
func (w *world) walk(after string) ([]string, string) {
	w.t.Helper()
	var ids []string
	for {
		p := w.next(after)
		for i, e := range p.Data.Events.Edges {
			if i > 0 && e.StreamDateTime < p.Data.Events.Edges[i-1].StreamDateTime {
				w.t.Errorf("stream time goes back at %s", e.StreamDateTime)
			}
		}
		ids, after = append(ids, p.ids()...), p.end()
		time.Sleep(time.Minute)
		if !p.Data.Events.PageInfo.HasNextPage {
			return ids, after
		}
	}
}

// Paging sees every event, in the order of stream time, and what is new is behind the last cursor.
func TestPagingSeesEverythingOnceInOrder(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
		w.sim.AddHistory(344, 24*time.Hour)
		w.sim.AddEvents(simulator.Spec{StreamedAt: time.Now().Add(-12 * time.Hour)})
		got, cursor := w.walk("")
		if !slices.Equal(got, w.sim.Events()) || len(got) != 345 {
			t.Fatalf("got %d ids, want the 345 that exist, in order", len(got))
		}
		fresh := w.sim.Add(7)
		time.Sleep(15 * time.Minute)
		if got, _ := w.walk(cursor); !slices.Equal(got, fresh) {
			t.Errorf("got %v, want %v", got, fresh)
		}
		if !slices.Equal(w.sim.Served(), w.sim.Events()) {
			t.Error("what was served is not what exists")
		}
	})
}

func TestEmptyPageEndsWhereItBegan(t *testing.T) {
	for _, null := range []bool{false, true} {
		inBubble(t, simulator.Options{NullEndCursorOnEmpty: null}, func(t *testing.T, w *world) {
			w.sim.AddEvents(simulator.Spec{})
			cursor := w.next("").end()
			want := map[bool]string{false: cursor, true: ""}[null]
			if p := w.next(cursor); p.end() != want || len(p.ids()) > 0 || p.Data.Events.PageInfo.HasNextPage {
				t.Errorf("got %q, want %q on an empty last page", p.end(), want)
			}
		})
	}
}

// The dates are exclusive, the types are a list, and a repeated event keeps its id at a new place.
func TestFilters(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		now := time.Now()
		ids := w.sim.AddEvents(
			simulator.Spec{Type: "PositionProfilePosted", StreamedAt: now.Add(-3 * time.Hour)},
			simulator.Spec{Type: "HirerRelationshipChanged", StreamedAt: now.Add(-2 * time.Hour)},
			simulator.Spec{Type: "PositionNotPosted", StreamedAt: now.Add(-time.Hour), CreatedAt: now.Add(-90 * time.Hour)})
		for _, c := range []struct {
			filter vars
			want   []string
		}{
			{vars{}, ids},
			{vars{"eventTypeCodes": []string{"PositionProfilePosted", "PositionNotPosted"}}, []string{ids[0], ids[2]}},
			{vars{"afterDateTime": now.Add(-2 * time.Hour)}, ids[2:]},
			{vars{"beforeDateTime": now.Add(-2 * time.Hour)}, ids[:1]},
			{vars{"afterDateTime": now.Add(-3*time.Hour - time.Millisecond), "beforeDateTime": now.Add(-2*time.Hour + time.Millisecond)}, ids[:2]},
		} {
			if got := w.ask(filtered, vars{"schemeId": "seekAnz", "first": 10, "filter": c.filter}).ids(); !slices.Equal(got, c.want) {
				t.Errorf("%v: got %v, want %v", c.filter, got, c.want)
			}
		}
		if got := w.ask(firstPage, vars{"schemeId": "seekAnzPublicTest", "first": 10}); got.Data != nil && len(got.ids()) > 0 {
			t.Errorf("the other scheme has %v", got.ids())
		}
	})
}

func TestDuplicatesRepeatTheEventAndLateOnesHideBehindTheCursor(t *testing.T) {
	inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
		start := time.Now()
		old := w.sim.AddEvents(simulator.Spec{Type: "PositionNotPosted"}, simulator.Spec{})
		_, before, _ := w.raw(`query q($id: String!) { event(id: $id) { createDateTime ... on PositionNotPostedEvent { reasonId } } }`, vars{"id": old[0]})
		time.Sleep(time.Hour)
		w.login()
		got, cursor := w.walk("")
		late := w.sim.AddEvents(simulator.Spec{StreamedAt: start.Add(-time.Hour)})
		w.sim.AddEvents(simulator.Spec{ID: old[0]}, simulator.Spec{StreamedAt: time.Now().Add(time.Hour)})
		time.Sleep(15 * time.Minute)
		w.login()
		_, page, _ := w.raw(strings.Replace(nextPage, "typeCode createDateTime", "createDateTime ... on PositionNotPostedEvent { reasonId }", 1), vars{"schemeId": "seekAnz", "first": 9, "after": cursor})
		content, ok := strings.CutPrefix(string(before), `{"data":{"event":{`)
		content, _, _ = strings.Cut(content, "}")
		if !ok || strings.Count(string(page), `"node"`) != 1 || !strings.Contains(string(page), `{"id":{"value":"`+old[0]+`"},`+content+"}") {
			t.Errorf("got %s\nwant the repeated event alone, with %s", page, content)
		}
		if strings.Contains(string(page), `"cursor":"`+cursor+`"`) {
			t.Error("the repeated event is at its old place")
		}
		c := simulator.Compare(w.sim, map[string]int{got[0]: 1, got[1]: 1})
		if c.Owed != 2 || len(c.Lost) > 0 || !slices.Equal(c.Behind, late) {
			t.Errorf("got %+v, want nothing lost and %v behind", c, late)
		}
	})
}

func TestRetentionForgetsEventsAndCursors(t *testing.T) {
	inBubble(t, simulator.Options{Retention: 90 * 24 * time.Hour, Plain: true}, func(t *testing.T, w *world) {
		w.sim.Add(1)
		cursor := w.next("").end()
		time.Sleep(91 * 24 * time.Hour)
		w.login()
		kept := w.sim.Add(1)
		if p := w.next(cursor); p.Data != nil || len(p.Errors) != 1 || p.Errors[0].Extensions.Code != "BAD_USER_INPUT" {
			t.Errorf("got %+v, want BAD_USER_INPUT for a cursor that is gone", p)
		}
		if got := w.next("").ids(); !slices.Equal(got, kept) {
			t.Errorf("got %v, want %v", got, kept)
		}
	})
}

func TestBadInputIsRefused(t *testing.T) {
	ok := vars{"schemeId": "seekAnz", "first": 10}
	with := func(key string, v any) vars {
		c := maps.Clone(ok)
		c[key] = v
		return c
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte("seekAnz|00000003"))
	for _, c := range []struct {
		name, query string
		vars        vars
		code        string
	}{
		{"scheme", firstPage, with("schemeId", "seekMars"), "BAD_USER_INPUT"},
		{"none", firstPage, with("first", 0), "BAD_USER_INPUT"},
		{"101", firstPage, with("first", 101), "BAD_USER_INPUT"},
		{"cursor", nextPage, with("after", "nonsense"), "BAD_USER_INPUT"},
		{"cursor of nothing", nextPage, with("after", forged), "BAD_USER_INPUT"},
		{"date", filtered, with("filter", vars{"afterDateTime": "yesterday"}), "BAD_USER_INPUT"},
		{"syntax", "{", ok, "GRAPHQL_VALIDATION_FAILED"},
		{"field", "{ colour }", ok, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, simulator.Options{}, func(t *testing.T, w *world) {
				if p := w.ask(c.query, c.vars); len(p.Errors) == 0 || p.Errors[0].Extensions.Code != c.code || p.Data != nil {
					t.Errorf("got %+v, want %s and no data", p, c.code)
				}
			})
		})
	}
}

// What a client may not skip, repeat or invent.
func TestCompare(t *testing.T) {
	accept := func(ids []string) map[string]int {
		m := map[string]int{}
		for _, id := range ids {
			m[id]++
		}
		return m
	}
	inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
		w.sim.AddHistory(300, 24*time.Hour)
		all := w.sim.Events()
		one := w.next("")
		time.Sleep(time.Minute)
		jump := all[199]
		w.sim.AddEvents(simulator.Spec{ID: jump}) // its second place is the end of the stream
		w.next(one.Data.Events.Edges[49].Cursor)  // goes back by 50 events, ends at 149
		if c := simulator.Compare(w.sim, accept(one.ids())); c.Owed != 150 || len(c.Lost) != 50 {
			t.Errorf("got %d owed, %d lost; want 150 and 50", c.Owed, len(c.Lost))
		}
		got, _ := w.walk(w.next(one.Data.Events.Edges[49].Cursor).end())
		full := append(slices.Clone(all[:150]), got[:150]...)
		w.next(one.Data.Events.Edges[9].Cursor) // going back once more takes nothing off what is owed
		c := simulator.Compare(w.sim, accept(append(full, "made up", full[3])))
		if c.Owed != 300 || len(c.Lost) > 0 || !slices.Equal(c.Twice, full[3:4]) || !slices.Equal(c.Invented, []string{"made up"}) {
			t.Errorf("got %+v, want 300 owed, none lost, %s twice, one invented", c, full[3])
		}
	})
}

// A client that starts now owes nothing of the past, and one that skips a page owes the page.
func TestCompareFollowsTheClientsWay(t *testing.T) {
	inBubble(t, simulator.Options{Plain: true}, func(t *testing.T, w *world) {
		w.sim.AddHistory(100, 24*time.Hour)
		since := time.Now().UTC().Add(-time.Hour * 6)
		p := w.ask(filtered, vars{"schemeId": "seekAnz", "first": 5, "filter": vars{"afterDateTime": since}})
		if c := simulator.Compare(w.sim, nil); c.Owed != 5 || len(c.Lost) != 5 {
			t.Errorf("got %d owed, %d lost; want the 5 that were answered", c.Owed, len(c.Lost))
		}
		w.sim.Fault(nth(t, "drop-after", 2))
		if _, _, err := w.raw(nextPage, vars{"schemeId": "seekAnz", "first": 5, "after": p.end()}); err == nil {
			t.Fatal("the answer was not dropped")
		}
		if c := simulator.Compare(w.sim, nil); c.Owed != 5 {
			t.Errorf("got %d owed, want no more for a page that did not arrive", c.Owed)
		}
		lost := w.sim.Queries()[1].Served
		w.next(w.sim.Queries()[1].EndCursor) // as if it had been applied
		if c := simulator.Compare(w.sim, nil); !slices.Contains(c.Lost, lost[0]) {
			t.Error("the events of a page that was skipped are not missed")
		}
	})
}

// The stream is made of all types, a few odd ones, and the same one for the same seed.
func TestAddIsVariedAndFollowsFromTheSeed(t *testing.T) {
	make := func(seed int64) ([]string, map[string]int) {
		s := simulator.New(simulator.Options{Seed: seed, Now: func() time.Time { return time.Unix(1_700_000_000, 0) }})
		return s.Add(2000), s.TypesAdded()
	}
	ids, types := make(1)
	for _, code := range append(simulator.Types(), "CandidateMoodChanged") {
		if types[code] == 0 {
			t.Errorf("there is no %s among 2000", code)
		}
	}
	again, _ := make(1)
	other, _ := make(2)
	if !slices.Equal(ids, again) || slices.Equal(ids, other) {
		t.Error("the ids do not follow from the seed")
	}
}
