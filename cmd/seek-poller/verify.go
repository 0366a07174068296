package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
)

func newVerify(g *global) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Prove that nothing was skipped, hurried or lost, and say what is not proven",
		Long: `Read the whole database and check what it says of itself: that each page of SEEK's answers follows on the one before, that no query came
too early, that every event, delivery and figure is there and agrees. Ends with 0 if all is well, and with 3 if anything is off.

It works beside a running daemon and keeps nobody from writing. On a file of 256 MiB and more the soundness of the file itself is then left
out: it is checked where no daemon works on it, as on a copy, with --database.`,
		Example: "  seek-poller verify\n  seek-poller verify -o json | jq '.checks[] | select(.result != \"ok\")'\n  seek-poller verify --database backup.db",
		Args:    noArgs,
	}
	output := outputFlag(cmd)
	cmd.RunE = g.asking(func(cmd *cobra.Command, _ []string, c *admin.Client) error {
		if *output == "table" {
			fmt.Fprintln(cmd.ErrOrStderr(), "reading the whole database; a large one takes some minutes")
		}
		var report admin.VerifyReport
		end := atWork(cmd, "verify")
		err := c.Get(cmd.Context(), "/api/v1/verify", nil, &report)
		end()
		if err != nil {
			return err
		}
		print := printVerified
		if *output == "json" {
			print = func(w io.Writer, r admin.VerifyReport) error { return printJSON(w, r) }
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

func printVerified(w io.Writer, r admin.VerifyReport) error {
	var rows [][]string
	for _, c := range r.Checks {
		rows = append(rows, []string{c.Name, c.Result, c.Proves})
	}
	if err := printTable(w, []string{"CHECK", "RESULT", "WHAT OK MEANS"}, rows); err != nil {
		return err
	}
	for _, c := range r.Checks {
		if c.Why != "" {
			fmt.Fprintf(w, "\nnot checked here: %s\n  %s\n", inert(c.Name), inert(c.Why))
		}
		if len(c.Found) > 0 {
			fmt.Fprintf(w, "\nOFF: %s\n", inert(c.Name))
		}
		for _, found := range c.Found {
			fmt.Fprintf(w, "  %s\n", inert(found))
		}
	}
	_, err := fmt.Fprintf(w, "\nnot proven, but assumed:\n  %s\n", strings.Join(r.Assumes, "\n  "))
	return err
}
