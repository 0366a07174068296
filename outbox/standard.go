package outbox

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"seekpoller/store"
)

// standardPrefix marks a secret that is written in base64 (https://www.standardwebhooks.com).
const standardPrefix = "whsec_"

type standardWebhook struct {
	hook
	keys [][]byte // the current one first
}

// NewStandardWebhook makes a sender of the Standard Webhooks form (https://www.standardwebhooks.com): the envelope as body, one event
// a request, webhook-id the event's Key, webhook-timestamp the time of this attempt, so that a receiver may drop replays. It signs with
// the current and the previous secret, and a receiver that has either verifies. A missing or malformed secret is an error, which
// does not show it.
func NewStandardWebhook(c WebhookConfig) (Sender, error) {
	current, err := standardKey(c.Secret)
	if err != nil {
		return nil, fmt.Errorf("read secret of webhook %s: %w", c.Name, err)
	}
	w := &standardWebhook{hook: newHook(c), keys: [][]byte{current}}
	if len(c.PreviousSecret) > 0 {
		previous, err := standardKey(c.PreviousSecret)
		if err != nil {
			return nil, fmt.Errorf("read previous secret of webhook %s: %w", c.Name, err)
		}
		w.keys = append(w.keys, previous)
	}
	return w, nil
}

func standardKey(secret []byte) ([]byte, error) {
	encoded, prefixed := bytes.CutPrefix(secret, []byte(standardPrefix))
	if !prefixed {
		if len(secret) == 0 {
			return nil, errors.New("there is none, and this format is always signed")
		}
		return secret, nil
	}
	key, err := base64.StdEncoding.DecodeString(string(encoded))
	if err != nil || len(key) == 0 {
		return nil, errors.New("what follows whsec_ is not base64")
	}
	return key, nil
}

// Send posts the one event. More than one have no form here; each is then tried again alone.
func (w *standardWebhook) Send(ctx context.Context, batch []store.Delivery) Reply {
	if len(batch) != 1 {
		return Reply{Verdict: Retry, Detail: "this format takes one event a request"}
	}
	body, id, at := Envelope(batch[0]), Key(batch[0].Event.ID, w.Name), w.Now()
	timestamp := strconv.FormatInt(at.Unix(), 10)
	return w.send(ctx, body, http.Header{
		"Webhook-Id":        {id},
		"Webhook-Timestamp": {timestamp},
		"Webhook-Signature": {w.signatures(id, timestamp, body)},
	})
}

// signatures are over the very bytes that are sent: id, whole seconds and body with full stops between.
func (w *standardWebhook) signatures(id, timestamp string, body []byte) string {
	var all []string
	for _, key := range w.keys {
		mac := hmac.New(sha256.New, key)
		io.WriteString(mac, id+"."+timestamp+".")
		mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}
