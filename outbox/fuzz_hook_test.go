package outbox_test

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/simulator"
	"seekpoller/outbox"
	"seekpoller/store"
)

// FuzzSignature: verifiers of others take what we sign, and refuse it with any byte changed: of the body, of the signature, of what else is signed.
func FuzzSignature(f *testing.F) {
	f.Add([]byte(secret), `{"events":[]}`, uint(0), byte(1))
	f.Add([]byte("k"), "", uint(7), byte(0x80))
	f.Add([]byte(strings.Repeat("long", 64)), "\x00\xff\n.", uint(2), byte(0xff))
	f.Fuzz(func(t *testing.T, key []byte, body string, place uint, flip byte) {
		if len(key) == 0 || flip == 0 {
			return
		}
		checkSeekSignature(t, key, []byte(body), place, flip)
		if !strings.HasPrefix(string(key), "whsec_") {
			checkStandardSignature(t, string(key), []byte(body), place, flip)
		}
	})
}

func checkSeekSignature(t *testing.T, key, body []byte, place uint, flip byte) {
	t.Helper()
	signed := outbox.Signature(key, body)
	if raw, err := hex.DecodeString(signed); err != nil || len(raw) != 64 || !simulator.Verify(key, signed, body) {
		t.Fatalf("%q over %q is refused: %v", signed, body, err)
	}
	if simulator.Verify(key, flipped(signed, place, flip), body) {
		t.Error("another signature is taken")
	}
	if len(body) > 0 && simulator.Verify(key, signed, []byte(flipped(string(body), place, flip))) {
		t.Error("another body is taken")
	}
}

func checkStandardSignature(t *testing.T, key string, body []byte, place uint, flip byte) {
	t.Helper()
	now := time.Now()
	signed, err := outbox.StandardSignatures("msg_1", now, string(body), key)
	if err != nil {
		t.Fatal(err)
	}
	verify := func(id, at, signature string, body []byte) error {
		return library(t, key).Verify(body, http.Header{"Webhook-Id": {id}, "Webhook-Timestamp": {at}, "Webhook-Signature": {signature}})
	}
	at := strconv.FormatInt(now.Unix(), 10)
	if err := verify("msg_1", at, signed, body); err != nil {
		t.Fatalf("%q over %q is refused: %v", signed, body, err)
	}
	if verify("msg_2", at, signed, body) == nil || verify("msg_1", strconv.FormatInt(now.Unix()-1, 10), signed, body) == nil {
		t.Error("another id or time is taken")
	}
	if len(body) > 0 && verify("msg_1", at, signed, []byte(flipped(string(body), place, flip))) == nil {
		t.Error("another body is taken")
	}
	version, value, _ := strings.Cut(signed, ",")
	if verify("msg_1", at, version+","+flipped(value, place, flip), body) == nil {
		t.Error("another signature is taken")
	}
}

// flipped is text with bits of one byte turned over.
func flipped(text string, place uint, flip byte) string {
	b := []byte(text)
	b[place%uint(len(b))] ^= flip
	return string(b)
}

// FuzzFileName: any two events of any ids have a file each, of a safe name, inside the directory and nowhere else; one event has one file however often it
// is written.
func FuzzFileName(f *testing.F) {
	f.Add("a", "A")
	f.Add("../../etc/passwd", "/abs")
	f.Add("", ".")
	f.Add("nul\x00", strings.Repeat("z", 300))
	f.Add("\xff", "\xfe") // ids that JSON writes alike
	parent := f.TempDir()
	f.Fuzz(func(t *testing.T, one, two string) {
		dir, err := os.MkdirTemp(parent, "spool")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := newDirectory(t, outbox.DirectoryConfig{Name: "spool", Path: dir})
		for range 2 {
			if got := s.Send(t.Context(), []store.Delivery{application(one), application(two)}); got.Verdict != outbox.Accepted {
				t.Fatalf("got %+v", got)
			}
		}
		want := []string{outbox.Key(one, "spool") + ".json", outbox.Key(two, "spool") + ".json"}
		slices.Sort(want)
		want = slices.Compact(want)
		if got := entries(t, dir); !slices.Equal(got, want) || (len(want) == 1) != (one == two) {
			t.Errorf("%q and %q: got %q, want %q", one, two, got, want)
		}
		for _, name := range want {
			if len(name) != 32+len(".json") || strings.Trim(name[:32], "0123456789abcdef") != "" {
				t.Errorf("%q is no safe name", name)
			}
		}
		if got := entries(t, parent); len(got) != 1 {
			t.Errorf("beside the directory there is %q", got)
		}
	})
}

