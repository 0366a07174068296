package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newHelp is in the place of cobra's own, which says of a verb that there is not that all is well.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:                   "help [VERB]",
		Short:                 "Explain a verb, with its flags and examples",
		DisableFlagsInUseLine: true,
		Args:                  cobra.ArbitraryArgs,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) (verbs []string, _ cobra.ShellCompDirective) {
			if found, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range found.Commands() {
					verbs = append(verbs, cobra.CompletionWithDesc(c.Name(), c.Short))
				}
			}
			return verbs, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return usageError(err, cmd.Root().CommandPath())
			case len(rest) > 0 && found.HasSubCommands():
				return usageError(unknownVerb(found, rest[0]), found.CommandPath())
			case len(rest) > 0:
				return usageError(fmt.Errorf("%s has no verb %q", found.CommandPath(), rest[0]), found.CommandPath())
			}
			found.InitDefaultHelpFlag() // so that it is among the flags
			found.InitDefaultVersionFlag()
			return found.Help()
		},
	}
}
