package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"seekpoller/store"
)

// upkeepRoutes are verify, backup and purge.
func (s *Server) upkeepRoutes(m *http.ServeMux) {
	verify := s.answer(s.verify)
	m.HandleFunc("GET /api/v1/verify", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(longestDeed)) // not there inside the process
		verify(w, r)
	})
	m.HandleFunc("GET /api/v1/backup", s.backup)
	serveDeed(s, m, deed[PurgeArgs]{verb: "purge", look: s.lookPurge, do: s.doPurge, selector: PurgeArgs.words})
}

// KeepUp makes the steps of a round of upkeep, and leaves the writer to others for as long as each step took. Where readers are in the way
// for too long it returns store.ErrLogInUse; a later round goes on.
func KeepUp(ctx context.Context, u *store.Upkeep) error {
	for tries := 0; ; {
		more, held, err := u.Step(ctx)
		switch {
		case errors.Is(err, store.ErrLogInUse) && tries < mostTries:
			tries++
			held = untilReadersAreGone
		case err != nil || !more:
			return err
		default:
			tries = 0
		}
		if err := pause(ctx, held); err != nil {
			return err
		}
	}
}

// No reader of ours takes over a second.
const (
	mostTries           = 50
	untilReadersAreGone = 100 * time.Millisecond
)

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// clock measures how long a step takes.
func (s *Server) clock() time.Time { return s.config.Load().Now().Wall }
