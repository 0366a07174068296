package poller_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"seekpoller/graphql"
	"seekpoller/outbox"
	"seekpoller/poller"
	"seekpoller/store"
)

// FuzzNode sends one node and its cursor all the way: an answer of SEEK's, the page, the database, and what receivers get. If there is a page the node
// comes out of the database byte for byte, under the id that it names or that of its place, and leaves as JSON with the same id.
func FuzzNode(f *testing.F) {
	f.Add([]byte(applicationNode), "c1")
	f.Add([]byte(`{"__typename":"CandidateApplicationCreatedEvent","id":{"value":"a\u0000b"},"typeCode":"\ud83d\ude00"}`), "c\x00")
	f.Add([]byte(`{"id":{"value":"e1","VALUE":"e2"},"n":123456789012345678901234567890.0, "s" : "`+"\xff\xfe"+`\ud800"}`), "é")
	f.Add([]byte(`{"id":{"value":""},"typeCode":"","schemeId":"","createDateTime":"9999-12-31T23:59:59.999999999+14:00"}`), "")
	f.Add([]byte(`[1,"two",null]`), "c")
	f.Add([]byte(`"cursor:c"`), strings.Repeat("x", 5000))
	network := &canned{}
	client := graphql.New(graphql.Config{Endpoint: "http://seek.test/graphql", HTTP: &http.Client{Transport: network}, UserAgent: "seek-poller/test", SessionID: "s"})
	f.Fuzz(func(t *testing.T, node []byte, cursor string) {
		quoted, err := json.Marshal(cursor)
		if err != nil {
			t.Fatal(err)
		}
		network.body = []byte(`{"data":{"events":{"edges":[{"cursor":` + string(quoted) + `,"streamDateTime":"2026-03-01T10:00:00Z","node":`)
		network.body = append(append(network.body, node...), `}],"pageInfo":{"endCursor":"end","hasNextPage":true}}}}`...)
		page, err := client.Events(t.Context(), "token", graphql.Query{Scheme: "seekAnz"})
		if err != nil {
			return // not a page
		}
		checkRoundTrip(t, page)
	})
}

// canned is a SEEK that always says the same.
type canned struct{ body []byte }

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body)), Request: r}, nil
}

// checkRoundTrip saves a page in a database of its own and reads its events again.
func checkRoundTrip(t *testing.T, page *graphql.Page) {
	t.Helper()
	now := store.Instant{Wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Boot: time.Hour, BootID: "b"}
	s, err := store.Open(t.Context(), filepath.Join(memoryDir(t), "seek-poller.db"), store.Options{Create: true, Started: now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	saved := save(t, s, page, now)
	read, err := s.Feed(t.Context(), store.FeedFilter{}, 0, 100)
	if err != nil || len(read.Events) != len(saved) || len(saved) != len(page.Edges) {
		t.Fatalf("%d events were sent, %d saved and %d read: %v", len(page.Edges), len(saved), len(read.Events), err)
	}
	for i, e := range read.Events {
		if !bytes.Equal(e.Node, page.Edges[i].Node) {
			t.Errorf("node %q is stored as %q", page.Edges[i].Node, e.Node)
		}
		if want := idOf(page.Edges[i]); e.ID != want || e.Cursor != page.Edges[i].Cursor {
			t.Errorf("got id %q and cursor %q, want %q and %q", e.ID, e.Cursor, want, page.Edges[i].Cursor)
		}
		checkEnvelope(t, e)
	}
}

// save is what a step of the poller does with a page, less the waiting.
func save(t *testing.T, s *store.Store, page *graphql.Page, now store.Instant) []store.Event {
	t.Helper()
	ctx := context.Background()
	p := poller.New(poller.Config{Store: s, Streams: []poller.Stream{stream(t, "all")}, Interval: minute, Quiet: quiet, Now: func() store.Instant { return now }, Log: zap.NewNop()})
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "all", Kind: "live", Fingerprint: "as configured"}, now)
	if err != nil {
		t.Fatal(err)
	}
	q, err := s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 100, Interval: minute, Timeout: time.Second}, now)
	if err != nil {
		t.Fatal(err)
	}
	translated, err := p.Translate(ctx, q, page, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SavePage(ctx, q, translated, now); err != nil {
		t.Fatalf("save %q: %v", page.Edges[0].Node, err)
	}
	return translated.Events
}

func idOf(e graphql.Edge) string {
	if id := e.Event().ID; id != "" {
		return id
	}
	return "cursor:" + e.Cursor
}

// checkEnvelope: what receivers get is JSON, says the id that is stored, and has the node if that is JSON.
func checkEnvelope(t *testing.T, e store.Event) {
	t.Helper()
	sent := outbox.Envelope(store.Delivery{Event: e})
	var got struct {
		ID   string
		Node json.RawMessage
	}
	if err := json.Unmarshal(sent, &got); err != nil || got.ID != e.ID {
		t.Errorf("event %q is sent as %q: %v", e.ID, sent, err)
	}
	var packed bytes.Buffer
	if json.Compact(&packed, e.Node) != nil {
		t.Errorf("a page's node is no JSON: %q", e.Node)
	}
	if want := bytes.ToValidUTF8(packed.Bytes(), []byte("\uFFFD")); !bytes.Equal(got.Node, want) {
		t.Errorf("node %q is sent as %q", e.Node, got.Node)
	}
}

// applicationNode is an application as SEEK sends one.
const applicationNode = `{"__typename":"CandidateApplicationCreatedEvent","createDateTime":"2026-05-01T10:11:12.593Z",` +
	`"id":{"value":"seekAnz:event:events:A1"},"schemeId":"seekAnz","typeCode":"CandidateApplicationCreated",` +
	`"candidateApplicationProfileId":"seekAnz:candidateProfile:apply:P1","candidateId":"seekAnz:candidate:feed:C1","candidateApplicationProfile":null}`
