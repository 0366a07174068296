package outbox_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"seekpoller/outbox"
	"seekpoller/store"
)

const secret = "a-secret-of-32-characters-canary"

// call is one request as a receiver saw it.
type call struct {
	header http.Header
	body   []byte
}

// handler answers like f and hands on what it was asked.
func recording(calls *[]call, f http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*calls = append(*calls, call{r.Header, body})
		f(w, r)
	})
}

func accept(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }

func newWebhook(hc *http.Client) outbox.Sender {
	return outbox.NewSeekWebhook(outbox.WebhookConfig{
		Name: "ats", URL: "http://user:password@receiver.test/seek?a=b", Secret: []byte(secret), UserAgent: "seek-poller/1.2.3", HTTP: hc,
	})
}

// send makes one attempt with a time-out, in a bubble.
func send(t *testing.T, s outbox.Sender, timeout time.Duration, batch ...store.Delivery) outbox.Reply {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return s.Send(ctx, batch)
}

// The vector was made with: openssl dgst -sha512 -hmac.
func TestSignatureVector(t *testing.T) {
	const want = "7dd9f2df5729b317d12350b9ebce31aa0d6872e9061e63ef42a40b1a141a235abce27c4985ea6ca60bbe89691483b7370b5d45e1ef606c371bab1a77d88ee79e"
	if got := outbox.Signature([]byte(secret), []byte(`{"events":[]}`)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestSeekWebhookReadsAsSEEKs: the body has what SEEK's schema requires and nothing that it does not know, and a handler that follows
// SEEK's page verifies the signature over the raw body.
func TestSeekWebhookReadsAsSEEKs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		s := newWebhook(serve(t, recording(&calls, accept)))
		older := application("e2")
		older.Event.StreamedAt = streamedAt.Add(-time.Hour)
		got := send(t, s, time.Minute, application("e1"), older)
		if want := (outbox.Reply{Verdict: outbox.Accepted, Status: 204, RequestID: calls[0].header.Get("X-Request-Id")}); got != want {
			t.Errorf("reply: got %+v, want %+v", got, want)
		}
		checkHeaders(t, calls[0])
		event := map[string]any{
			"type": "CandidateApplicationCreated", "createDateTime": "2026-03-01T10:00:00.593Z", "hirerId": "seekAnz:organization:seek:93WyyF1h",
			"candidateApplicationProfileId": "seekAnz:candidateProfile:apply:1", "candidateId": "seekAnz:candidate:feed:2",
		}
		first, second := maps.Clone(event), maps.Clone(event)
		first["id"], second["id"] = "e1", "e2"
		want := map[string]any{
			"events": []any{first, second}, "subscriptionId": "seek-poller:webhookSubscription:events:ats",
			"url": "http://receiver.test/seek?a=b", "expireDateTime": "2026-05-30T09:00:05.000Z",
		}
		var body map[string]any
		if err := json.Unmarshal(calls[0].body, &body); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(body, want); diff != "" {
			t.Errorf("body: got, want:\n%s", diff)
		}
	})
}

