package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/store"
)

func newDeliveries(g *global) *cobra.Command {
	return group("deliveries", "What is owed to destinations, and what became of it", newDeliveriesList(g), newDeliveriesAttempts(g))
}

type deliveryJSON struct {
	Seq         int64      `json:"seq"`
	EventID     string     `json:"event_id"`
	Stream      string     `json:"stream"`
	Type        string     `json:"type"`
	Destination string     `json:"destination"`
	State       string     `json:"state"`
	Attempts    int        `json:"attempts"`
	DueAt       *time.Time `json:"due_at"`
	CreatedAt   *time.Time `json:"created_at"`
	DeliveredAt *time.Time `json:"delivered_at,omitempty"`
	DeadAt      *time.Time `json:"dead_at,omitempty"`
	LastStatus  int        `json:"last_status,omitempty"`
	LastDetail  string     `json:"last_detail,omitempty"`
}

func toDeliveryJSON(d store.DeliveryRow) deliveryJSON {
	return deliveryJSON{
		Seq: d.Seq, EventID: d.EventID, Stream: d.Stream, Type: d.Type, Destination: d.Destination, State: d.State, Attempts: d.Attempts, DueAt: maybe(d.DueAt),
		CreatedAt: maybe(d.CreatedAt), DeliveredAt: maybe(d.DeliveredAt), DeadAt: maybe(d.DeadAt), LastStatus: d.LastStatus, LastDetail: d.LastDetail,
	}
}

// deliveryStates are the words of the view.
var deliveryStates = []string{"pending", "retrying", "delivered", "dead", "parked"}

func newDeliveriesList(g *global) *cobra.Command {
	var f store.DeliveryFilter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Deliveries, newest event first",
		Example: `  seek-poller deliveries list --state dead
  seek-poller deliveries list --destination ats --state retrying -o json`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	cmd.Flags().StringVar(&f.Destination, "destination", "", "only to this destination")
	cmd.Flags().StringVar(&f.State, "state", "", "only "+strings.Join(deliveryStates, ", "))
	cmd.Flags().StringVar(&f.EventID, "event", "", "only of this event, by SEEK's id")
	cmd.Flags().Int64Var(&f.BeforeSeq, "before", 0, "only of events that arrived before this SEQ: the next page")
	cmd.Flags().IntVar(&f.Limit, "limit", 50, "at most so many, up to 1000")
	cmd.RunE = g.reading(func(cmd *cobra.Command, _ []string, s *store.Store) error {
		if err := errors.Join(checkState(f.State), checkLimit(f.Limit)); err != nil {
			return usageError(err, cmd.CommandPath())
		}
		deliveries, err := s.Deliveries(cmd.Context(), f)
		if err != nil {
			return failed(err, "")
		}
		if *output == "json" {
			list := []deliveryJSON{}
			for _, d := range deliveries {
				list = append(list, toDeliveryJSON(d))
			}
			return printJSON(cmd.OutOrStdout(), list)
		}
		if err := printDeliveries(cmd.OutOrStdout(), deliveries); err != nil {
			return err
		}
		if len(deliveries) == f.Limit {
			fmt.Fprintf(cmd.ErrOrStderr(), "there may be more: --before %d\n", deliveries[len(deliveries)-1].Seq)
		}
		return nil
	})
	return cmd
}

func checkState(state string) error {
	if state != "" && !slices.Contains(deliveryStates, state) {
		return fmt.Errorf("--state %q is not one of %s", state, strings.Join(deliveryStates, ", "))
	}
	return nil
}

func printDeliveries(w io.Writer, deliveries []store.DeliveryRow) error {
	var rows [][]string
	for _, d := range deliveries {
		rows = append(rows, []string{fmt.Sprint(d.Seq), d.Destination, d.State, fmt.Sprint(d.Attempts), utc(d.DueAt), utc(d.DeliveredAt), number(d.LastStatus), d.Type, d.EventID, dash(d.LastDetail)})
	}
	return printTable(w, []string{"SEQ", "DESTINATION", "STATE", "ATTEMPTS", "DUE AT", "DELIVERED AT", "STATUS", "TYPE", "EVENT", "DETAIL"}, rows)
}

type attemptJSON struct {
	Destination string     `json:"destination"`
	Attempt     int        `json:"attempt"`
	StartedAt   *time.Time `json:"started_at"`
	LatencyMS   int64      `json:"latency_ms"`
	Outcome     string     `json:"outcome"`
	Status      int        `json:"status,omitempty"`
	RequestID   string     `json:"request_id,omitempty"`
	Batch       int        `json:"batch"` // events in the same request
	Detail      string     `json:"detail,omitempty"`
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
	cmd.RunE = g.reading(func(cmd *cobra.Command, args []string, s *store.Store) error {
		attempts, err := s.Attempts(cmd.Context(), args[0], destination)
		if err != nil {
			return failed(err, "")
		}
		list := []attemptJSON{}
		var rows [][]string
		for _, a := range attempts {
			list = append(list, attemptJSON{a.Destination, a.Number, maybe(a.StartedAt), a.Latency.Milliseconds(), a.Outcome, a.Status, a.RequestID, a.Batch, a.Detail})
			rows = append(rows, []string{a.Destination, fmt.Sprint(a.Number), utc(a.StartedAt), a.Latency.String(), a.Outcome, number(a.Status), fmt.Sprint(a.Batch), dash(a.RequestID), dash(a.Detail)})
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		return printTable(cmd.OutOrStdout(), []string{"DESTINATION", "ATTEMPT", "STARTED AT", "LATENCY", "OUTCOME", "STATUS", "BATCH", "REQUEST", "DETAIL"}, rows)
	})
	return cmd
}

func number(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}
