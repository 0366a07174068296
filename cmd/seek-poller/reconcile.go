package main

import (
	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newReconcile(g *global) *cobra.Command {
	var args admin.ReconcileArgs
	cmd := &cobra.Command{
		Use:   "reconcile STREAM",
		Short: "Compare a stream's past with SEEK, and fetch what was missed",
		Long: `Compare a stream's past with SEEK: it is asked for again by date, in queries that the live streams leave over. An event that SEEK put on the
stream where the live cursor had already been is found so; it is stored and delivered like any other. The result is a row of backfill list,
such as "0 missing of 1,204". It ends 5 minutes before the stream was last complete. For a schedule, set reconcile under the stream in the config.`,
		Example: `  seek-poller reconcile applications
  seek-poller reconcile applications --window 36h --yes --reason "SEEK had an incident"`,
		Args: oneArg("stream"),
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	cmd.Flags().StringVar(&args.Window, "window", "7d", "how much of the past: 1h to 90d")
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, streams []string, c *admin.Client) error {
		args.Stream = streams[0]
		return act(cmd, c, "reconcile", order, args, *output)
	})
	return cmd
}
