package main

import (
	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newDestinationsPause(g *global) *cobra.Command {
	return destinationDeed(g, "destinations pause", &cobra.Command{
		Use:   "pause NAME",
		Short: "Send nothing more to a destination until it is resumed",
		Long: `Send nothing more to a destination until it is resumed, such as while the receiver is being mended. What it is owed waits, nothing dies of age,
and events keep coming in. A send in hand goes on. The reason is shown by status.`,
		Example: `  seek-poller destinations pause ats
  seek-poller destinations pause ats --yes --reason "their database is being moved until noon"`,
	})
}

func newDestinationsResume(g *global) *cobra.Command {
	return destinationDeed(g, "destinations resume", &cobra.Command{
		Use:   "resume NAME",
		Short: "Send again to a destination that was paused or parked",
		Long: `Send again to a destination that a person paused, or that we parked because nothing of it could succeed. Its failures are forgotten. One whose
receiver is still gone is parked again by its first answer.`,
		Example: `  seek-poller destinations resume ats
  seek-poller destinations resume ats --yes --reason "the receiver is back"`,
	})
}

func destinationDeed(g *global, verb string, cmd *cobra.Command) *cobra.Command {
	cmd.Args = oneArg("destination")
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, names []string, c *admin.Client) error {
		return act(cmd, c, verb, order, admin.DestinationArgs{Destination: names[0]}, *output)
	})
	return cmd
}
