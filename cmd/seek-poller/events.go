package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

func newEvents(g *global) *cobra.Command {
	return group("events", "The events that came in", newEventsList(g), newEventsShow(g))
}

type eventJSON struct {
	Seq         int64           `json:"seq"`
	ID          string          `json:"id"`
	Stream      string          `json:"stream"`
	Type        string          `json:"type"`
	Scheme      string          `json:"scheme"`
	Source      string          `json:"source"`
	CreatedAt   admin.Time      `json:"created_at"`
	StreamedAt  admin.Time      `json:"streamed_at"`
	ReceivedAt  admin.Time      `json:"received_at"`
	HirerID     string          `json:"hirer_id,omitempty"`
	Identifiers json.RawMessage `json:"identifiers,omitempty"`
	Refused     json.RawMessage `json:"refused,omitempty"`
	Unreadable  string          `json:"unreadable,omitempty"`
	SeenAgain   int64           `json:"seen_again"`
	LastSeenAt  admin.Time      `json:"last_seen_at"`
}

func toEventJSON(e store.Event) eventJSON {
	return eventJSON{
		Seq: e.Seq, ID: e.ID, Stream: e.Stream, Type: e.Type, Scheme: e.Scheme, Source: e.Source, CreatedAt: admin.Time{Time: e.CreatedAt}, StreamedAt: admin.Time{Time: e.StreamedAt},
		ReceivedAt: admin.Time{Time: e.ReceivedAt}, HirerID: e.HirerID, Identifiers: e.Identifiers, Refused: e.Refused, Unreadable: e.Unreadable, SeenAgain: e.SeenAgain, LastSeenAt: admin.Time{Time: e.LastSeenAt},
	}
}

func newEventsList(g *global) *cobra.Command {
	var f store.EventFilter
	var since, until string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Stored events, newest first",
		Long:  "Stored events, newest first. No personal data is shown. The last line on stderr says how to see the next page.",
		Example: `  seek-poller events list
  seek-poller events list --type CandidateApplicationCreated --since 2026-11-01T00:00:00Z
  seek-poller events list --limit 500 -o json`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	cmd.Flags().StringVar(&f.Stream, "stream", "", "only of this stream")
	cmd.Flags().StringVar(&f.Type, "type", "", "only of this event type")
	cmd.Flags().StringVar(&since, "since", "", "only from this time on, by SEEK's stream time (RFC 3339)")
	cmd.Flags().StringVar(&until, "until", "", "only before this time")
	cmd.Flags().Int64Var(&f.BeforeSeq, "before", 0, "only those that arrived before this SEQ: the next page")
	cmd.Flags().IntVar(&f.Limit, "limit", 50, "at most so many, up to 1000")
	cmd.RunE = g.reading(func(cmd *cobra.Command, _ []string, s *store.Store) error {
		if err := errors.Join(parseTime("since", since, &f.Since), parseTime("until", until, &f.Until), checkLimit(f.Limit)); err != nil {
			return usageError(err, cmd.CommandPath())
		}
		if err := checkStream(cmd.Context(), s, f.Stream); err != nil {
			return failed(err, "")
		}
		events, err := s.Events(cmd.Context(), f)
		if err != nil {
			return failed(err, "")
		}
		if *output == "json" {
			list := []eventJSON{}
			for _, e := range events {
				list = append(list, toEventJSON(e))
			}
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, e := range events {
			rows = append(rows, []string{fmt.Sprint(e.Seq), utc(e.StreamedAt), e.Stream, e.Type, e.ID, dash(e.HirerID)})
		}
		if err := printTable(cmd.OutOrStdout(), []string{"SEQ", "STREAMED AT", "STREAM", "TYPE", "ID", "HIRER"}, rows); err != nil {
			return err
		}
		if len(events) == f.Limit {
			fmt.Fprintf(cmd.ErrOrStderr(), "there may be more: --before %d\n", events[len(events)-1].Seq)
		}
		return nil
	})
	return cmd
}

func newEventsShow(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "show ID",
		Short:   "One event: when it came, and what became of it",
		Long:    "One event by SEEK's id: when it came, how often it was seen, and what became of it at each destination. Its payload is not shown.",
		Example: "  seek-poller events show seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK",
		Args:    oneArg("event id"),
	}
	output := outputFlag(cmd)
	cmd.RunE = g.reading(func(cmd *cobra.Command, args []string, s *store.Store) error {
		event, err := s.Event(cmd.Context(), args[0])
		if errors.Is(err, store.ErrNotFound) {
			return failed(unknownEvent(args[0]), "")
		}
		if err != nil {
			return failed(err, "")
		}
		deliveries, err := s.Deliveries(cmd.Context(), store.DeliveryFilter{EventID: args[0]})
		if err != nil {
			return failed(err, "")
		}
		if *output == "json" {
			list := []deliveryJSON{}
			for _, d := range deliveries {
				list = append(list, toDeliveryJSON(d))
			}
			return printJSON(cmd.OutOrStdout(), struct {
				eventJSON
				Deliveries []deliveryJSON `json:"deliveries"`
			}{toEventJSON(event), list})
		}
		return printEvent(cmd.OutOrStdout(), event, deliveries)
	})
	return cmd
}

func unknownEvent(id string) error {
	return fmt.Errorf("no event %s is stored\neither SEEK has not put it on a stream that is polled, or it is on a page that was not asked for yet: see seek-poller status", inert(id))
}

func printEvent(w io.Writer, e store.Event, deliveries []store.DeliveryRow) error {
	for _, line := range [][2]string{
		{"id", e.ID}, {"type", e.Type}, {"stream", e.Stream + " (" + e.Scheme + ", " + e.Source + ")"},
		{"created at", utc(e.CreatedAt)}, {"streamed at", utc(e.StreamedAt)}, {"received at", utc(e.ReceivedAt)},
		{"hirer", dash(e.HirerID)}, {"identifiers", dash(string(e.Identifiers))}, {"refused", dash(string(e.Refused))},
		{"unreadable", dash(e.Unreadable)}, {"seen again", fmt.Sprintf("%d times, last %s", e.SeenAgain, utc(e.LastSeenAt))},
	} {
		fmt.Fprintf(w, "%-12s %s\n", line[0], inert(line[1]))
	}
	fmt.Fprintln(w)
	return printDeliveries(w, deliveries)
}

// parseTime reads a flag's time; "" leaves it unset.
func parseTime(flag, text string, to *time.Time) error {
	if text == "" {
		return nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return fmt.Errorf("--%s %q is not a time; write it with its zone, such as 2026-01-31T09:00:00Z", flag, text)
	}
	*to = t.UTC()
	return nil
}

func checkLimit(limit int) error {
	if limit < 1 || limit > 1000 {
		return fmt.Errorf("--limit %d is not from 1 to 1000", limit)
	}
	return nil
}
