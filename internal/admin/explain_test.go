package admin_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// hostileText is a text that tries to be markup and to command a terminal.
const hostileText = "<script>alert(1)</script>\u001b]0;x\u0007\u009b2J"

// sentCanary is in every payload, and must be in no answer.
const sentCanary = "kanarienvogel"

func reader(s *store.Store, now time.Time) *admin.Client {
	return admin.Within(admin.NewServer(admin.Config{
		Store: s, Now: func() store.Instant { return store.Instant{Wall: now} }, Space: roomy, ReadOnly: true,
		Streams: []admin.ConfiguredStream{{Name: "applications", Scheme: "seekAnz", Types: []string{"CandidateApplicationCreated"}}},
	}).Inside("tester (uid 1)"))
}

// save answers the query with events about one candidate.
func save(t *testing.T, s *store.Store, q store.Query, n int) {
	t.Helper()
	var events []store.Event
	for i := range n {
		events = append(events, store.Event{
			ID: fmt.Sprint("e", i), Type: "CandidateApplicationCreated", Scheme: "seekAnz", CreatedAt: noon.Add(-2 * time.Minute), StreamedAt: noon.Add(time.Duration(i-100) * time.Second), HirerID: hostileText,
			Identifiers: json.RawMessage(`{"candidateId":"c1","candidateApplicationProfileId":"p1","positionProfileId":"j1"}`), Node: []byte(`{"name":"` + sentCanary + `"}`), Destinations: []string{"ats"},
		})
	}
	if n > 2 {
		events[2].Type = hostileText
	}
	if _, err := s.SavePage(t.Context(), q, store.Page{Events: events, Position: "after", State: store.CaughtUp, Status: 200}, at(time.Second)); err != nil {
		t.Fatal(err)
	}
}

// try sends what is due, with one result for all.
func try(t *testing.T, s *store.Store, now time.Time, outcome, said string) {
	t.Helper()
	claimed, err := s.Claim(t.Context(), "ats", 100, time.Minute, now)
	if err != nil || len(claimed) == 0 {
		t.Fatalf("claimed %d, %v", len(claimed), err)
	}
	var results []store.Settlement
	for _, d := range claimed {
		results = append(results, store.Settlement{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: outcome, DueAt: now.Add(time.Minute), StartedAt: now, EndedAt: now.Add(12 * time.Millisecond),
			Status: 422, Detail: said, RequestID: "request", Batch: len(claimed)})
	}
	if _, err := s.Settle(t.Context(), "ats", results, now); err != nil {
		t.Fatal(err)
	}
}

func words(t admin.Timeline) string {
	var all strings.Builder
	for _, s := range t.Steps {
		fmt.Fprintf(&all, "%s %s (%s)\n", s.At.UTC().Format("15:04:05"), s.What, s.Detail)
	}
	return all.String()
}

// TestExplain tells an event with many attempts in the order of time: SEEK, query, page, each try, a person's deed, and what is to come.
func TestExplain(t *testing.T) {
	s, q := open(t)
	save(t, s, q, 1)
	now := noon.Add(time.Minute)
	for range 12 {
		try(t, s, now, store.Retry, hostileText)
		now = now.Add(time.Minute)
	}
	try(t, s, now, store.Dead, hostileText)
	explain := func(id string) admin.Explanation {
		t.Helper()
		var x admin.Explanation
		if err := reader(s, now.Add(time.Second)).Get(t.Context(), "/api/v1/explain", url.Values{"id": {id}}, &x); err != nil {
			t.Fatal(err)
		}
		return x
	}
	x := explain("e0")
	if x.By != "event" || len(x.Timelines) != 1 || x.Timelines[0].Summary != "ats: dead since 2026-03-01T12:13:00Z" {
		t.Fatalf("explained %+v", x)
	}
	deed := store.Deed{Actor: "anna (uid 7)", Verb: "deliveries retry", Reason: "the job is there now", At: now.Add(time.Minute)}
	if _, err := s.Retry(t.Context(), deed, store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Dead}, EventID: "e0"}, 1); err != nil {
		t.Fatal(err)
	}
	if got := explain("e0").Timelines[0].Summary; !strings.HasPrefix(got, "ats: pending, next try 2026-03-01T12:14:00Z") {
		t.Errorf("owed anew: %s", got)
	}
	now = now.Add(2 * time.Minute)
	try(t, s, now, store.Delivered, "")
	got := explain("e0").Timelines[0]
	text := words(got)
	last := -1
	for _, want := range []string{
		"11:58:00 SEEK created the event (CandidateApplicationCreated of scheme seekAnz)", "11:58:20 SEEK put it on its stream", "12:00:00 query 1 asked for a page of stream applications (live) (request id r; from no cursor",
		"12:00:01 its page came, and it was applied (1 event, 1 of them new; to cursor after)", "12:00:01 ats: the event is owed to it",
		"12:01:00 ats: attempt 1 failed, and it is tried again (status 422; after 12ms; request id request; said: " + hostileText, "ats: attempt 12 failed, and it is tried again", "12:13:00 ats: attempt 13 failed, and it was given up",
		"12:14:00 ats: anna (uid 7) had it owed anew, by deliveries retry (action 1: the job is there now)", "12:15:00 ats: attempt 14 delivered it (status 422; after 12ms; request id request; the first since it was owed anew)",
	} {
		at := strings.Index(text, want)
		if at <= last {
			t.Errorf("it does not say, in its place: %s\n%s", want, text)
		}
		last = at
	}
	if !slices.IsSortedFunc(got.Steps, func(a, b admin.Step) int { return a.At.Compare(b.At.Time) }) || strings.Count(text, "attempt ") != 14 {
		t.Errorf("not in order, or not all attempts:\n%s", text)
	}
}

