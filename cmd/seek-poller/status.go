package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newStatus(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "status",
		Short: "How things stand: streams, destinations, problems",
		Long: `How things stand: for each stream how far it is and when it is asked next, for each destination what it is owed, and what somebody
should look at. Times are UTC. Ends with 0 if all is well and with 3 if not; not to be running is not well.`,
		Example: "  seek-poller status\n  seek-poller status -o json | jq .problems\n  seek-poller status --database backup.db",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var report admin.Report
		if err := c.Get(cmd.Context(), "/api/v1/status", nil, &report); err != nil {
			return err
		}
		print := printStatus
		if *output == "json" {
			print = func(w io.Writer, r admin.Report) error { return printJSON(w, r) }
		}
		if err := print(cmd.OutOrStdout(), report); err != nil {
			return err
		}
		if !report.Healthy {
			return &exitError{code: exitUnhealthy}
		}
		return nil
	})
	return cmd
}

func printStatus(w io.Writer, r admin.Report) error {
	fmt.Fprintf(w, "at %s: daemon %s; version %s\n", utc(r.At.Time), inert(r.Daemon), inert(dash(string(r.Version))))
	fmt.Fprintf(w, "%d events stored; database %s, its write-ahead log %s; %s left on its disk of %s\n", r.Events, size(r.Database.Bytes), size(r.Database.WAL), size(r.Database.Left), size(r.Database.Disk))
	fmt.Fprintf(w, "%d queries sent in the last 24 hours, %d %% of the %d that SEEK permits\n\n", r.Budget.Sent, r.Budget.Percent, r.Budget.Possible)
	var streams [][]string
	for _, s := range r.Streams {
		streams = append(streams, []string{s.Name, s.State, utc(s.LastEventAt.Time), utc(s.CompleteAt.Time), fmt.Sprintf("%d %%", s.HorizonPercent), utc(s.NextQueryAt.Time), fmt.Sprint(s.Events), dash(string(s.Error))})
	}
	if err := printTable(w, []string{"STREAM", "STATE", "NEWEST EVENT", "COMPLETE AT", "OF 90 DAYS", "NEXT QUERY", "EVENTS", "LAST ERROR"}, streams); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := printDestinations(w, r.Destinations); err != nil {
		return err
	}
	if err := printOpenStretches(w, r.Stretches); err != nil {
		return err
	}
	for i, problem := range r.Problems {
		if i == 0 {
			fmt.Fprintln(w, "\nPROBLEMS")
		}
		fmt.Fprintf(w, "  %s\n", inert(problem))
	}
	return nil
}

func printOpenStretches(w io.Writer, stretches []admin.OpenStretch) error {
	var rows [][]string
	for _, s := range stretches {
		rows = append(rows, []string{fmt.Sprint(s.Cursor), s.Kind, s.Stream, utc(s.Since.Time), utc(s.Until.Time), utc(s.LastEventAt.Time), fmt.Sprintf("%d %%", s.Percent), fmt.Sprint(s.Pages), fmt.Sprint(s.Seen), fmt.Sprint(s.Events), dash(string(s.Error))})
	}
	if len(rows) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	return printTable(w, []string{"ID", "KIND", "STREAM", "FROM", "TO", "REACHED", "OF THE TIME", "PAGES", "EVENTS", "NEW", "LAST ERROR"}, rows)
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}
