package outbox_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// receiver is the partner's side: a webhook handler with a log of its own.
type receiver struct {
	took time.Duration // how long an answer takes

	mu sync.Mutex // guards all that follows; answer is called under it
	// answer is asked for each request, with the ids in its body; nil: 200. retryAfter "" is not sent.
	answer   func(ids []string) (status int, retryAfter string)
	accepted map[string]int // ids of requests answered with 2xx
	requests []request
	inHand   int
	most     int // requests in hand at one time
}

type request struct {
	at     time.Time
	ids    []string
	types  map[string]bool
	status int
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	raw, _ := io.ReadAll(req.Body)
	var body struct{ Events []struct{ ID, Type string } }
	if err := json.Unmarshal(raw, &body); err != nil {
		panic(err)
	}
	got := request{at: time.Now(), status: 200, types: map[string]bool{}}
	for _, e := range body.Events {
		got.ids = append(got.ids, e.ID)
		got.types[e.Type] = true
	}
	r.change(func() { r.inHand++; r.most = max(r.most, r.inHand) })
	if r.took > 0 {
		select {
		case <-time.After(r.took):
		case <-req.Context().Done():
		}
	}
	retryAfter := ""
	r.change(func() {
		if r.answer != nil {
			got.status, retryAfter = r.answer(got.ids)
		}
		r.note(got)
	})
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(got.status)
	io.WriteString(w, canary)
}

func (r *receiver) change(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// seen are the requests up to now.
func (r *receiver) seen() []request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// note runs under mu.
func (r *receiver) note(got request) {
	r.inHand--
	r.requests = append(r.requests, got)
	if got.status/100 != 2 {
		return
	}
	if r.accepted == nil {
		r.accepted = map[string]int{}
	}
	for _, id := range got.ids {
		r.accepted[id]++
	}
}

// times is how often an event was accepted.
func (r *receiver) times(id string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.accepted[id]
}

// webhook is the destination that leads to r.
func (r *receiver) webhook(t testing.TB, name string) outbox.Destination {
	t.Helper()
	s := outbox.NewSeekWebhook(outbox.WebhookConfig{Name: name, URL: "http://receiver.test/", HTTP: serve(t, r)})
	return outbox.Destination{Name: name, Kind: "webhook", Sender: s, Batch: 10, Concurrency: 4, Timeout: 30 * time.Second}
}

// acceptedOnce is the law of a run without a fault: everything came, and nothing twice.
func (r *receiver) acceptedOnce(t *testing.T, ids []string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range ids {
		if r.accepted[id] != 1 {
			t.Errorf("event %s: accepted %d times, want once", id, r.accepted[id])
		}
	}
	if len(r.accepted) != len(ids) {
		t.Errorf("events accepted: got %d, want %d", len(r.accepted), len(ids))
	}
}

// senderFunc is a sender without a receiver.
type senderFunc func(ctx context.Context, batch []store.Delivery) outbox.Reply

func (f senderFunc) Send(ctx context.Context, batch []store.Delivery) outbox.Reply {
	return f(ctx, batch)
}
