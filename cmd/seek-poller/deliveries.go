package main

import (
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newDeliveries(g *global) *cobra.Command {
	return group("deliveries", "What is owed to destinations, and what became of it", newDeliveriesList(g), newDeliveriesAttempts(g), newDeliveriesRetry(g), newDeliveriesDiscard(g))
}

func newDeliveriesList(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Deliveries, newest arrival first",
		Example: `  seek-poller deliveries list --state dead
  seek-poller deliveries list --destination ats --state retrying -o json
  seek-poller deliveries list --type CandidateApplicationCreated --since 2026-11-01`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	f := filterFlags(cmd, "destination", "only to this destination", "state", "only "+strings.Join(admin.DeliveryStates[:], ", "), "event", "only of this event, by SEEK's id",
		"stream", "only of events of this stream", "type", "only of events of this type", "since", "only of events from this time on, by SEEK's time on the stream",
		"until", "only of events before this time", "before", "the mark that a page ended with: the next page")
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		list, err := allDeliveries(cmd, c, f)
		if err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		err = printDeliveries(cmd.OutOrStdout(), list.Deliveries)
		sayMore(cmd, len(list.Deliveries), string(list.Next))
		return err
	})
	return cmd
}

// longSearch is how long a search through many deliveries goes on by itself. It then says how to go on from there.
const longSearch = 2 * time.Second

// allDeliveries asks until the page is full: a search through many may come in parts.
func allDeliveries(cmd *cobra.Command, c *admin.Client, f *filter) (admin.Deliveries, error) {
	all := admin.Deliveries{Deliveries: []admin.Delivery{}}
	enough := time.Now().Add(longSearch)
	for q := f.query(); ; {
		var part admin.Deliveries
		if err := c.Get(cmd.Context(), "/api/v1/deliveries", q, &part); err != nil {
			return all, err
		}
		all.Deliveries, all.Next = append(all.Deliveries, part.Deliveries...), part.Next
		if part.Next == "" || len(all.Deliveries) >= f.limit || time.Now().After(enough) {
			return all, nil
		}
		q.Set("before", string(part.Next))
		q.Set("limit", strconv.Itoa(f.limit-len(all.Deliveries)))
	}
}

func printDeliveries(w io.Writer, deliveries []admin.Delivery) error {
	var rows [][]string
	for _, d := range deliveries {
		rows = append(rows, []string{fmt.Sprint(d.Seq), d.Destination, d.State, fmt.Sprint(d.Attempts), utc(d.DueAt.Time), utc(d.DeliveredAt.Time), number(d.LastStatus), d.Type, d.EventID, dash(string(d.LastDetail))})
	}
	return printTable(w, []string{"SEQ", "DESTINATION", "STATE", "ATTEMPTS", "DUE AT", "DELIVERED AT", "STATUS", "TYPE", "EVENT", "DETAIL"}, rows)
}

func newDeliveriesAttempts(g *global) *cobra.Command {
	var destination string
	cmd := &cobra.Command{
		Use:     "attempts EVENT",
		Short:   "Every try at handing an event on, newest first",
		Long:    "Every try at handing an event on, newest first. A try that never ended, because the process died, has no row here, but counts.",
		Example: "  seek-poller deliveries attempts seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK",
		Args:    oneArg("event id"),
	}
	output := outputFlag(cmd)
	cmd.Flags().StringVar(&destination, "destination", "", "only at this destination")
	cmd.RunE = g.asking(func(cmd *cobra.Command, args []string, c *admin.Client) error {
		q := url.Values{"event": args}
		if destination != "" {
			q.Set("destination", destination)
		}
		var list admin.Attempts
		if err := c.Get(cmd.Context(), "/api/v1/attempts", q, &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, a := range list.Attempts {
			rows = append(rows, []string{a.Destination, fmt.Sprint(a.Attempt), utc(a.StartedAt.Time), (time.Duration(a.LatencyMS) * time.Millisecond).String(), a.Outcome, number(a.Status), fmt.Sprint(a.Batch), dash(string(a.RequestID)), dash(string(a.Detail))})
		}
		return printTable(cmd.OutOrStdout(), []string{"DESTINATION", "ATTEMPT", "STARTED AT", "LATENCY", "OUTCOME", "STATUS", "BATCH", "REQUEST", "DETAIL"}, rows)
	})
	return cmd
}
