package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestEveryVerbIsDocumented: docs/commands.md has a row for each verb, in the words of its help, and none for one that is gone.
func TestEveryVerbIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for row := range strings.Lines(string(page)) {
		if strings.HasPrefix(row, "| `seek-poller ") {
			rows[strings.TrimSpace(row)] = true
		}
	}
	root := newRoot()
	root.InitDefaultCompletionCmd()
	visit(root, func(cmd *cobra.Command) {
		row := fmt.Sprintf("| `%s` | %s |", cmd.CommandPath(), cmd.Short)
		if !rows[row] {
			t.Errorf("docs/commands.md has no row %s", row)
		}
		delete(rows, row)
	})
	for row := range rows {
		t.Errorf("docs/commands.md has a row of no verb: %s", row)
	}
}

// visit calls do for each verb that does something.
func visit(cmd *cobra.Command, do func(*cobra.Command)) {
	for _, c := range cmd.Commands() {
		if visit(c, do); !c.HasSubCommands() {
			do(c)
		}
	}
}
