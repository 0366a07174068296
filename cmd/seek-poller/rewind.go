package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newCursorsRewind(g *global) *cobra.Command {
	var args admin.RewindArgs
	cmd := &cobra.Command{
		Use:   "rewind STREAM (--to-event ID | --to-time TIME | --to-query N | --to-cursor N)",
		Short: "Move a stream's live cursor back, to get events again from SEEK",
		Long: `Move a stream's live cursor back, so that SEEK is asked again for what came since. Events that are stored already are neither applied nor
delivered again; only such as are new to us are. It costs queries: without --yes it shows how many.

--to-time does not depend on SEEK's stored cursor, so it is the way on where SEEK refuses that one, or where the settings of a stream changed.
A cursor is never moved forward, since that would skip events; only back to where an ended one stood (--to-cursor), to undo a rewind.
To hand on again what is stored, use events replay, which costs no query.`,
		Example: `  seek-poller cursors rewind applications --to-time 2026-11-01T00:00:00Z
  seek-poller cursors rewind applications --to-event seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK --yes --reason "receiver lost a day"
  seek-poller cursors rewind applications --to-cursor 3 --yes --reason undo`,
		Args: oneArg("stream"),
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	timeFlag(cmd, &args.ToTime, "to-time", "events from this time on, by SEEK's stream time")
	cmd.Flags().StringVar(&args.ToEvent, "to-event", "", "just behind this event, by SEEK's id")
	cmd.Flags().Int64Var(&args.ToQuery, "to-query", 0, "where this query began: an ID of cursors history")
	cmd.Flags().Int64Var(&args.ToCursor, "to-cursor", 0, "where this ended cursor stood: an ID of cursors list")
	cmd.MarkFlagsMutuallyExclusive("to-event", "to-time", "to-query", "to-cursor")
	cmd.MarkFlagsOneRequired("to-event", "to-time", "to-query", "to-cursor")
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, streams []string, c *admin.Client) error {
		args.Stream = streams[0]
		return act(cmd, c, "cursors rewind", order, args, *output)
	})
	return cmd
}

// act orders a deed and prints what came of it.
func act(cmd *cobra.Command, c *admin.Client, verb string, order *admin.Order, args any, format string) error {
	end := atWork(cmd, verb)
	done, err := c.Do(cmd.Context(), verb, *order, args)
	end()
	if err != nil {
		return err
	}
	return printOutcome(cmd, format, done)
}

// timeFlag adds a flag that takes a time, or a day.
func timeFlag(cmd *cobra.Command, to *admin.Time, name, usage string) {
	cmd.Flags().Func(name, usage+" (RFC 3339, or a day, which begins at midnight UTC)", func(text string) error {
		t, err := admin.ParseTime(text)
		if err == nil && t.IsZero() {
			err = errors.New("no time is that early")
		}
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), strconv.Quote(text)+" is not a time; "))
		}
		to.Time = t
		return nil
	})
}
