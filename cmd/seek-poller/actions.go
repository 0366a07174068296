package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newActions(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "actions",
		Short: "Who did what and why, newest first, and how to undo it",
		Long: `Who did what and why, newest first, and how to undo it: every rewind, replay, retry, discard, pause, resume, backfill, reconciliation and purge.
Who is the user at the other end of the admin socket, as the kernel names it.`,
		Example: "  seek-poller actions\n  seek-poller actions --limit 5 -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	f := filterFlags(cmd, "before", "the number that a page ended with: the next page")
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var list admin.Actions
		if err := c.Get(cmd.Context(), "/api/v1/actions", f.query(), &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, a := range list.Actions {
			ended := utc(a.EndedAt.Time)
			if a.EndedAt.IsZero() {
				ended = "not finished"
			}
			rows = append(rows, []string{fmt.Sprint(a.ID), utc(a.At.Time), ended, a.Actor, a.Verb, dash(string(a.Selector)), fmt.Sprint(a.Rows), a.Reason, dash(string(a.Undo))})
		}
		err := printTable(cmd.OutOrStdout(), []string{"ACTION", "AT", "ENDED", "WHO", "DID", "TO", "ROWS", "WHY", "UNDO"}, rows)
		sayMore(cmd, len(rows), string(list.Next))
		return err
	})
	return cmd
}
