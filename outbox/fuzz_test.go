package outbox_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"seekpoller/outbox"
)

// FuzzRetryAfter: never negative, never over a day, the longest of several, and a number of seconds exactly that number.
func FuzzRetryAfter(f *testing.F) {
	f.Add("120", "")
	f.Add("Sun, 01 Mar 2026 12:00:30 GMT", "5")
	f.Add("10000000000", "-1")
	f.Add("Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT")
	f.Fuzz(func(t *testing.T, one, two string) {
		now := time.Unix(0, 0)
		of := func(values ...string) time.Duration {
			return outbox.RetryAfter(http.Header{"Retry-After": values}, now)
		}
		got := of(one, two)
		if got < 0 || got > outbox.LongestRetryAfter {
			t.Errorf("%q, %q: got %v", one, two, got)
		}
		if got != max(of(one), of(two)) {
			t.Errorf("%q, %q: got %v together, %v and %v alone", one, two, got, of(one), of(two))
		}
		if want, seconds := ofDigits(one); seconds && of(one) != want {
			t.Errorf("%q: got %v, want %v", one, of(one), want)
		}
	})
}

// ofDigits counts with numbers of any length; ok only for what is digits and nothing else.
func ofDigits(text string) (d time.Duration, ok bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, ok := new(big.Int).SetString(text, 10)
	if day := big.NewInt(24 * 3600); !ok || n.Cmp(day) > 0 {
		n = day
	}
	return time.Duration(n.Int64()) * time.Second, true
}

// FuzzExcerpt: of whatever a stranger wrote there come at most 500 characters that print, alone and behind words of ours.
func FuzzExcerpt(f *testing.F) {
	f.Add([]byte("\x00\x1b[31m\xff"))
	f.Add([]byte("\r\n\u202e\u2028\U000e0041 "))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, got := range []string{outbox.Excerpt(b), outbox.Because("exit status 1", b)} {
			if n := utf8.RuneCountInString(got); n > 500 || !utf8.ValidString(got) {
				t.Errorf("excerpt of %q: %d characters, valid %v", b, n, utf8.ValidString(got))
			}
			if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("excerpt of %q does not print: %q", b, got)
			}
		}
		if got := outbox.Because("exit status 1", b); !strings.HasPrefix(got, "exit status 1") {
			t.Errorf("what happened is lost: %q", got)
		}
	})
}

// FuzzEnvelope: whatever the node, the envelope is one line of JSON, the same each time, with the node's own bytes less the space between them.
func FuzzEnvelope(f *testing.F) {
	f.Add([]byte("{\"a\":\n\"\xff\"}"))
	f.Add([]byte(`]`))
	f.Add([]byte(`{"n":12345678901234567890.10,"s":"<&>\ud800","s":null}`))
	f.Fuzz(func(t *testing.T, node []byte) {
		d := application("e1")
		d.Event.Node = node
		got := outbox.Envelope(d)
		if !json.Valid(got) || bytes.ContainsAny(got, "\n\r") {
			t.Errorf("node %q: got %q", node, got)
		}
		if !bytes.Equal(got, outbox.Envelope(d)) {
			t.Errorf("node %q: two envelopes differ", node)
		}
		var packed bytes.Buffer
		if json.Compact(&packed, node) != nil {
			return
		}
		if end := `,"node":` + string(bytes.ToValidUTF8(packed.Bytes(), []byte("\uFFFD"))) + "}"; !strings.HasSuffix(string(got), end) {
			t.Errorf("node %q: got %q", node, got)
		}
	})
}

// FuzzGrant: of a token answer comes a token that can stand in a header, with a life of up to a day, or a problem that quotes nothing of it.
func FuzzGrant(f *testing.F) {
	f.Add([]byte(`{"access_token":"token-` + canary + `","expires_in":1800,"token_type":"bearer"}`))
	f.Add([]byte(`{"access_token":"token-` + canary + `","expires_in":"1e999"}`))
	f.Add([]byte(`{"access_token":"token-` + canary + `\r\nX: y","expires_in":-0.5}`))
	f.Add([]byte(`{"access_token":"token-` + canary + `","token_type":"mac"}`))
	f.Add([]byte(`[{"access_token":"` + canary))
	f.Add([]byte(`{"access_token":"token-` + canary + `","expires_in":1e-12}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		token, life, problem := outbox.Grant(body)
		switch {
		case (token == "") == (problem == ""), (life == 0) == (problem == ""):
			t.Errorf("got %q for %v and %q", token, life, problem)
		case life < 0 || life > outbox.LongestTokenLife:
			t.Errorf("got a life of %v", life)
		case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
			t.Errorf("the token %q can stand in no header", token)
		case strings.Contains(problem, canary):
			t.Errorf("got the problem %q", problem)
		}
	})
}
