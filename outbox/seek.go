package outbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"seekpoller/store"
)

// SeekBatch is how many events SEEK puts into one webhook body at most (https://developer.seek.com/schema/webhooks).
const SeekBatch = 10

// lifetime is how long SEEK keeps an event (https://developer.seek.com/events/polling), and so how long a handler can ask for it.
const lifetime = 90 * 24 * time.Hour

type seekWebhook struct {
	hook
	shown string // the URL as the body shows it: without user and password
}

// NewSeekWebhook makes a sender whose requests look like SEEK's webhooks (https://developer.seek.com/events/webhooks), so that a
// handler written for those works unchanged: identifiers only, whatever the stream selects, up to ten events of one type, signed
// with HMAC SHA-512 over the raw body. Each event's id is its idempotency key.
func NewSeekWebhook(c WebhookConfig) Sender {
	if c.SubscriptionID == "" {
		c.SubscriptionID = "seek-poller:webhookSubscription:events:" + c.Name
	}
	return &seekWebhook{hook: newHook(c), shown: withoutUser(c.URL)}
}

func (w *seekWebhook) Send(ctx context.Context, batch []store.Delivery) Reply {
	body, err := w.body(batch)
	if err != nil {
		return Reply{Verdict: Retry, Detail: "the body could not be made"}
	}
	headers := http.Header{}
	if len(w.Secret) > 0 {
		headers.Set("Seek-Signature", signature(w.Secret, body))
	}
	return w.send(ctx, body, headers)
}

// signature is what SEEK documents for Seek-Signature: lower-case hex of HMAC SHA-512 with the secret over the raw body
// (https://developer.seek.com/events/webhooks).
func signature(secret, body []byte) string {
	mac := hmac.New(sha512.New, secret)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

type seekBody struct {
	Events         []map[string]string `json:"events"` // encoding/json sorts the keys: the same event is the same bytes
	SubscriptionID string              `json:"subscriptionId"`
	URL            string              `json:"url"`
	ExpireDateTime string              `json:"expireDateTime"`
}

func (w *seekWebhook) body(batch []store.Delivery) ([]byte, error) {
	b := seekBody{SubscriptionID: w.SubscriptionID, URL: w.shown}
	oldest := streamed(batch[0].Event)
	for _, d := range batch {
		b.Events = append(b.Events, seekEvent(d.Event))
		if at := streamed(d.Event); at.Before(oldest) {
			oldest = at
		}
	}
	b.ExpireDateTime = rfc3339(oldest.Add(lifetime))
	return json.Marshal(b)
}

// seekEvent is one event as SEEK's webhook would carry it. A type that SEEK's documents do not name yet has all its identifiers.
func seekEvent(e store.Event) map[string]string {
	v := map[string]string{"id": e.ID, "type": e.Type, "createDateTime": rfc3339(created(e))}
	for name, id := range identifiers(e.Identifiers) {
		if belongs(e.Type, name) {
			v[name] = id
		}
	}
	if e.HirerID != "" {
		v["hirerId"] = e.HirerID
	}
	return v
}

// identifiers reads what is a string and passes over the rest.
func identifiers(raw json.RawMessage) map[string]string {
	var all map[string]any
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	ids := make(map[string]string, len(all))
	for name, v := range all {
		if s, ok := v.(string); ok && s != "" {
			ids[name] = s
		}
	}
	return ids
}

// belongs says whether SEEK's webhook body of this event type has the property, by the pages under
// https://developer.seek.com/schema/webhooks.
func belongs(eventType, property string) bool {
	switch eventType {
	case "CandidateApplicationCreated":
		return property == "candidateApplicationProfileId" || property == "candidateId"
	case "CandidateProfilePurchased":
		return property == "candidateProfileId"
	case "HirerRelationshipChanged":
		return property == "hirerId"
	case "PositionProfilePosted", "PositionProfileClosed", "PositionProfileUpdated":
		return property == "positionProfileId"
	case "PositionNotPosted":
		return property == "reasonId" || property == "seekPartnerPositionId"
	}
	return property != "associatedPositionProfileId" && property != "id" && property != "type" && property != "createDateTime"
}

// created and streamed are required by SEEK's schema; where one could not be read the nearest that is known stands in.
func created(e store.Event) time.Time { return firstKnown(e.CreatedAt, e.StreamedAt, e.ReceivedAt) }

func streamed(e store.Event) time.Time { return firstKnown(e.StreamedAt, e.CreatedAt, e.ReceivedAt) }

func firstKnown(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.User == nil {
		return address
	}
	u.User = nil
	return u.String()
}
