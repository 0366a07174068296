package poller_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"seekpoller/poller"
)

// TestEndIsNoFailure: being told to end is none, and hides none.
func TestEndIsNoFailure(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	broken := errors.New("the database is damaged")
	for _, c := range []struct {
		ctx       context.Context
		err, want error
	}{
		{t.Context(), nil, nil}, {t.Context(), broken, broken}, {t.Context(), context.Canceled, context.Canceled},
		{ended, nil, nil}, {ended, broken, broken}, {ended, fmt.Errorf("read cursors: %w", context.Canceled), nil},
	} {
		if got := poller.IgnoreEnd(c.ctx, c.err); got != c.want {
			t.Errorf("%v, %v: got %v, want %v", c.ctx.Err(), c.err, got, c.want)
		}
	}
}