// TestExplainByOtherIds: support staff are given these. The newest ten are told, and where the others are.
func TestExplainByOtherIds(t *testing.T) {
	s, q := open(t)
	save(t, s, q, 14)
	client := reader(s, noon.Add(time.Hour))
	for by, id := range map[string]string{"candidate": "c1", "profile": "p1", "position": "j1", "hirer": hostileText} {
		for _, name := range []string{"id", by} {
			var x admin.Explanation
			if err := client.Get(t.Context(), "/api/v1/explain", url.Values{name: {id}}, &x); err != nil {
				t.Fatal(err)
			}
			if x.By != by || len(x.Timelines) != 10 || x.More != 4 || x.Timelines[0].Event.ID != "e13" || !strings.Contains(string(x.List), "events list --"+by) {
				t.Errorf("%s %s: by %s, %d timelines, %d more, list %s", name, id, x.By, len(x.Timelines), x.More, x.List)
			}
		}
	}
	for _, query := range []url.Values{{"id": {"nobody"}}, {"candidate": {"p1"}}} {
		var said *admin.Error
		if err := client.Get(t.Context(), "/api/v1/explain", query, &admin.Explanation{}); !errors.As(err, &said) || said.Status != http.StatusNotFound {
			t.Fatalf("%v: %v", query, err)
		}
		for _, want := range []string{"applications (seekAnz, CandidateApplicationCreated): caught up and quiet", "90 days", "not polled"} {
			if !strings.Contains(said.What, want) {
				t.Errorf("%v is explained without %q: %s", query, want, said.What)
			}
		}
	}
}

// TestEveryReadIsWhole: each route answers with every key there, null where nothing is known, no payload, and no text that a browser or a
// terminal would take for more than text. A mistake is answered with words.
func TestEveryReadIsWhole(t *testing.T) {
	s, q := open(t)
	save(t, s, q, 3)
	try(t, s, noon.Add(time.Minute), store.Retry, hostileText)
	client := reader(s, noon.Add(time.Hour))
	for path, keys := range map[string]string{
		"status":                               "at version daemon healthy problems streams destinations stretches budget events missing database todo complete_at lost_at last_error",
		"events":                               "events next seq id stream type scheme source created_at streamed_at received_at hirer_id identifiers refused unreadable query_id seen_again last_seen_at",
		"event?id=e1":                          "seq unreadable deliveries due_at dead_at discarded_at action last_status last_detail",
		"explain?id=e1":                        "id by timelines more list event summary timeline at what detail",
		"deliveries":                           "deliveries next seq event_id destination state attempts due_at delivered_at dead_at discarded_at last_status last_detail",
		"deliveries?state=dead":                "deliveries next",
		"attempts?event=e1":                    "attempts destination attempt started_at latency_ms outcome status request_id batch detail",
		"destinations":                         "destinations name kind state state_since reason owed oldest_owed_at delivered dead failures last_success_at last_failure_at last_error not_before",
		"actions":                              "actions next",
		"cursors":                              "cursors id stream kind state error_kind error last_request_id position types made_by ended_by",
		"queries":                              "queries next id cursor_id request_id sent_at ended_at outcome error status events fresh known conflicts more cursor_before cursor_after retry_after_ms",
		"queries?stream=applications&cursor=1": "queries",
	} {
		var body bytes.Buffer
		route, query, _ := strings.Cut(path, "?")
		values, _ := url.ParseQuery(query)
		if err := client.Get(t.Context(), "/api/v1/"+route, values, &body); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for key := range strings.FieldsSeq(keys) {
			if !strings.Contains(body.String(), `"`+key+`":`) {
				t.Errorf("%s has no key %s: %s", path, key, body.String())
			}
		}
		if text := body.String(); strings.Contains(text, sentCanary) || strings.ContainsAny(text, "<\x1b\a") {
			t.Errorf("%s shows a payload, or is not inert: %s", path, text)
		}
		var said *admin.Error
		values.Set("frobnicate", "1")
		if err := client.Get(t.Context(), "/api/v1/"+route, values, &body); !errors.As(err, &said) || said.Status != http.StatusBadRequest {
			t.Errorf("%s with a parameter that is not there: %v", path, err)
		}
	}
	for path, status := range map[string]int{
		"events?stream=nope": 404, "events?since=yesterday": 400, "events?before=7": 400, "events?limit=0": 400, "deliveries?state=lost": 400, "deliveries?destination=nope": 404,
		"deliveries?event=nope": 404, "attempts?event=nope": 404, "explain": 400, "explain?id=a&hirer=b": 400, "queries?stream=nope": 404, "event?id=nope": 404,
	} {
		var said *admin.Error
		route, query, _ := strings.Cut(path, "?")
		values, _ := url.ParseQuery(query)
		if err := client.Get(t.Context(), "/api/v1/"+route, values, &bytes.Buffer{}); !errors.As(err, &said) || said.Status != status || said.What == "" {
			t.Errorf("%s: %v, want %d", path, err, status)
		}
	}
}
