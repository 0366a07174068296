package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/config"
)

const longCheck = `Check the config: every problem at once, each with file, line, key, and what would be right. Nothing is written.

With --print it shows the config in force, as a config: with the defaults, with what the environment says, with paths resolved, and beside each
value where it was set. Secrets are hidden: values of env, and what may be one in a URL.

With --connect it also tries what the config names, a line each, with what to do where something is wrong: clock, disk, permissions, DNS, TLS, a
token, { version }, each destination, the heartbeat's address, the daemon. It makes no events query and sends nothing to a destination, so it may
be run at any time, beside a running daemon too. Run it as the daemon's user, since permissions are this user's.`

func newCheck(g *global) *cobra.Command {
	var connect, print bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the config, and with --connect what it names",
		Long:  longCheck,
		Example: "  seek-poller check --config seek-poller.yaml\n  seek-poller check --config seek-poller.yaml --print\n" +
			"  sudo -u seek-poller seek-poller check --connect",
		Args: noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		if connect {
			return g.tryAll(cmd, *output)
		}
		cfg, err := g.load()
		if err != nil {
			return err
		}
		printWarnings(cmd.ErrOrStderr(), cfg)
		switch {
		case print:
			return printEffective(out, cfg, *output)
		case *output == "json":
			return printJSON(out, checked{Config: g.config, Streams: len(cfg.Streams), Destinations: len(cfg.Destinations), Warnings: append([]string{}, cfg.Warnings()...)})
		}
		printConfig(out, cfg)
		return nil
	}
	cmd.Flags().BoolVar(&connect, "connect", false, "also try what the config names: machine, SEEK, destinations, daemon")
	cmd.Flags().BoolVar(&print, "print", false, "show the config in force, with secrets hidden")
	cmd.MarkFlagsMutuallyExclusive("connect", "print")
	return cmd
}

// checked is what -o json says of a config that is right.
type checked struct {
	Config       string   `json:"config"`
	Streams      int      `json:"streams"`
	Destinations int      `json:"destinations"`
	Warnings     []string `json:"warnings"`
}

func printWarnings(w io.Writer, cfg *config.Config) {
	for _, warning := range cfg.Warnings() {
		fmt.Fprintf(w, "warning: %s\n", warning)
	}
}

func printEffective(w io.Writer, cfg *config.Config, format string) error {
	if format == "json" {
		values, err := cfg.Values()
		if err != nil {
			return err
		}
		return printJSON(w, values)
	}
	text, err := cfg.YAML()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
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
