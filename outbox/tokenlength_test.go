package outbox_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
)

// TestLongestToken: a token of 16 KiB is used, and one that is a character longer is refused.
func TestLongestToken(t *testing.T) {
	for length, want := range map[int]outbox.Verdict{16 << 10: outbox.Accepted, 16<<10 + 1: outbox.Retry} {
		synctest.Test(t, func(t *testing.T) {
			p := &partner{grant: granting(200, `{"access_token":"`+strings.Repeat("a", length)+`","token_type":"Bearer"}`)}
			if got := send(t, p.hook(t), time.Minute, oneEvent...); got.Verdict != want {
				t.Errorf("%d characters: got %+v, want %s", length, got, want)
			}
		})
	}
}

// TestTokenOfEachCharacter: a token is what can be seen of ASCII, from the first character of it to the last. Nothing else can stand in a header.
func TestTokenOfEachCharacter(t *testing.T) {
	for _, r := range "\x00\n\x1f !+/~\x7f\u0080é" {
		synctest.Test(t, func(t *testing.T) {
			answer, err := json.Marshal(map[string]string{"access_token": "a" + string(r) + "b"})
			if err != nil {
				t.Fatal(err)
			}
			want := outbox.Retry
			if r >= '!' && r <= '~' {
				want = outbox.Accepted
			}
			p := &partner{grant: granting(200, string(answer))}
			if got := send(t, p.hook(t), time.Minute, oneEvent...); got.Verdict != want {
				t.Errorf("a token with %q in it: got %+v, want %s", r, got, want)
			}
		})
	}
}
