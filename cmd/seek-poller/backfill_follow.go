package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newBackfillFollow(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "follow ID",
		Short: "Watch a backfill or a reconciliation until it is complete",
		Long: `Watch a backfill or a reconciliation until it is complete: on a terminal in one line, elsewhere in a line for each change. Ends with 0 when it
is complete and with 1 when it was cancelled. To stop watching changes nothing.`,
		Example: "  seek-poller backfill follow 7",
		Args:    oneArg("id of a backfill"),
	}
	cmd.RunE = g.asking(func(cmd *cobra.Command, args []string, c *admin.Client) error {
		id, err := stretchID(cmd, args[0])
		if err != nil {
			return err
		}
		if g.database != "" {
			return usageError(errors.New("follow watches a running daemon, so it takes no --database; backfill list does"), cmd.CommandPath())
		}
		ask := func(ctx context.Context) (s admin.Stretch, err error) {
			return s, c.Get(ctx, "/api/v1/backfill", url.Values{"id": {fmt.Sprint(id)}}, &s)
		}
		return follow(cmd.Context(), newTicker(cmd.OutOrStdout()), ask)
	})
	return cmd
}

// follow asks once a second. A daemon that restarts meanwhile is waited for, once it has answered at all.
func follow(ctx context.Context, out *ticker, ask func(context.Context) (admin.Stretch, error)) error {
	defer out.end()
	answered := false
	for {
		s, err := ask(ctx)
		var gone *admin.NoDaemonError
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !(answered && errors.As(err, &gone)):
			return err
		case err != nil:
			out.show("", "the daemon does not answer; it goes on when it runs again")
		default:
			answered = true
			out.show(fmt.Sprint(s.State, s.Pages), progress(s))
			if s.Cancelled {
				return &exitError{code: exitFailed}
			}
			if s.Ended {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// progress is a stretch in one line.
func progress(s admin.Stretch) string {
	line := fmt.Sprintf("%s %d: %s: page %d, %d events, %d new", s.Kind, s.ID, s.State, s.Pages, s.Events, s.New)
	if s.Ended {
		if s.Result != "" {
			line += ": " + string(s.Result)
		}
		return line
	}
	if !s.At.IsZero() {
		line += ", at " + utc(s.At.Time) + " of " + utc(s.To.Time)
	}
	if !s.EndsAt.IsZero() {
		line += ", complete about " + s.EndsAt.UTC().Format("2006-01-02T15:04Z")
	}
	return line
}

// ticker shows one state after the other: over each other on a terminal, below each other elsewhere.
type ticker struct {
	w           io.Writer
	terminal    bool
	state, last string
}

func newTicker(w io.Writer) *ticker { return &ticker{w: w, terminal: isTerminal(w)} }

// show takes a line, and what of it is worth another line where lines stay.
func (t *ticker) show(state, line string) {
	line = inert(line)
	switch {
	case t.last != "" && t.state == state && !t.terminal:
		return
	case t.terminal:
		pad := max(0, utf8.RuneCountInString(t.last)-utf8.RuneCountInString(line))
		fmt.Fprint(t.w, "\r"+line+strings.Repeat(" ", pad))
	default:
		fmt.Fprintln(t.w, line)
	}
	t.state, t.last = state, line
}

// end leaves what was shown last to stand.
func (t *ticker) end() {
	if t.terminal && t.last != "" {
		fmt.Fprintln(t.w)
	}
}
