package outbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"seekpoller/outbox"
	"seekpoller/store"
)

// The vectors were made with sha256sum, so that no later change of the code can move a key unseen.
func TestKeyNeverChanges(t *testing.T) {
	for _, c := range []struct{ event, destination, want string }{
		{"seekAnz:event:events:7PTW6wTeuhrbFFuUSzfNoq", "ats", "e6c7b67dd4334da0bf203db6b3262518"},
		{"", "", "ba768b331fd86cec803be04e56ab2b3d"},
	} {
		if got := outbox.Key(c.event, c.destination); got != c.want {
			t.Errorf("Key(%q, %q): got %s, want %s", c.event, c.destination, got, c.want)
		}
	}
	if outbox.Key("ab", "c") == outbox.Key("a", "bc") {
		t.Error("names that run together alike have one key")
	}
}

func TestBackoffTriplesFromFiveSecondsToSixHours(t *testing.T) {
	for attempt, base := 1, 5*time.Second; attempt < 200; attempt++ {
		seen := map[time.Duration]bool{}
		for range 50 {
			got := outbox.Backoff(attempt)
			seen[got] = true
			if low, high := base*9/10, min(base*11/10, outbox.LongestGap); got < low || got > high {
				t.Fatalf("attempt %d: got %v, want %v to %v", attempt, got, low, high)
			}
		}
		if len(seen) < 10 {
			t.Errorf("attempt %d: %d different waits of 50: no jitter", attempt, len(seen))
		}
		base = min(base*3, outbox.LongestGap)
	}
}

// TestScheduleSpansThreeDays: about 20 attempts in 75 h, far from what is taken for a crash loop.
func TestScheduleSpansThreeDays(t *testing.T) {
	var total time.Duration
	attempts := 1
	for ; total < outbox.OldAge; attempts++ {
		total += outbox.Backoff(attempts)
	}
	if attempts < 15 || attempts > outbox.TooManyTries/2 {
		t.Errorf("attempts in 75 h: got %d, want 15 to %d", attempts, outbox.TooManyTries/2)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	const day = 24 * time.Hour
	for _, c := range []struct {
		headers []string
		want    time.Duration
	}{
		{nil, 0},
		{[]string{""}, 0},
		{[]string{"0"}, 0},
		{[]string{"120"}, 2 * time.Minute},
		{[]string{" 120 "}, 2 * time.Minute},
		{[]string{"-1"}, 0},
		{[]string{"+5"}, 0},
		{[]string{"1.5"}, 0},
		{[]string{"1e3"}, 0},
		{[]string{"soon"}, 0},
		{[]string{"86400"}, day},
		{[]string{"86401"}, day},
		{[]string{"10000000000"}, day},
		{[]string{"99999999999999999999999999"}, day},
		{[]string{"Sun, 01 Mar 2026 12:00:30 GMT"}, 30 * time.Second},
		{[]string{"Sunday, 01-Mar-26 12:01:00 GMT"}, time.Minute},
		{[]string{"Sun Mar  1 12:01:00 2026"}, time.Minute},
		{[]string{"Sun, 01 Mar 2026 11:00:00 GMT"}, 0},
		{[]string{"Fri, 31 Dec 9999 23:59:59 GMT"}, day},
		{[]string{"10", "60", "garbage"}, time.Minute},
	} {
		if got := outbox.RetryAfter(http.Header{"Retry-After": c.headers}, now); got != c.want {
			t.Errorf("Retry-After %q: got %v, want %v", c.headers, got, c.want)
		}
	}
}

func TestExcerptIsShortAndInert(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"  plain, Zoë 日本 🙂 \n", "plain, Zoë 日本 🙂"},
		{"a\x1b]0;x\x07b", `a\u001b]0;x\u0007b`},
		{"a\nb\r\tc", `a\u000ab\u000d\u0009c`},
		{"\u202eevil\u2028", `\u202eevil`},
		{"\xff\xfe!", `\xff\xfe!`},
		{"\U000e0041x", `\U000e0041x`},
	} {
		if got := outbox.Excerpt([]byte(c.in)); got != c.want {
			t.Errorf("excerpt of %q: got %q, want %q", c.in, got, c.want)
		}
	}
	if got := utf8.RuneCountInString(outbox.Excerpt([]byte(strings.Repeat("é", 1000)))); got != 500 {
		t.Errorf("characters: got %d, want 500", got)
	}
}

func owed(attempt int, eventType string) store.Delivery {
	return store.Delivery{Attempt: attempt, Event: store.Event{Type: eventType, Scheme: "seekAnz"}}
}

func TestBatchesAreOfOneTypeAndRetriesGoAlone(t *testing.T) {
	a, b, retry := owed(1, "A"), owed(1, "B"), owed(2, "A")
	other := a
	other.Event.Scheme = "seekAnzPublicTest"
	for _, c := range []struct {
		name string
		size int
		in   []store.Delivery
		want []int
	}{
		{"none", 10, nil, nil},
		{"one type", 10, []store.Delivery{a, a, a}, []int{3}},
		{"over the size", 2, []store.Delivery{a, a, a, a, a}, []int{2, 2, 1}},
		{"two types mixed", 10, []store.Delivery{a, b, a, b, a}, []int{3, 2}},
		{"two schemes", 10, []store.Delivery{a, other, a}, []int{2, 1}},
		{"retries", 10, []store.Delivery{retry, a, retry, a}, []int{1, 2, 1}},
		{"no batches", 1, []store.Delivery{a, a}, []int{1, 1}},
	} {
		if diff := cmp.Diff(outbox.Batches(c.size, c.in...), c.want); diff != "" {
			t.Errorf("%s: got, want:\n%s", c.name, diff)
		}
	}
}
