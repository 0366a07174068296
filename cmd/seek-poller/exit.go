package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes, from sysexits(3) where it has one. systemd must not restart after 78: only a person can mend a config.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitUnhealthy = 3
	exitNoDaemon  = 69
	exitTryLater  = 75
	exitConfig    = 78
)

// exitError ends the program with a code and says two things: what is wrong, and what to do.
type exitError struct {
	code int
	what error  // nil: nothing is printed
	todo string // "": there is nothing to add
}

func (e *exitError) Error() string {
	if e.what == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.what.Error()
}

func (e *exitError) Unwrap() error { return e.what }

func (e *exitError) print(w io.Writer) {
	if e.what == nil {
		return
	}
	fmt.Fprintf(w, "seek-poller: %s\n", strings.ReplaceAll(inertLines(e.what.Error()), "\n", "\n  "))
	if e.todo != "" {
		fmt.Fprintf(w, "  %s\n", inertLines(e.todo))
	}
}

func usageError(err error, command string) *exitError {
	return &exitError{code: exitUsage, what: err, todo: fmt.Sprintf("see: %s --help", command)}
}

func failed(err error, todo string) error {
	return &exitError{code: exitFailed, what: err, todo: todo}
}

// noArgs and oneArg are cobra's checks in words that say what the verb wants.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Errorf("%s takes no argument, but was given %q", cmd.CommandPath(), args[0]), cmd.CommandPath())
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError(fmt.Errorf("%s takes exactly one %s, but was given %d", cmd.CommandPath(), what, len(args)), cmd.CommandPath())
		}
		return nil
	}
}

// group is a verb that only holds other verbs: alone it shows its help, and an unknown word below it is an error.
func group(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, SuggestionsMinimumDistance: 2, RunE: func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usageError(unknownVerb(cmd, args[0]), cmd.CommandPath())
		}
		return usageError(fmt.Errorf("%s needs a verb: %s", cmd.CommandPath(), verbNames(cmd)), cmd.CommandPath())
	}}
	cmd.AddCommand(verbs...)
	return cmd
}

func verbNames(cmd *cobra.Command) string {
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return strings.Join(names, ", ")
}
