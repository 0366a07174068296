package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"seekpoller/store"
)

// StretchArgs say which part of a stream is to be asked for again.
type StretchArgs struct {
	Stream  string   `json:"stream"`
	From    Time     `json:"from"`              // SEEK's stream time, included
	To      Time     `json:"to"`                // not included
	Types   []string `json:"types,omitempty"`   // empty: the stream's
	Deliver []string `json:"deliver,omitempty"` // names, or the one word all or none; empty: all
}

// backfillRoutes are bounded stretches: backfills and reconciliations.
func (s *Server) backfillRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /api/v1/backfills", s.answer(s.listStretches))
	m.HandleFunc("GET /api/v1/backfill", s.answer(s.oneStretch))
	m.HandleFunc("GET /api/v1/backfills/plan", s.answer(s.answerPlan))
	serveDeed(s, m, deed[StretchArgs]{verb: "backfill start", look: s.lookBackfill, do: s.doStretch, selector: StretchArgs.words})
	serveDeed(s, m, deed[CancelArgs]{verb: "backfill cancel", look: s.lookCancel, do: s.doCancel, selector: CancelArgs.words})
	serveDeed(s, m, deed[ReconcileArgs]{verb: "reconcile", look: s.lookReconcile, do: s.doReconcile, selector: ReconcileArgs.words})
}

func (a StretchArgs) words() string {
	text := fmt.Sprintf("--stream %s --from %s --to %s", a.Stream, exactly(a.From.Time), exactly(a.To.Time))
	if len(a.Types) > 0 {
		text += " --types " + strings.Join(a.Types, ",")
	}
	if len(a.Deliver) > 0 {
		text += " --deliver " + strings.Join(a.Deliver, ",")
	}
	return text
}

// StartFacts are a plan, and what came of it.
type StartFacts struct {
	Plan
	ID int64 `json:"id,omitempty"` // of the stretch that was begun

	begin store.NewStretch
}

