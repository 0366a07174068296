package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/config"
)

func newCheck(g *global) *cobra.Command {
	var connect bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the config, and with --connect what it names",
		Long: `Check the config: every problem at once, each with file, line, key, and what would be right. Nothing is written.

With --connect it also takes a token, asks SEEK for { version }, and looks whether each destination can be reached. It makes no events
query, so it may be run at any time, beside a running daemon too.`,
		Example: "  seek-poller check --config seek-poller.yaml\n  seek-poller check --config seek-poller.yaml --connect",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			for _, w := range cfg.Warnings() {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", w)
			}
			if err := refuseNotYet(cfg); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			printConfig(out, cfg)
			if !connect {
				return nil
			}
			return tryAll(cmd.Context(), out, cfg, realOutside())
		},
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "also try token, { version } and destinations")
	return cmd
}

func printConfig(w io.Writer, cfg *config.Config) {
	fmt.Fprintf(w, "config is right: %s, %s\n", counted(len(cfg.Streams), "stream"), counted(len(cfg.Destinations), "destination"))
	fmt.Fprintf(w, "  database     %s\n", cfg.Database)
	fmt.Fprintf(w, "  SEEK         %s, audience %s\n", cfg.Seek.Endpoint, cfg.Seek.Audience)
	fmt.Fprintf(w, "  limits       a query every %s at most, %s of quiet after a last page\n", cfg.Seek.QueryInterval, cfg.Seek.QuietPeriod)
	now := time.Now()
	for _, s := range cfg.Streams {
		details := "ids only"
		if s.Details {
			details = "with details (personal data)"
		}
		fmt.Fprintf(w, "  stream       %s: %s, %s, %s, schedule %s UTC (next tick %s), starts %s\n",
			s.Name, s.Scheme, typesOf(s.EventTypes), details, s.Schedule, utc(s.Schedule.Next(now.UTC())), s.Start)
	}
	for _, d := range cfg.Destinations {
		fmt.Fprintf(w, "  destination  %s: %s\n", d.Name, d.Kind())
	}
	if !cfg.Seek.Loopback() {
		printDuties(w, cfg)
	}
}

// printDuties says what no config can check. https://developer.seek.com/events/polling, "Limits"
func printDuties(w io.Writer, cfg *config.Config) {
	fmt.Fprint(w, `
before it goes live
  SEEK approves polling case by case: ask first.
  One installation for one SEEK client: nothing else of yours may ask events, on any machine.
`)
	for _, s := range cfg.Streams {
		if len(s.EventTypes) == 0 || slices.Contains(s.EventTypes, purchased) {
			fmt.Fprintf(w, "  %s brings purchased profiles, which must be shown to the hirer within 60 s of the event. Polling cannot do that.\n", s.Name)
		}
	}
}

// https://developer.seek.com/use-cases/proactive-sourcing/profile-purchases
const purchased = "CandidateProfilePurchased"

func typesOf(types []string) string {
	if len(types) == 0 {
		return "all event types"
	}
	return counted(len(types), "event type")
}

// counted is a number of things, one or more.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