func checkHeaders(t *testing.T, c call) {
	t.Helper()
	mac := hmac.New(sha512.New, []byte(secret))
	mac.Write(c.body)
	if got, want := c.header.Get("Seek-Signature"), hex.EncodeToString(mac.Sum(nil)); got != want {
		t.Errorf("Seek-Signature: got %s, want %s", got, want)
	}
	if id, err := uuid.Parse(c.header.Get("X-Request-Id")); err != nil || id.Version() != 4 {
		t.Errorf("X-Request-Id: got %q, want a version 4 UUID", c.header.Get("X-Request-Id"))
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "User-Agent": "seek-poller/1.2.3", "Idempotency-Key": ""} {
		if got := c.header.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// TestSeekWebhookOfEachType: required properties by SEEK's schema, and no other identifier.
func TestSeekWebhookOfEachType(t *testing.T) {
	all := `{"candidateApplicationProfileId":"1","candidateId":"2","candidateProfileId":"3","positionProfileId":"4","reasonId":"5",
		"seekPartnerPositionId":"6","associatedPositionProfileId":"7","somethingNew":"8","number":9,"nothing":"","id":"no"}`
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		s := newWebhook(serve(t, recording(&calls, accept)))
		for eventType, ids := range map[string][]string{
			"CandidateApplicationCreated": {"candidateApplicationProfileId", "candidateId"},
			"CandidateProfilePurchased":   {"candidateProfileId"},
			"HirerRelationshipChanged":    nil,
			"PositionProfilePosted":       {"positionProfileId"},
			"PositionProfileClosed":       {"positionProfileId"},
			"PositionProfileUpdated":      {"positionProfileId"},
			"PositionNotPosted":           {"reasonId", "seekPartnerPositionId"},
			"TypeOfNextYear": {"candidateApplicationProfileId", "candidateId", "candidateProfileId", "positionProfileId", "reasonId",
				"seekPartnerPositionId", "somethingNew"},
		} {
			d := application("e1")
			d.Event.Type, d.Event.Identifiers = eventType, json.RawMessage(all)
			send(t, s, time.Minute, d)
			var body struct{ Events []map[string]any }
			if err := json.Unmarshal(calls[len(calls)-1].body, &body); err != nil {
				t.Fatal(err)
			}
			want := slices.Sorted(slices.Values(append(ids, "id", "type", "createDateTime", "hirerId")))
			if got := slices.Sorted(maps.Keys(body.Events[0])); !slices.Equal(got, want) || body.Events[0]["id"] != "e1" {
				t.Errorf("%s: got %q, want %q", eventType, got, want)
			}
		}
	})
}

// TestSeekWebhookShowsItsAddress as it is configured, letter by letter, and without user and password where it has them. One that is no URL at all is
// an attempt that failed.
func TestSeekWebhookShowsItsAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		hc := serve(t, recording(&calls, accept))
		for url, want := range map[string]string{
			"HTTP://Receiver.test/a?b": "HTTP://Receiver.test/a?b", "http://us:secret@receiver.test/a": "http://receiver.test/a", "http://receiver.test/%zz": "",
		} {
			calls = nil
			got := send(t, outbox.NewSeekWebhook(outbox.WebhookConfig{URL: url, HTTP: hc}), time.Minute, oneEvent...)
			if want == "" {
				if len(calls) > 0 || got.Verdict != outbox.Retry || got.Detail != "the configured address is not a URL" {
					t.Errorf("%s: got %+v after %d requests, want a retry after none", url, got, len(calls))
				}
				continue
			}
			var body struct{ URL string }
			if err := json.Unmarshal(calls[0].body, &body); err != nil || body.URL != want {
				t.Errorf("%s: got %q (%v), want %q", url, body.URL, err, want)
			}
		}
	})
}

// TestSeekWebhookSendsIdentifiersOnly: a stream with details has personal data in its node; none of it is in the body. Attempts of
// one event are byte for byte the same, under a request id of their own.
func TestSeekWebhookSendsIdentifiersOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		s := newWebhook(serve(t, recording(&calls, accept)))
		d := application("e1")
		d.Event.Node = []byte(`{"candidate":{"person":{"name":{"formattedName":"CANARY"}}}}`)
		d.Event.CreatedAt = time.Time{}
		send(t, s, time.Minute, d)
		d.Attempt = 2
		send(t, s, time.Minute, d)
		if strings.Contains(string(calls[0].body), "CANARY") {
			t.Error("personal data in the body")
		}
		if string(calls[0].body) != string(calls[1].body) {
			t.Errorf("two attempts differ:\n%s\n%s", calls[0].body, calls[1].body)
		}
		if calls[0].header.Get("X-Request-Id") == calls[1].header.Get("X-Request-Id") {
			t.Error("two attempts have one request id")
		}
		if !strings.Contains(string(calls[0].body), `"createDateTime":"2026-03-01T10:00:05.000Z"`) {
			t.Errorf("unreadable createDateTime: got %s, want the stream time in its place", calls[0].body)
		}
	})
}
