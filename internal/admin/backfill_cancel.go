package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"seekpoller/store"
)

// CancelArgs name a stretch.
type CancelArgs struct {
	ID int64 `json:"id"`
}

func (a CancelArgs) words() string { return fmt.Sprint(a.ID) }

func (s *Server) stretch(ctx context.Context, id int64) (store.Cursor, error) {
	c, err := s.config.Load().Store.Cursor(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Kind == "live" {
		return c, &Error{Status: http.StatusNotFound, What: fmt.Sprintf("there is no backfill or reconciliation %d", id), Todo: "see: seek-poller backfill list"}
	}
	return c, err
}

func (s *Server) lookCancel(ctx context.Context, args CancelArgs) (Outcome, error) {
	c, err := s.stretch(ctx, args.ID)
	if err != nil {
		return Outcome{}, err
	}
	if c.State == store.Ended {
		return Outcome{}, conflict(fmt.Sprintf("%s %d has ended already, at %s", c.Kind, c.ID, exactly(c.EndedAt)), "nothing has to be done")
	}
	v, err := s.viewStretch(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{
		Says: []string{
			fmt.Sprintf("%s %d of stream %s ends where it is: %s", c.Kind, c.ID, c.Stream, v.State),
			fmt.Sprintf("what it brought stays: %s events on %s, %s of them new", grouped(c.Seen), counted(c.Pages, "page", "pages"), grouped(c.Events)),
		},
		Facts: v, Rows: 1, Undo: restart(c),
	}, nil
}

// restart is the command that asks for the same again; what was brought is known then.
func restart(c store.Cursor) string {
	args := StretchArgs{Stream: c.Stream, From: Time{c.Since}.next(), To: Time{c.Until}, Types: c.Types, Deliver: c.Deliver}
	if c.Deliver != nil && len(c.Deliver) == 0 {
		args.Deliver = []string{"none"}
	}
	return "seek-poller backfill start " + args.words() + " --yes --reason undo"
}

func (s *Server) doCancel(ctx context.Context, args CancelArgs, seen Outcome, d store.Deed) (Outcome, error) {
	a, err := s.config.Load().Store.CancelStretch(ctx, d, args.ID)
	if errors.Is(err, store.ErrCursorMoved) {
		return Outcome{}, conflict("it has ended just now", "nothing has to be done")
	}
	if err != nil {
		return Outcome{}, err
	}
	return seen.did(a), nil
}
