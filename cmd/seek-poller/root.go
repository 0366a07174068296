package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"seekpoller/internal/config"
)

// global holds the flags that every verb has.
type global struct {
	config   string
	database string
	socket   string
}

const longRoot = `seek-poller brings SEEK's events to recruitment software that cannot receive webhooks.

It asks SEEK's GraphQL events query under SEEK's polling rules (one query a minute, a quarter of an hour of quiet after the last
page), keeps cursor and events in one SQLite file, and hands each event on to your own software.`

const rootExamples = `  seek-poller demo                                  see it at work: no credentials, no config, no network
  seek-poller check --config seek-poller.yaml       is the config right?
  seek-poller run --config seek-poller.yaml         poll until stopped
  seek-poller status                                are we behind? is anything wrong?
  seek-poller events list --stream applications     what came in
  seek-poller deliveries list --state dead          what could not be handed on`

func newRoot() *cobra.Command {
	g := &global{}
	root := &cobra.Command{
		Use:                        "seek-poller",
		Short:                      "SEEK's events for software that cannot receive webhooks",
		Long:                       longRoot,
		Example:                    rootExamples,
		SilenceUsage:               true,
		SilenceErrors:              true,
		SuggestionsMinimumDistance: 2,
		Version:                    buildVersion(),
		Args:                       cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError(unknownVerb(cmd, args[0]), cmd.CommandPath())
			}
			_ = cmd.Help()
			return &exitError{code: exitUsage}
		},
	}
	root.PersistentFlags().StringVar(&g.config, "config", envOr("SEEK_POLLER_CONFIG", "/etc/seek-poller/seek-poller.yaml"), "the config file (also SEEK_POLLER_CONFIG)")
	root.PersistentFlags().StringVar(&g.socket, "socket", envOr("SEEK_POLLER_SOCKET", ""), "the daemon's admin socket (also SEEK_POLLER_SOCKET); otherwise as in the config")
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(newHelp())
	root.SetVersionTemplate("seek-poller {{.Version}}\n")
	root.AddCommand(newRun(g), newDemo(), newSimulate(), newCheck(g), newVersion())
	for _, reader := range []*cobra.Command{newStatus(g), newCursors(g), newEvents(g), newDeliveries(g), newDestinations(g), newActions(g), newBackfill(g), newReconcile(g), newVerify(g), newPurge(g), newBackup(g)} {
		reader.PersistentFlags().StringVar(&g.database, "database", "", "use this database file instead of asking the daemon: of a stopped daemon, or a copy")
		root.AddCommand(reader)
	}
	return root
}

func unknownVerb(cmd *cobra.Command, word string) error {
	suggestions := cmd.SuggestionsFor(word)
	if len(suggestions) > 0 {
		return fmt.Errorf("unknown verb %q; did you mean %q?", word, suggestions[0])
	}
	return fmt.Errorf("unknown verb %q; there are: %s", word, verbNames(cmd))
}

func envOr(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// load reads the config, or ends with everything that is wrong with it.
func (g *global) load() (*config.Config, error) {
	cfg, err := config.Load(g.config, os.Environ())
	if err != nil {
		return nil, configError(err)
	}
	return cfg, nil
}

func configError(err error) error {
	e := &exitError{code: exitConfig, what: err, todo: "config.example.yaml shows every key; check with: seek-poller check --config FILE"}
	var problems config.Problems
	if !errors.As(err, &problems) {
		return e
	}
	switch p := problems[0]; {
	case len(problems) > 1:
		e.what = fmt.Errorf("the config has %d problems:\n%w", len(problems), err)
	case p.Key == "" && p.Line == 0: // of the file as a whole: what to do is said at its end
		what, todo, _ := strings.Cut(p.Message, "; ")
		e.what, e.todo = fmt.Errorf("%s: %s", p.File, what), todo
	}
	return e
}
