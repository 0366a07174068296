package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newDestinations(g *global) *cobra.Command {
	return group("destinations", "Where events are handed on, and how that fares", newDestinationsList(g), newDestinationsPause(g), newDestinationsResume(g))
}

func newDestinationsList(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Each destination: its state, what it is owed, and why it fails",
		Example: "  seek-poller destinations list\n  seek-poller destinations list -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var list admin.Destinations
		if err := c.Get(cmd.Context(), "/api/v1/destinations", nil, &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		return printDestinations(cmd.OutOrStdout(), list.Destinations)
	})
	return cmd
}

func printDestinations(w io.Writer, destinations []admin.Destination) error {
	var rows [][]string
	for _, d := range destinations {
		why := d.LastError
		if d.Reason != "" {
			why = d.Reason
		}
		rows = append(rows, []string{d.Name, d.Kind, d.State, fmt.Sprint(d.Owed), utc(d.OldestOwed.Time), fmt.Sprint(d.Delivered), fmt.Sprint(d.Dead), utc(d.LastSuccess.Time), dash(string(why))})
	}
	return printTable(w, []string{"DESTINATION", "KIND", "STATE", "OWED", "OLDEST OWED", "DELIVERED", "DEAD", "LAST SUCCESS", "WHY"}, rows)
}
