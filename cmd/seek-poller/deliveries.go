package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
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
	DueAt       admin.Time `json:"due_at"`
	CreatedAt   admin.Time `json:"created_at"`
	DeliveredAt admin.Time `json:"delivered_at"`
	DeadAt      admin.Time `json:"dead_at"`
	LastStatus  int        `json:"last_status,omitempty"`
	LastDetail  string     `json:"last_detail,omitempty"`
}

func toDeliveryJSON(d store.DeliveryRow) deliveryJSON {
	return deliveryJSON{
		Seq: d.Seq, EventID: d.EventID, Stream: d.Stream, Type: d.Type, Destination: d.Destination, State: d.State, Attempts: d.Attempts, DueAt: admin.Time{Time: d.DueAt},
		CreatedAt: admin.Time{Time: d.CreatedAt}, DeliveredAt: admin.Time{Time: d.DeliveredAt}, DeadAt: admin.Time{Time: d.DeadAt}, LastStatus: d.LastStatus, LastDetail: d.LastDetail,
	}
}

// deliveryStates are the words of the view.
var deliveryStates = []string{"pending", "retrying", "delivered", "dead", "parked"}

func newDeliveriesList(g *global) *cobra.Command {
	var f store.DeliveryFilter
	var before string
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
	cmd.Flags().StringVar(&before, "before", "", "SEQ/DESTINATION of the last one seen: the next page")
	cmd.Flags().IntVar(&f.Limit, "limit", 50, "at most so many, up to 1000")
	cmd.RunE = g.reading(func(cmd *cobra.Command, _ []string, s *store.Store) error {
		if err := errors.Join(checkState(f.State), checkLimit(f.Limit), parseBefore(before, &f)); err != nil {
			return usageError(err, cmd.CommandPath())
		}
		if err := errors.Join(checkDestination(cmd.Context(), s, f.Destination), checkEvent(cmd.Context(), s, f.EventID)); err != nil {
			return failed(err, "")
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
			last := deliveries[len(deliveries)-1]
			fmt.Fprintf(cmd.ErrOrStderr(), "there may be more: --before %d/%s\n", last.Seq, inert(last.Destination))
		}
		return nil
	})
	return cmd
}

func parseBefore(before string, f *store.DeliveryFilter) error {
	if before == "" {
		return nil
	}
	seq, destination, ok := strings.Cut(before, "/")
	n, err := strconv.ParseInt(seq, 10, 64)
	if !ok || err != nil || n < 1 {
		return fmt.Errorf("--before %q is not SEQ/DESTINATION, such as 2065/ats", before)
	}
	f.BeforeSeq, f.BeforeDestination = n, destination
	return nil
}

// checkDestination, checkEvent and checkStream keep a mistyped filter from looking like an empty table.
func checkDestination(ctx context.Context, s *store.Store, name string) error {
	all, err := s.Destinations(ctx)
	if name == "" || err != nil {
		return err
	}
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
	}
	return oneOf("destination", name, names)
}

func checkStream(ctx context.Context, s *store.Store, name string) error {
	all, err := s.Cursors(ctx)
	if name == "" || err != nil {
		return err
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Stream)
	}
	slices.Sort(names)
	return oneOf("stream", name, slices.Compact(names))
}

func oneOf(what, name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("there is no %s %q; there are: %s", what, name, dash(strings.Join(names, ", ")))
}

func checkEvent(ctx context.Context, s *store.Store, id string) error {
	if id == "" {
		return nil
	}
	_, err := s.Event(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return unknownEvent(id)
	}
	return err
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
	StartedAt   admin.Time `json:"started_at"`
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
		if err := errors.Join(checkEvent(cmd.Context(), s, args[0]), checkDestination(cmd.Context(), s, destination)); err != nil {
			return failed(err, "")
		}
		attempts, err := s.Attempts(cmd.Context(), args[0], destination)
		if err != nil {
			return failed(err, "")
		}
		list := []attemptJSON{}
		var rows [][]string
		for _, a := range attempts {
			list = append(list, attemptJSON{a.Destination, a.Number, admin.Time{Time: a.StartedAt}, a.Latency.Milliseconds(), a.Outcome, a.Status, a.RequestID, a.Batch, a.Detail})
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
