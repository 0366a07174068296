package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newCursors(g *global) *cobra.Command {
	return group("cursors", "The place reached in each stream", newCursorsList(g), newCursorsHistory(g), newCursorsRewind(g))
}

func newCursorsList(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Where each cursor stands, and the request id of its last query",
		Example: "  seek-poller cursors list\n  seek-poller cursors list -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var list admin.Cursors
		if err := c.Get(cmd.Context(), "/api/v1/cursors", nil, &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, c := range list.Cursors {
			rows = append(rows, []string{fmt.Sprint(c.ID), c.Stream, c.Kind, c.State, utc(c.LastEventAt.Time), utc(c.CaughtUpAt.Time), utc(c.NextQueryAt.Time), fmt.Sprint(c.Events), dash(string(c.LastRequestID)), dash(string(c.ErrorKind))})
		}
		return printTable(cmd.OutOrStdout(), []string{"ID", "STREAM", "KIND", "STATE", "NEWEST EVENT", "COMPLETE AT", "NEXT QUERY", "EVENTS", "LAST REQUEST", "ERROR"}, rows)
	})
	return cmd
}

func newCursorsHistory(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history [STREAM]",
		Short: "The queries sent to SEEK, newest first",
		Long: `The queries sent to SEEK, newest first: when, for what, and what came, with the request id that SEEK's support asks for. The numbers in the first
column are what cursors rewind --to-query takes.`,
		Example: "  seek-poller cursors history applications\n  seek-poller cursors history --cursor 3 --limit 200 -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError(fmt.Errorf("%s takes at most one stream, but was given %d", cmd.CommandPath(), len(args)), cmd.CommandPath())
			}
			return nil
		},
	}
	output := outputFlag(cmd)
	f := filterFlags(cmd, "cursor", "only of this cursor, by its number in cursors list", "before", "the number that a page ended with: the next page")
	cmd.RunE = g.asking(func(cmd *cobra.Command, args []string, c *admin.Client) error {
		q := f.query()
		if len(args) == 1 {
			q.Set("stream", args[0])
		}
		var list admin.Queries
		if err := c.Get(cmd.Context(), "/api/v1/queries", q, &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, q := range list.Queries {
			rows = append(rows, []string{fmt.Sprint(q.ID), utc(q.SentAt.Time), q.Stream, q.Kind, dash(string(q.Outcome)), number(q.Status), fmt.Sprint(q.Events), fmt.Sprint(q.Fresh), q.RequestID, dash(string(q.CursorBefore)), dash(string(q.CursorAfter)), dash(string(q.Error))})
		}
		err := printTable(cmd.OutOrStdout(), []string{"QUERY", "SENT AT", "STREAM", "KIND", "OUTCOME", "STATUS", "EVENTS", "NEW", "REQUEST", "FROM CURSOR", "TO CURSOR", "ERROR"}, rows)
		sayMore(cmd, len(rows), string(list.Next))
		return err
	})
	return cmd
}