// entries is everything in a directory, hidden or not.
func entries(t *testing.T, dir string) (all []string) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		all = append(all, e.Name())
	}
	return all
}

// caught is a network that keeps the one body that was sent.
type caught struct{ body []byte }

func (c *caught) RoundTrip(r *http.Request) (*http.Response, error) {
	c.body, _ = io.ReadAll(r.Body)
	return &http.Response{StatusCode: http.StatusNoContent, Body: http.NoBody, Request: r}, nil
}

// FuzzSeekBody: whatever is known of two events, SEEK's body is JSON with their ids and types unchanged, in order, with times that read as times, and with
// nothing that is not an identifier of theirs.
func FuzzSeekBody(f *testing.F) {
	f.Add("e1", "CandidateApplicationCreated", "h1", []byte(`{"candidateId":"c","associatedPositionProfileId":"p"}`), int64(0), int64(1))
	f.Add("", "", "", []byte(`[`), int64(-1<<62), int64(1<<62))
	f.Add("\xff\u2028", "of a type to come", "<&>", []byte(`{"id":"other","type":"other","createDateTime":"now","x":1,"y":"z"}`), int64(1), int64(1))
	f.Fuzz(func(t *testing.T, id, eventType, hirer string, identifiers []byte, created, streamed int64) {
		var batch []store.Delivery
		for _, suffix := range []string{"", " too"} {
			d := application(id + suffix)
			d.Event.Type, d.Event.HirerID, d.Event.Identifiers = eventType, hirer, identifiers
			d.Event.CreatedAt, d.Event.StreamedAt = year(created), year(streamed)
			batch = append(batch, d)
		}
		var wire caught
		if got := newWebhook(&http.Client{Transport: &wire}).Send(t.Context(), batch); got.Verdict != outbox.Accepted {
			t.Fatalf("got %+v", got)
		}
		var body struct {
			Events                              []map[string]string
			SubscriptionID, URL, ExpireDateTime string
		}
		if err := json.Unmarshal(wire.body, &body); err != nil || len(body.Events) != 2 {
			t.Fatalf("got %q: %v", wire.body, err)
		}
		checkTime(t, body.ExpireDateTime)
		for i, e := range body.Events {
			checkTime(t, e["createDateTime"])
			if e["id"] != asJSON(batch[i].Event.ID) || e["type"] != asJSON(eventType) {
				t.Errorf("got %q and %q of %q and %q", e["id"], e["type"], batch[i].Event.ID, eventType)
			}
			checkIdentifiers(t, e, identifiers, hirer)
		}
	})
}

func checkIdentifiers(t *testing.T, e map[string]string, identifiers []byte, hirer string) {
	t.Helper()
	var known map[string]any
	_ = json.Unmarshal(identifiers, &known)
	for name, value := range e {
		switch name {
		case "id", "type", "createDateTime":
		case "hirerId":
			if value != asJSON(hirer) && known[name] != value {
				t.Errorf("got the hirer %q of %q", value, hirer)
			}
		default:
			if known[name] != value {
				t.Errorf("got %s %q of %q", name, value, identifiers)
			}
		}
	}
}

// asJSON is what text becomes on its way through JSON, which has no bytes that are not UTF-8.
func asJSON(text string) string { return string([]rune(text)) }

// year is a time between the years 1 and 9998: RFC 3339 has no others.
func year(n int64) time.Time {
	const span = 9997 * 365 * 24 * 3600
	return time.Unix((n%span+span)%span-62135596800, 0)
}

func checkTime(t *testing.T, text string) {
	t.Helper()
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		t.Error(err)
	}
}
