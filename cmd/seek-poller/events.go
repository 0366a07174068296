package main

import (
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newEvents(g *global) *cobra.Command {
	return group("events", "The events that came in", newEventsList(g), newEventsShow(g), newEventsExplain(g), newEventsReplay(g))
}

func newEventsList(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Stored events, newest first",
		Long: `Stored events, newest first by SEEK's time on the stream. No personal data is shown. The last line on stderr says how to see the next page.
Times are RFC 3339, or a day, which begins at midnight UTC.`,
		Example: `  seek-poller events list
  seek-poller events list --type CandidateApplicationCreated --since 2026-11-01
  seek-poller events list --candidate seekAnz:candidate:7k7tmPWCzAwxq7xeSvHzQK
  seek-poller events list --limit 500 -o json | jq -r .next`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	f := filterFlags(cmd, "stream", "only of this stream", "type", "only of this event type", "candidate", "only of this candidate, by SEEK's id",
		"profile", "only of this application or purchased profile, by SEEK's id", "position", "only of this position, by SEEK's id", "hirer", "only of this hirer, by SEEK's id",
		"since", "only from this time on, by SEEK's time on the stream", "until", "only before this time", "before", "the mark that a page ended with: the next page")
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var list admin.Events
		if err := c.Get(cmd.Context(), "/api/v1/events", f.query(), &list); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), list)
		}
		var rows [][]string
		for _, e := range list.Events {
			rows = append(rows, []string{fmt.Sprint(e.Seq), utc(e.StreamedAt.Time), e.Stream, e.Type, e.ID, dash(string(e.HirerID))})
		}
		err := printTable(cmd.OutOrStdout(), []string{"SEQ", "STREAMED AT", "STREAM", "TYPE", "ID", "HIRER"}, rows)
		sayMore(cmd, len(rows), string(list.Next))
		return err
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
	cmd.RunE = g.asking(func(cmd *cobra.Command, args []string, c *admin.Client) error {
		var e admin.EventDetail
		if err := c.Get(cmd.Context(), "/api/v1/event", url.Values{"id": args}, &e); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), e)
		}
		return printEvent(cmd.OutOrStdout(), e)
	})
	return cmd
}

func printEvent(w io.Writer, e admin.EventDetail) error {
	for _, line := range [][2]string{
		{"id", e.ID}, {"type", e.Type}, {"stream", e.Stream + " (" + e.Scheme + ", " + e.Source + ")"},
		{"created at", utc(e.CreatedAt.Time)}, {"streamed at", utc(e.StreamedAt.Time)}, {"received at", utc(e.ReceivedAt.Time)},
		{"hirer", dash(string(e.HirerID))}, {"identifiers", raw(e.Identifiers)}, {"refused", raw(e.Refused)},
		{"unreadable", dash(string(e.Unreadable))}, {"seen again", fmt.Sprintf("%d times, last %s", e.SeenAgain, utc(e.LastSeenAt.Time))},
	} {
		fmt.Fprintf(w, "%-12s %s\n", line[0], inert(line[1]))
	}
	fmt.Fprintln(w)
	return printDeliveries(w, e.Deliveries)
}

// raw is a piece of JSON in a line; "-" for null.
func raw(text []byte) string {
	if len(text) == 0 || string(text) == "null" {
		return "-"
	}
	return string(text)
}
