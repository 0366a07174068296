package simulator_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"seekpoller/internal/simulator"
)

const (
	goodEvent = `{"id":"e1","type":"CandidateApplicationCreated","createDateTime":"2019-09-13T22:16:10.593Z","candidateApplicationProfileId":"p","candidateId":"c","hirerId":"h"}`
	goodBody  = `{"events":[` + goodEvent + `],"subscriptionId":"s","url":"https://example.com/webhook","expireDateTime":"2019-12-13T22:16:10.593Z"}`
	// HMAC-SHA512 of goodBody under "a secret of 16+ bytes", made with: openssl dgst -sha512 -hmac
	goodSignature = "7242ec32d4bc3c77db2c91fbd98f8ec66346bc304214059e838a867abbe8debffdd96627ab6c798566f1c1d7dc08b6f7a4dac2ec844c422f885b6990aa6084b5"
	secret        = "a secret of 16+ bytes"
)

func deliver(t *testing.T, c *http.Client, body, signature string, edit func(*http.Request)) (*http.Response, error) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://partner/seek", bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "tester/1")
	r.Header.Set("X-Request-Id", uuid.NewString())
	if signature != "" {
		r.Header.Set("Seek-Signature", signature)
	}
	if edit != nil {
		edit(r)
	}
	a, err := c.Do(r)
	if err == nil {
		err = a.Body.Close()
	}
	return a, err
}

func TestVerifyAgainstAnIndependentSignature(t *testing.T) {
	if !simulator.Verify([]byte(secret), goodSignature, []byte(goodBody)) {
		t.Error("a signature of openssl's is refused")
	}
	for _, bad := range []string{"", strings.ToUpper(goodSignature), goodSignature[:64], hex.EncodeToString([]byte(goodSignature))} {
		if simulator.Verify([]byte(secret), bad, []byte(goodBody)) {
			t.Errorf("signature %q is accepted", bad)
		}
	}
}

func TestReceiverAcceptsWhatSEEKWouldSendAndNothingElse(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(goodBody, old, new, 1) }
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, c := range []struct {
		name, body string
		edit       func(*http.Request)
		want       string // of the violation; "" none
	}{
		{"good", goodBody, nil, ""},
		{"without hirer", edit(`,"hirerId":"h"`, ""), nil, ""},
		{"type from the future", edit("CandidateApplicationCreated", "CandidateMoodChanged"), nil, ""},
		{"not JSON", "[", nil, "the body is not SEEK's"},
		{"two documents", goodBody + goodBody, nil, "something follows"},
		{"strange property", edit(`"url"`, `"key":"k","url"`), nil, "the body is not SEEK's"},
		{"strange property of an event", edit(`"hirerId"`, `"schemeId"`), nil, "schemeId is not a property"},
		{"candidate missing", edit(`"candidateId":"c",`, ""), nil, "candidateId is missing"},
		{"no expiry", edit(`,"expireDateTime":"2019-12-13T22:16:10.593Z"`, ""), nil, "expireDateTime"},
		{"no url", edit("https://example.com/webhook", ""), nil, "subscriptionId or url"},
		{"no events", edit(goodEvent, ""), nil, "0 events"},
		{"eleven events", edit(goodEvent, goodEvent+strings.Repeat(","+goodEvent, 10)), nil, "11 events"},
		{"twice", edit(goodEvent, goodEvent+","+goodEvent), nil, "twice"},
		{"two types", edit(goodEvent, goodEvent+","+strings.Replace(goodEvent, "Created", "X", 1)), nil, "more than one type"},
		{"personal data", edit(`"candidateId":"c"`, `"candidateId":"kanarie"`), nil, "personal data"},
		{"content type", goodBody, header("Content-Type", "text/plain"), "Content-Type"},
		{"no request id", goodBody, header("X-Request-Id", ""), "X-Request-Id is missing"},
		{"signature of another body", edit(`"e1"`, `"e2"`), header("Seek-Signature", goodSignature), "Seek-Signature"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rc := simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Canary: "kanarie"})
				a, err := deliver(t, serve(t, rc), c.body, sign(c.body), c.edit)
				said := strings.Join(rc.Violations(), "; ")
				if err != nil || (a.StatusCode == http.StatusNoContent) != (c.want == "") || !strings.Contains(said, c.want) || (said == "") != (c.want == "") {
					t.Errorf("got %v (%v), %q; want %q", a, err, said, c.want)
				}
				if got := len(rc.Accepted()); (got == 1) != (c.want == "") {
					t.Errorf("accepted %d events", got)
				}
			})
		})
	}
}

func TestReceiverCountsHowOftenItAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rc := simulator.NewReceiver(simulator.ReceiverOptions{})
		client := serve(t, rc)
		for range 3 {
			if _, err := deliver(t, client, goodBody, "", nil); err != nil {
				t.Fatal(err)
			}
		}
		if got := rc.Accepted()["e1"]; got != 3 {
			t.Errorf("got %d, want 3", got)
		}
	})
}

func TestReceiverWithoutSecretWantsNoSignatureAndFreshRequestIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rc := simulator.NewReceiver(simulator.ReceiverOptions{})
		client := serve(t, rc)
		same := func(r *http.Request) { r.Header.Set("X-Request-Id", "one") }
		for _, signature := range []string{"", "x", ""} {
			if _, err := deliver(t, client, goodBody, signature, same); err != nil {
				t.Fatal(err)
			}
		}
		want := "attempt 2: Seek-Signature although there is no secret; attempt 2: X-Request-Id was used before; attempt 3: X-Request-Id was used before"
		if got := strings.Join(rc.Violations(), "; "); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}

func TestReceiverFaults(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    simulator.ReceiverFault
		status   int // 0: no answer
		accepted int
	}{
		{"none", simulator.ReceiverFault{}, 204, 1},
		{"refused", simulator.ReceiverFault{Status: 400, Message: "no"}, 400, 0},
		{"busy", simulator.ReceiverFault{Status: 503, RetryAfter: "7"}, 503, 0},
		{"another success", simulator.ReceiverFault{Status: 200, Message: "thanks"}, 200, 1},
		{"late", simulator.ReceiverFault{Delay: 20 * time.Second}, 204, 1},
		{"too late", simulator.ReceiverFault{Delay: 40 * time.Second}, 0, 0},
		{"hang", simulator.ReceiverFault{Hang: true}, 0, 0},
		{"drop", simulator.ReceiverFault{Drop: true}, 0, 0},
		{"drop after", simulator.ReceiverFault{DropAfter: true}, 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rc := simulator.NewReceiver(simulator.ReceiverOptions{Fault: func(a simulator.Attempt) simulator.ReceiverFault { return c.fault }})
				a, err := deliver(t, serve(t, rc), goodBody, "", nil)
				synctest.Wait()
				if (err == nil) != (c.status != 0) || err == nil && (a.StatusCode != c.status || a.Header.Get("Retry-After") != c.fault.RetryAfter) {
					t.Errorf("got %v (%v), want %d", a, err, c.status)
				}
				log := rc.Attempts()
				if got := rc.Accepted()["e1"]; got != c.accepted || len(log) != 1 || log[0].Status != c.status || log[0].Accepted != (c.accepted > 0) {
					t.Errorf("accepted %d times, log %+v; want %d times, status %d", got, log, c.accepted, c.status)
				}
			})
		})
	}
}

func TestPipeEndsWithItsContextAndItsListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := simulator.NewPipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := p.Dial(ctx, "tcp", "seek:80"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nobody accepts: got %v, want the deadline", err)
		}
		for range 2 { // it may be closed again
			if err := p.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
		if _, err := p.Dial(t.Context(), "tcp", "seek:80"); !errors.Is(err, net.ErrClosed) {
			t.Errorf("dial: got %v, want it closed", err)
		}
		if _, err := p.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("accept: got %v, want it closed", err)
		}
	})
}

// sign makes a signature for bodies other than goodBody, whose signature is not ours.
func sign(body string) string {
	if body == goodBody {
		return goodSignature
	}
	m := hmac.New(sha512.New, []byte(secret))
	m.Write([]byte(body))
	return hex.EncodeToString(m.Sum(nil))
}
