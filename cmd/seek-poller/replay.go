package main

import (
	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newEventsReplay(g *global) *cobra.Command {
	var args admin.ReplayArgs
	cmd := &cobra.Command{
		Use:   "replay --destination NAME",
		Short: "Hand stored events on again, to one destination",
		Long: `Hand stored events on again, to one destination: to a new one what came before it, or to an old one what it lost. It costs no query to SEEK.
Only what the destination takes is handed on. An event keeps its idempotency key, so a receiver that goes by it takes nothing twice. What is
still owed is left as it is. The deliveries become due one after the other, at the rate, so that live events are not behind all of them.

Times are SEEK's on the stream. To get events again from SEEK, use backfill or cursors rewind.`,
		Example: `  seek-poller events replay --destination ats --since 2026-11-01 --until 2026-11-02
  seek-poller events replay --destination ats --event seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK --yes --reason "lost in their upgrade"
  seek-poller events replay --destination warehouse --type CandidateApplicationCreated --rate 200`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	chosenFlags(cmd, &args.Chosen)
	cmd.Flags().StringVar(&args.Destination, "destination", "", "to this destination")
	rateFlag(cmd, &args.Rate)
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		return act(cmd, c, "events replay", order, args, *output)
	})
	return cmd
}

// chosenFlags are the flags by which deeds choose events.
func chosenFlags(cmd *cobra.Command, c *admin.Chosen) {
	f := cmd.Flags()
	f.StringVar(&c.Event, "event", "", "only this event, by SEEK's id")
	f.StringVar(&c.Stream, "stream", "", "only of this stream")
	f.StringVar(&c.Type, "type", "", "only of this event type")
	f.StringVar(&c.Candidate, "candidate", "", "only of this candidate, by SEEK's id")
	f.StringVar(&c.Profile, "profile", "", "only of this application or purchased profile, by SEEK's id")
	f.StringVar(&c.Position, "position", "", "only of this position, by SEEK's id")
	f.StringVar(&c.Hirer, "hirer", "", "only of this hirer, by SEEK's id")
	timeFlag(cmd, &c.Since, "since", "only events from this time on")
	timeFlag(cmd, &c.Until, "until", "only events before this time")
}

func rateFlag(cmd *cobra.Command, rate *int) {
	cmd.Flags().IntVar(rate, "rate", 50, "how many become due in a second, up to 1000")
}
