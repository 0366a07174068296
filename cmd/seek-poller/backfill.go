package main

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newBackfill(g *global) *cobra.Command {
	return group("backfill", "Ask SEEK again for a part of a stream's past", newBackfillPlan(g), newBackfillStart(g), newBackfillList(g), newBackfillFollow(g), newBackfillCancel(g))
}

// stretchFlags say which part.
func stretchFlags(cmd *cobra.Command) *admin.StretchArgs {
	args := &admin.StretchArgs{}
	cmd.Flags().StringVar(&args.Stream, "stream", "", "of this stream")
	timeFlag(cmd, &args.From, "from", "events from this time on, by SEEK's stream time")
	timeFlag(cmd, &args.To, "to", "up to, and not including, this time")
	cmd.Flags().StringSliceVar(&args.Types, "types", nil, "only these event types, with commas between them; otherwise all of the stream")
	for _, name := range []string{"stream", "from", "to"} {
		_ = cmd.MarkFlagRequired(name) // it was just made
	}
	return args
}

func newBackfillPlan(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "What a backfill would take: pages, minutes, and when it could be complete",
		Long: `What a backfill would take. SEEK gives no count, so it is estimated from the events that are stored for such a time; where nothing is known
of a part of it, that is said. Nothing is asked of SEEK.`,
		Example: "  seek-poller backfill plan --stream applications --from 2026-11-01 --to 2026-11-08",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	args := stretchFlags(cmd)
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var plan admin.Outcome
		query := url.Values{"stream": {args.Stream}, "from": {stampOf(args.From)}, "to": {stampOf(args.To)}, "types": {strings.Join(args.Types, ",")}}
		if err := c.Get(cmd.Context(), "/api/v1/backfills/plan", query, &plan); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), plan)
		}
		for _, line := range plan.Says {
			fmt.Fprintln(cmd.OutOrStdout(), inert(line))
		}
		return nil
	})
	return cmd
}

func stampOf(t admin.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }

func newBackfillStart(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start",
		Short: "Ask SEEK again for a part of a stream's past, in queries that the live streams leave over",
		Long: `Ask SEEK again for a part of a stream's past, by date, in queries that the live streams leave over. It goes on over restarts until it is
complete or cancelled. Events that are stored already are neither applied nor delivered again.`,
		Example: `  seek-poller backfill start --stream applications --from 2026-11-01 --to 2026-11-08
  seek-poller backfill start --stream applications --from 2026-11-01 --to 2026-11-08 --deliver none --yes --reason "for the reports"
  seek-poller backfill start --stream all --from 2026-11-01 --to 2026-11-08 --types CandidateApplicationCreated --deliver ats,spool --yes --reason "new tenant"`,
		Args: noArgs,
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	args := stretchFlags(cmd)
	cmd.Flags().StringSliceVar(&args.Deliver, "deliver", []string{"all"}, "who gets what is new: all, none, or names of destinations with commas between them")
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		return act(cmd, c, "backfill start", order, args, *output)
	})
	return cmd
}

func newBackfillList(g *global) *cobra.Command {
	var stream, kind string
	var open bool
	var before int64
	var limit int
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "Backfills and reconciliations, newest first",
		Example: "  seek-poller backfill list\n  seek-poller backfill list --kind reconcile -o json",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.Flags().StringVar(&stream, "stream", "", "only of this stream")
	cmd.Flags().StringVar(&kind, "kind", "", "only backfill, or only reconcile")
	cmd.Flags().BoolVar(&open, "open", false, "only those that go on")
	cmd.Flags().Int64Var(&before, "before", 0, "only those with a smaller ID: the next page")
	cmd.Flags().IntVar(&limit, "limit", 50, "at most so many, up to 1000")
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		var found []admin.Stretch
		query := url.Values{"stream": {stream}, "kind": {kind}, "open": {strconv.FormatBool(open)}, "before": {fmt.Sprint(before)}, "limit": {fmt.Sprint(limit)}}
		if err := c.Get(cmd.Context(), "/api/v1/backfills", query, &found); err != nil {
			return err
		}
		if *output == "json" {
			return printJSON(cmd.OutOrStdout(), found)
		}
		if err := printStretches(cmd, found); err != nil {
			return err
		}
		if len(found) == limit {
			fmt.Fprintf(cmd.ErrOrStderr(), "there may be more: --before %d\n", found[len(found)-1].ID)
		}
		return nil
	})
	return cmd
}

func printStretches(cmd *cobra.Command, found []admin.Stretch) error {
	var rows [][]string
	for _, s := range found {
		rows = append(rows, []string{fmt.Sprint(s.ID), s.Kind, s.Stream, utc(s.From.Time), utc(s.To.Time), utc(s.At.Time), fmt.Sprint(s.Pages), fmt.Sprint(s.Events), fmt.Sprint(s.New),
			deliverTo(s.Deliver), utc(s.EndsAt.Time), s.State, dash(string(s.Result)), dash(string(s.ErrorKind))})
	}
	return printTable(cmd.OutOrStdout(), []string{"ID", "KIND", "STREAM", "FROM", "TO", "NOW AT", "PAGES", "EVENTS", "NEW", "DELIVER", "ENDS ABOUT", "STATE", "RESULT", "ERROR"}, rows)
}

func deliverTo(names []string) string {
	switch {
	case names == nil:
		return "all"
	case len(names) == 0:
		return "none"
	}
	return strings.Join(names, ",")
}

func newBackfillCancel(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "cancel ID",
		Short:   "End a backfill or a reconciliation where it is",
		Long:    "End a backfill or a reconciliation where it is. What it brought stays.",
		Example: `  seek-poller backfill cancel 7 --yes --reason "wrong week"`,
		Args:    oneArg("id of a backfill"),
	}
	output := outputFlag(cmd)
	order := orderFlags(cmd)
	cmd.RunE = g.acting(&order.Yes, func(cmd *cobra.Command, args []string, c *admin.Client) error {
		id, err := stretchID(cmd, args[0])
		if err != nil {
			return err
		}
		return act(cmd, c, "backfill cancel", order, admin.CancelArgs{ID: id}, *output)
	})
	return cmd
}

func stretchID(cmd *cobra.Command, text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, usageError(fmt.Errorf("%q is no id of a backfill; backfill list shows them", text), cmd.CommandPath())
	}
	return id, nil
}
