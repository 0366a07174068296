package main

import (
	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newPurge(g *global) *cobra.Command {
	var args admin.PurgeArgs
	cmd := &cobra.Command{
		Use:   "purge (--candidate ID | --hirer ID | --before TIME)",
		Short: "Remove personal data, for good",
		Long: `Remove what is stored of a candidate, of a hirer, or of everything before a time: payloads, identifiers, and what receivers said of them.
An event's own id, its type, its times and who got it stay, so that it is never handed on again, even if SEEK sends it once more.

What is owed to a destination, or is a dead letter, keeps its payload until it is settled: delivered, or given up with deliveries discard. The
daemon then removes it within the hour. Without --yes it only shows what would be removed. The record of deeds keeps a hash of the id.

Afterwards no byte of what was removed is in the database file and its log. Copies, spool directories, receivers and SEEK are for you to see to.`,
		Example: `  seek-poller purge --candidate seekAnz:candidate:requests:5PGXAHysiXhtA9JUqhyM8hhzMuWMPA
  seek-poller purge --candidate seekAnz:candidate:requests:5PGXAHysiXhtA9JUqhyM8hhzMuWMPA --yes --reason "erasure request 4711"
  seek-poller purge --before 2026-01-01 --yes --reason "end of the contract"`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	cmd.Flags().StringVar(&args.Candidate, "candidate", "", "every event that names this candidate, by SEEK's id")
	cmd.Flags().StringVar(&args.Hirer, "hirer", "", "every event that names this hirer, by SEEK's id")
	timeFlag(cmd, &args.Before, "before", "every event of before this time, by SEEK's time on the stream")
	cmd.MarkFlagsMutuallyExclusive("candidate", "hirer", "before")
	cmd.MarkFlagsOneRequired("candidate", "hirer", "before")
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		return act(cmd, c, "purge", order, args, *output)
	})
	return cmd
}
