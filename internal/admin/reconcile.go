package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"seekpoller/store"
)

// latest is how long before the moment of completeness a reconciliation ends: SEEK may put an event on its stream a little after its time.
const latest = 5 * time.Minute

// ReconcileArgs say how much of a stream's past is to be compared.
type ReconcileArgs struct {
	Stream string `json:"stream"`
	Window string `json:"window,omitempty"` // such as 36h or 7d; empty: 7d
}

func (a ReconcileArgs) words() string {
	if a.Window == "" {
		return a.Stream
	}
	return a.Stream + " --window " + a.Window
}

func (a ReconcileArgs) window() (time.Duration, error) {
	text := a.Window
	if text == "" {
		text = "7d"
	}
	days, rest, found := strings.Cut(text, "d")
	if n, err := strconv.Atoi(days); found && err == nil && rest == "" && n < 1000 {
		text = fmt.Sprintf("%dh", 24*n)
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Hour || d > horizon {
		return 0, badRequest(fmt.Sprintf("the window %q is not from 1h to 90d, which is how long SEEK keeps an event", a.Window), "write it with its unit, such as 36h or 7d")
	}
	return d, nil
}

func (s *Server) lookReconcile(ctx context.Context, args ReconcileArgs) (Outcome, error) {
	window, err := args.window()
	if err != nil {
		return Outcome{}, err
	}
	live, err := s.live(ctx, args.Stream)
	if err != nil {
		return Outcome{}, err
	}
	if live.CaughtUpAt.IsZero() {
		return Outcome{}, conflict("the stream was never complete under its settings, so there is nothing to compare with", "wait until seek-poller status says that it is caught up")
	}
	n := store.NewStretch{Stream: live.Stream, Kind: "reconcile", Fingerprint: live.Fingerprint, Until: live.CaughtUpAt.Add(-latest)}
	begins, err := s.config.Load().Store.StreamBegins(ctx, live.Stream, live.Fingerprint)
	if err != nil {
		return Outcome{}, err
	}
	if n.Since = n.Until.Add(-window); n.Since.Before(begins) {
		n.Since = begins
	}
	if !n.Since.Before(n.Until) {
		return Outcome{}, conflict("the stream is too young: a reconciliation ends 5 minutes before it was last complete", "try again in a while")
	}
	seen, err := s.previewStretch(ctx, n)
	if err == nil && n.Since.Equal(begins) {
		seen.Says = append(seen.Says, "the stream begins at "+exactly(begins)+", so nothing before that is asked for")
	}
	return seen, err
}

func (s *Server) doReconcile(ctx context.Context, _ ReconcileArgs, seen Outcome, d store.Deed) (Outcome, error) {
	return s.begin(ctx, seen, d)
}