func (s *Server) lookBackfill(ctx context.Context, args StretchArgs) (Outcome, error) {
	n, err := s.stretchOf(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	return s.previewStretch(ctx, n)
}

func (s *Server) previewStretch(ctx context.Context, n store.NewStretch) (Outcome, error) {
	if err := s.refuseTwin(ctx, n); err != nil {
		return Outcome{}, err
	}
	plan, err := s.plan(ctx, n)
	if err != nil {
		return Outcome{}, err
	}
	says := append(plan.words(), deliverWords(n.Deliver))
	return Outcome{Says: says, Facts: StartFacts{Plan: plan, begin: n}, Rows: 1, Undo: "seek-poller backfill cancel ID --yes --reason undo"}, nil
}

func deliverWords(deliver []string) string {
	switch {
	case deliver == nil:
		return "events that are new are stored and delivered to all destinations that take them; known ones are neither applied nor delivered again"
	case len(deliver) == 0:
		return "events that are new are stored and delivered to nobody, now or later (but see events replay)"
	}
	return "events that are new are stored and delivered to " + strings.Join(deliver, ", ") + " only, as far as they take them"
}

func (s *Server) refuseTwin(ctx context.Context, n store.NewStretch) error {
	open, err := s.config.Load().Store.Stretches(ctx, store.StretchFilter{Stream: n.Stream, Kind: n.Kind, Open: true, Limit: 1000})
	if err != nil {
		return err
	}
	for _, c := range open {
		if c.Since.Equal(n.Since) && c.Until.Equal(n.Until) && slices.Equal(c.Types, n.Types) && (c.Deliver == nil) == (n.Deliver == nil) && slices.Equal(c.Deliver, n.Deliver) {
			return twin(fmt.Sprintf("%s %d is the same, and goes on", c.Kind, c.ID), c.ID)
		}
	}
	return nil
}

func twin(what string, id int64) *Error {
	return conflict(what, fmt.Sprintf("see it with: seek-poller backfill follow %d", id))
}

// stretchOf checks what a person wants and brings it into the form that is kept.
func (s *Server) stretchOf(ctx context.Context, args StretchArgs) (n store.NewStretch, err error) {
	live, err := s.live(ctx, args.Stream)
	if err != nil {
		return n, err
	}
	if live.Fingerprint == "" {
		return n, conflict("the stream was moved, and no daemon has run since", "start the daemon once")
	}
	if err := s.checkWindow(args); err != nil {
		return n, err
	}
	n = store.NewStretch{Stream: args.Stream, Kind: "backfill", Fingerprint: live.Fingerprint, Since: args.From.Add(-time.Millisecond), Until: args.To.Time}
	if n.Types, err = s.typesOf(args); err != nil {
		return n, err
	}
	if n.Deliver, err = s.takersOf(ctx, args.Deliver); err != nil {
		return n, err
	}
	if safe := live.SafeTime(); n.Deliver != nil && args.To.After(safe) {
		return n, conflict(fmt.Sprintf("the live cursor may not have all events from %s on: those that this brought first would never be delivered to the others", exactly(safe)),
			"end no later than that, or deliver to all")
	}
	return n, nil
}

func (s *Server) checkWindow(args StretchArgs) error {
	switch {
	case args.From.IsZero() || args.To.IsZero():
		return badRequest("a stretch needs a time from which on and one up to which", "such as --from 2026-01-31 --to 2026-02-01T12:00:00Z")
	case !args.From.Before(args.To.Time):
		return badRequest(fmt.Sprintf("the stretch from %s to %s is empty", exactly(args.From.Time), exactly(args.To.Time)), "the earlier time comes first")
	case args.To.After(s.config.Load().Now().Wall):
		return badRequest("a stretch cannot end in the future", "what comes is the live cursor's")
	}
	return nil
}

func (s *Server) typesOf(args StretchArgs) ([]string, error) {
	if len(args.Types) == 0 {
		return nil, nil
	}
	types := slices.Compact(slices.Sorted(slices.Values(args.Types)))
	stream, configured := s.stream(args.Stream)
	if !configured {
		return nil, conflict("which types the stream has is not known here", "leave types out, ask the running daemon, or add --config FILE")
	}
	for _, t := range types {
		if t == "" || len(stream.Types) > 0 && !slices.Contains(stream.Types, t) {
			return nil, badRequest(fmt.Sprintf("the stream %s does not have the type %q", stream.Name, t), "it has "+strings.Join(stream.Types, ", "))
		}
	}
	return types, nil
}

// takersOf reads who gets what is new: nil is all, an empty list nobody.
func (s *Server) takersOf(ctx context.Context, names []string) ([]string, error) {
	switch {
	case len(names) == 0 || slices.Equal(names, []string{"all"}):
		return nil, nil
	case slices.Equal(names, []string{"none"}):
		return []string{}, nil
	}
	known, err := s.config.Load().Store.Destinations(ctx)
	if err != nil {
		return nil, err
	}
	var there []string
	for _, d := range known {
		if d.State != store.Removed {
			there = append(there, d.Name)
		}
	}
	for _, name := range names {
		if !slices.Contains(there, name) {
			return nil, badRequest(fmt.Sprintf("there is no destination %q", name), "write all, none, or some of: "+strings.Join(there, ", "))
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(names))), nil
}

func (s *Server) doStretch(ctx context.Context, _ StretchArgs, seen Outcome, d store.Deed) (Outcome, error) {
	return s.begin(ctx, seen, d)
}

func (s *Server) begin(ctx context.Context, seen Outcome, d store.Deed) (Outcome, error) {
	facts := seen.Facts.(StartFacts) // of previewStretch
	a, id, err := s.config.Load().Store.BeginStretch(ctx, d, facts.begin, func(id int64) string {
		return fmt.Sprintf("seek-poller backfill cancel %d --yes --reason undo", id)
	})
	if errors.Is(err, store.ErrOpenTwin) {
		return Outcome{}, conflict("the same one was begun just now", "see it with: seek-poller backfill list")
	}
	if err != nil {
		return Outcome{}, err
	}
	facts.ID = id
	seen.Facts = facts
	seen.Says = append(seen.Says, fmt.Sprintf("see how it goes with: seek-poller backfill follow %d", id))
	return seen.did(a), nil
}
