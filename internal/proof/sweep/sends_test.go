package sweep_test

import (
	"errors"
	"fmt"
	"time"

	"seekpoller/store"
)

func claim(dest string, n int) func(*hand) error {
	return func(h *hand) (err error) {
		h.claimed[dest], err = h.s.Claim(ctx, dest, n, lease, h.wall)
		return err
	}
}

// claimed claims what is due once the leases of the process before are over, unless this process has claimed something.
func claimed(h *hand, dest string) error {
	if len(h.claimed[dest]) > 0 {
		return nil
	}
	h.pass(lease)
	return claim(dest, 1000)(h)
}

// release gives back all that was claimed.
func release(dest string) func(*hand) error {
	return func(h *hand) error {
		if err := claimed(h, dest); err != nil {
			return err
		}
		return h.s.Release(ctx, dest, h.claimed[dest])
	}
}

// claimAgain claims what was given back, which is due at once.
func claimAgain(dest string) func(*hand) error {
	return func(h *hand) error {
		if err := claim(dest, 12)(h); err != nil || len(h.claimed[dest]) > 0 {
			return err
		}
		return errors.New("nothing is due of what was given back")
	}
}

// settle settles what was claimed: every fifth event in a way of its own, the others as delivered.
func settle(dest, fifth string) func(*hand) error {
	return func(h *hand) error {
		if err := claimed(h, dest); err != nil {
			return err
		}
		var ss []store.Settlement
		for _, d := range h.claimed[dest] {
			outcome := store.Delivered
			if d.Event.Seq%5 == 0 {
				outcome = fifth
			}
			ss = append(ss, store.Settlement{
				Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: outcome, DueAt: h.wall.Add(30 * time.Minute),
				StartedAt: h.wall, EndedAt: h.wall, Status: 200, Detail: "as ever", RequestID: fmt.Sprint("r", d.Event.Seq), Batch: 1,
			})
		}
		_, err := h.s.Settle(ctx, dest, ss, h.wall)
		return err
	}
}
