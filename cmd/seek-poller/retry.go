package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

func newDeliveriesRetry(g *global) *cobra.Command {
	var args admin.DeliveryArgs
	var allDead bool
	cmd := &cobra.Command{
		Use:   "retry",
		Short: "Try deliveries again that are dead, or that wait for their next try",
		Long: `Try deliveries again: those that wait for their next try are due at once; dead ones are owed anew, one after the other at the rate. Their
attempts so far stay on record. With --state discarded, those that a person gave up are owed anew. Delivered ones are left alone: for them
there is events replay.`,
		Example: `  seek-poller deliveries retry --all-dead --destination ats
  seek-poller deliveries retry --event seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK --yes --reason "their validation is mended"
  seek-poller deliveries retry --state discarded --action 12`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	deliveryFlags(cmd, &args, admin.RetryStates[:])
	cmd.Flags().BoolVar(&allDead, "all-dead", false, "all dead ones of the destination")
	rateFlag(cmd, &args.Rate)
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		if allDead {
			if args.Destination == "" || args.State != "" || args.Chosen != (admin.Chosen{}) {
				return usageError(errors.New("--all-dead goes with --destination, and with nothing else that chooses"), cmd.CommandPath())
			}
			args.State = store.Dead
		}
		return act(cmd, c, "deliveries retry", order, args, *output)
	})
	return cmd
}

func newDeliveriesDiscard(g *global) *cobra.Command {
	var args admin.DeliveryArgs
	cmd := &cobra.Command{
		Use:   "discard",
		Short: "Give deliveries up that are owed or dead",
		Long: `Give deliveries up that are owed or dead: nothing of them is sent any more, and the dead ones no longer wait for a person. The events stay.
One that is being sent at this moment may arrive all the same.`,
		Example: `  seek-poller deliveries discard --event seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK --destination ats
  seek-poller deliveries discard --destination old-ats --yes --reason "it is gone for good"
  seek-poller deliveries discard --destination ats --state dead --until 2026-10-01`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	deliveryFlags(cmd, &args, admin.DiscardStates[:])
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		return act(cmd, c, "deliveries discard", order, args, *output)
	})
	return cmd
}

func deliveryFlags(cmd *cobra.Command, args *admin.DeliveryArgs, states []string) {
	chosenFlags(cmd, &args.Chosen)
	cmd.Flags().StringVar(&args.Destination, "destination", "", "only at this destination")
	cmd.Flags().StringVar(&args.State, "state", "", "only those that are "+strings.Join(states, ", "))
	cmd.Flags().Int64Var(&args.Action, "action", 0, "only those that this action settled, or had owed anew: an ID of seek-poller actions")
}
