package main

import (
	"fmt"
	"io"
	"net/url"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newEventsExplain(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [ID]",
		Short: "What happened to an event, from SEEK to the last receiver",
		Long: `What happened to an event, in one timeline: when SEEK made it and put it on the stream, which query and page brought it, each try at handing it
on with the receiver's answer, and when the next try is. ID is an event's, or a candidate's, profile's, position's or hirer's: then the newest events
with that id are explained, at most 10. The flags say what an id is of, so that it is looked for nowhere else.`,
		Example: `  seek-poller events explain seekAnz:event:events:7k7tmPWCzAwxq7xeSvHzQK
  seek-poller events explain --candidate seekAnz:candidate:7k7tmPWCzAwxq7xeSvHzQK`,
		Args: cobra.ArbitraryArgs,
	}
	output := outputFlag(cmd)
	named := map[string]*string{}
	for _, name := range []string{"candidate", "profile", "position", "hirer"} {
		named[name] = cmd.Flags().String(name, "", "the id is a "+name+"'s")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		q := url.Values{}
		for _, id := range args {
			q.Add("id", id)
		}
		for name, id := range named {
			if *id != "" {
				q.Add(name, *id)
				args = append(args, *id)
			}
		}
		if len(args) != 1 {
			return usageError(fmt.Errorf("%s takes exactly one id, but was given %d", cmd.CommandPath(), len(args)), cmd.CommandPath())
		}
		return g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
			var x admin.Explanation
			if err := c.Get(cmd.Context(), "/api/v1/explain", q, &x); err != nil {
				return err
			}
			if *output == "json" {
				return printJSON(cmd.OutOrStdout(), x)
			}
			printExplanation(cmd.OutOrStdout(), x)
			if x.More > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%d more events or more have this id: %s\n", x.More, inert(string(x.List)))
			}
			return nil
		})(cmd, args)
	}
	return cmd
}

func printExplanation(w io.Writer, x admin.Explanation) {
	for i, t := range x.Timelines {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s %s\n%s\n", inert(t.Event.Type), inert(t.Event.ID), inert(t.Summary))
		for _, s := range t.Steps {
			fmt.Fprintf(w, "  %s  %s\n", utc(s.At.Time), inert(s.What))
			if s.Detail != "" {
				fmt.Fprintf(w, "  %20s    %s\n", "", inert(string(s.Detail)))
			}
		}
	}
}
