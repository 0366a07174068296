package outbox_test

import (
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
