package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// openReader opens the database for a verb that only reads. It works beside a running daemon and without one.
func (g *global) openReader(ctx context.Context) (*store.Store, error) {
	path, err := g.databasePath()
	if err != nil {
		return nil, err
	}
	s, err := store.OpenReader(ctx, path)
	if err != nil {
		return nil, failed(err, "")
	}
	return s, nil
}

// reading is the body of a verb that reads the database.
func (g *global) reading(do func(cmd *cobra.Command, args []string, s *store.Store) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		s, err := g.openReader(cmd.Context())
		if err != nil {
			return err
		}
		defer s.Close()
		return do(cmd, args, s)
	}
}

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
	cmd.RunE = g.reading(func(cmd *cobra.Command, _ []string, s *store.Store) error {
		report, err := admin.Gather(cmd.Context(), s, time.Now())
		if err != nil {
			return failed(err, "")
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
	var streams, destinations [][]string
	for _, s := range r.Streams {
		streams = append(streams, []string{s.Name, s.State, utc(s.LastEventAt.Time), utc(s.CaughtUpAt.Time), utc(s.NextQueryAt.Time), fmt.Sprint(s.Events), dash(s.Error)})
	}
	for _, d := range r.Destinations {
		destinations = append(destinations, []string{d.Name, d.Kind, d.State, fmt.Sprint(d.Owed), utc(d.OldestOwed.Time), fmt.Sprint(d.Delivered), fmt.Sprint(d.Dead), utc(d.LastSuccess.Time), dash(d.LastError)})
	}
	fmt.Fprintf(w, "at %s: daemon %s; %d events stored; database %s, its write-ahead log %s\n\n", utc(r.At.Time), r.Daemon, r.Events, size(r.Database.Bytes), size(r.Database.WAL))
	if err := printTable(w, []string{"STREAM", "STATE", "NEWEST EVENT", "COMPLETE AT", "NEXT QUERY", "EVENTS", "LAST ERROR"}, streams); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := printTable(w, []string{"DESTINATION", "KIND", "STATE", "OWED", "OLDEST OWED", "DELIVERED", "DEAD", "LAST SUCCESS", "LAST ERROR"}, destinations); err != nil {
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

func size(bytes int64) string {
	switch {
	case bytes >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/(1<<30))
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}
