package outbox_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"seekpoller/outbox"
	"seekpoller/store"
)

const (
	newSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	oldSecret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
	rawSecret = "not base64, but thirty-two bytes"
)

func newStandard(t testing.TB, c outbox.WebhookConfig) outbox.Sender {
	t.Helper()
	c.Name, c.URL, c.UserAgent = "ats", "http://receiver.test/hook", "seek-poller/1.2.3"
	s, err := outbox.NewStandardWebhook(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// library is the published verifier with a secret of either kind.
func library(t *testing.T, secret string) *standardwebhooks.Webhook {
	t.Helper()
	v, err := standardwebhooks.NewWebhook(secret)
	if !strings.HasPrefix(secret, "whsec_") {
		v, err = standardwebhooks.NewWebhookRaw([]byte(secret))
	}
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The vector was computed with openssl too.
func TestStandardSignatureVector(t *testing.T) {
	got, err := outbox.StandardSignatures("msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 999), `{"test": 2432232314}`, newSecret)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want || err != nil {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

// TestStandardWebhookVerifiesWithOldAndNewSecret: a receiver with either of the two verifies with the published library, over the bytes
// that it received and at the time of this attempt; one with another secret does not.
func TestStandardWebhookVerifiesWithOldAndNewSecret(t *testing.T) {
	for _, c := range []struct {
		name              string
		current, previous string
		verify, refuse    []string
	}{
		{"one secret", newSecret, "", []string{newSecret}, []string{oldSecret, rawSecret}},
		{"while it changes", newSecret, oldSecret, []string{newSecret, oldSecret}, []string{rawSecret}},
		{"raw bytes", rawSecret, "", []string{rawSecret}, []string{newSecret}},
		{"from raw to base64", newSecret, rawSecret, []string{newSecret, rawSecret}, []string{oldSecret}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls []call
				hc := serve(t, recording(&calls, accept))
				s := newStandard(t, outbox.WebhookConfig{Secret: []byte(c.current), PreviousSecret: []byte(c.previous), HTTP: hc})
				time.Sleep(1500 * time.Millisecond)
				send(t, s, time.Minute, application("e.1"))
				for _, secret := range c.verify {
					if err := library(t, secret).Verify(calls[0].body, calls[0].header); err != nil {
						t.Errorf("secret %s: %v", secret, err)
					}
				}
				for _, secret := range c.refuse {
					if library(t, secret).Verify(calls[0].body, calls[0].header) == nil {
						t.Errorf("secret %s verifies", secret)
					}
				}
				first, _, _ := strings.Cut(calls[0].header.Get("webhook-signature"), " ")
				one := http.Header{"Webhook-Id": calls[0].header["Webhook-Id"], "Webhook-Timestamp": calls[0].header["Webhook-Timestamp"], "Webhook-Signature": {first}}
				if err := library(t, c.current).Verify(calls[0].body, one); err != nil {
					t.Errorf("the current secret's signature is not the first: %v", err)
				}
			})
		})
	}
}

// TestStandardWebhookIsTheEnvelope: under the event's key and the time of the attempt. A second attempt has the same body and key, and
// only timestamp, signature and request id are new.
func TestStandardWebhookIsTheEnvelope(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		s := newStandard(t, outbox.WebhookConfig{Secret: []byte(newSecret), HTTP: serve(t, recording(&calls, accept))})
		var replies []outbox.Reply
		var at []string
		for attempt := 1; attempt <= 2; attempt++ {
			d := application("e1")
			d.Attempt = attempt
			time.Sleep(time.Hour)
			at = append(at, strconv.FormatInt(time.Now().Unix(), 10))
			replies = append(replies, send(t, s, time.Minute, d))
		}
		for i, c := range calls {
			want := map[string]string{
				"Webhook-Id": outbox.Key("e1", "ats"), "Webhook-Timestamp": at[i], "Content-Type": "application/json",
				"User-Agent": "seek-poller/1.2.3", "X-Request-Id": replies[i].RequestID, "Idempotency-Key": "", "Authorization": "", "Seek-Signature": "",
			}
			for name, value := range want {
				if got := c.header.Get(name); got != value {
					t.Errorf("%s: got %q, want %q", name, got, value)
				}
			}
			if got, want := string(c.body), string(outbox.Envelope(application("e1"))); got != want {
				t.Errorf("body: got\n%s\nwant\n%s", got, want)
			}
		}
		if replies[0].RequestID == replies[1].RequestID {
			t.Error("two attempts have one request id")
		}
	})
}

func TestStandardWebhookSecretsAreChecked(t *testing.T) {
	for _, c := range []struct{ current, previous, want string }{
		{"", "", "read secret of webhook ats: there is none, and this format is always signed"},
		{"whsec_", "", "read secret of webhook ats: what follows whsec_ is not base64"},
		{"whsec_canary!", "", "read secret of webhook ats: what follows whsec_ is not base64"},
		{newSecret, "whsec_canary!", "read previous secret of webhook ats: what follows whsec_ is not base64"},
	} {
		s, err := outbox.NewStandardWebhook(outbox.WebhookConfig{Name: "ats", Secret: []byte(c.current), PreviousSecret: []byte(c.previous)})
		if s != nil || err == nil || err.Error() != c.want {
			t.Errorf("secrets %q and %q: got %v, want %s", c.current, c.previous, err, c.want)
		}
	}
}

// TestStandardWebhookTakesOneEventARequest: a batch that comes by mistake is not half delivered; each goes alone next.
func TestStandardWebhookTakesOneEventARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls []call
		sender := newStandard(t, outbox.WebhookConfig{Secret: []byte(newSecret), HTTP: serve(t, recording(&calls, accept))})
		var sizes []int
		w := newWorld(t, outbox.Destination{Name: "ats", Batch: 10, Sender: senderFunc(func(ctx context.Context, b []store.Delivery) outbox.Reply {
			sizes = append(sizes, len(b))
			return sender.Send(ctx, b)
		})})
		w.save(3)
		w.start()
		time.Sleep(time.Minute)
		if got := w.states("ats"); got["delivered"] != 3 || !slices.Equal(sizes, []int{3, 1, 1, 1}) || len(calls) != 3 {
			t.Errorf("got %v after sends of %v, %d requests, want 3 delivered one by one", got, sizes, len(calls))
		}
	})
}

// TestReceiverWhoseClockIsOff: what it says about a timestamp is easier to read with the difference beside it.
func TestReceiverWhoseClockIsOff(t *testing.T) {
	for ahead, want := range map[time.Duration]string{
		10 * time.Minute:  "(its clock is 10m0s ahead of ours) too old",
		-10 * time.Minute: "(its clock is 10m0s behind ours) too old",
		59 * time.Second:  "too old",
		-59 * time.Second: "too old",
	} {
		synctest.Test(t, func(t *testing.T) {
			hc := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", time.Now().Add(ahead).UTC().Format(http.TimeFormat))
				w.WriteHeader(400)
				w.Write([]byte("too old"))
			}))
			if got := send(t, newStandard(t, outbox.WebhookConfig{Secret: []byte(newSecret), HTTP: hc}), time.Minute, oneEvent...); got.Detail != want {
				t.Errorf("%v: got %q, want %q", ahead, got.Detail, want)
			}
		})
	}
}
