package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/outbox"
	"seekpoller/store"
)

// asking is the body of a verb that asks the daemon, or, with --database, a server on that file inside this process.
func (g *global) asking(do func(cmd *cobra.Command, args []string, c *admin.Client) error) func(*cobra.Command, []string) error {
	return g.linked(store.OpenReader, do)
}

// acting is the body of a verb that changes something, where yes says that it will. A dry run opens a database for reading only.
func (g *global) acting(yes *bool, do func(cmd *cobra.Command, args []string, c *admin.Client) error) func(*cobra.Command, []string) error {
	return g.linked(func(ctx context.Context, path string) (*store.Store, error) {
		if !*yes {
			return store.OpenReader(ctx, path)
		}
		return store.Open(ctx, path, store.Options{Started: store.ReadClock()})
	}, do)
}

func (g *global) linked(open func(context.Context, string) (*store.Store, error), do func(*cobra.Command, []string, *admin.Client) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if g.database == "" {
			socket, err := g.socketPath(cmd)
			if err != nil {
				return err
			}
			return g.explain(cmd, do(cmd, args, admin.Dial(socket)))
		}
		s, err := open(cmd.Context(), g.database)
		if err != nil {
			return failed(err, "")
		}
		server, err := g.serverWithin(cmd, s)
		if err == nil {
			err = g.explain(cmd, do(cmd, args, admin.Within(server.Inside(admin.UserName(os.Getuid())))))
		}
		return errors.Join(err, s.Close())
	}
}

// serverWithin is the daemon's server on a database of our own choice. What a config says is only known if one was named.
func (g *global) serverWithin(cmd *cobra.Command, s *store.Store) (*admin.Server, error) {
	c := admin.Config{Store: s, Now: store.ReadClock, Version: buildVersion(), Envelope: envelopeOf, ReadOnly: s.ReadOnly()}
	if g.configNamed(cmd) {
		cfg, err := g.load()
		if err != nil {
			return nil, err
		}
		configureAdmin(&c, cfg)
	}
	return admin.NewServer(c), nil
}

func (g *global) configNamed(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("config") || os.Getenv("SEEK_POLLER_CONFIG") != ""
}

func envelopeOf(e store.Event) []byte { return outbox.Envelope(store.Delivery{Event: e}) }

// configureAdmin tells the server what the config says of streams and destinations.
func configureAdmin(c *admin.Config, cfg *config.Config) {
	c.Interval = time.Duration(cfg.Seek.QueryInterval)
	c.FeedToken = cfg.Admin.Token.Reveal()
	for _, s := range cfg.Streams {
		c.Streams = append(c.Streams, admin.ConfiguredStream{Name: s.Name, Scheme: s.Scheme, Types: s.EventTypes, Fingerprint: s.Fingerprint(cfg.Seek), Details: s.Details})
	}
	for _, d := range cfg.Destinations {
		c.Destinations = append(c.Destinations, admin.ConfiguredDestination{Name: d.Name, Streams: d.Streams, Types: d.EventTypes, Hirers: d.Hirers})
	}
}

// socketPath is where the daemon is asked: as the flag or the environment says, else as the config does. Support staff may have no right to
// the config, so the default path is taken if nobody named one.
func (g *global) socketPath(cmd *cobra.Command) (string, error) {
	if g.socket != "" {
		return g.socket, nil
	}
	socket, err := config.Socket(g.config, os.Environ())
	if err == nil {
		return socket, nil
	}
	if _, unreadable := os.ReadFile(g.config); unreadable != nil && !g.configNamed(cmd) {
		return config.DefaultSocket, nil
	}
	return "", configError(err)
}

// explain gives an error of the server the exit code and the words that a verb ends with.
func (g *global) explain(cmd *cobra.Command, err error) error {
	var none *admin.NoDaemonError
	var said *admin.Error
	var ended *exitError
	switch {
	case err == nil, errors.As(err, &ended):
		return err
	case errors.As(err, &none) && none.Denied:
		return &exitError{code: exitNoDaemon, what: none, todo: "ask the operator to add you to the group that admin.group names, and log in again"}
	case errors.As(err, &none):
		return &exitError{code: exitNoDaemon, what: none, todo: "start it with seek-poller run (or systemctl start seek-poller), name its socket with --socket, or look into a stopped daemon's database with --database FILE"}
	case errors.As(err, &said) && said.Todo == "" && said.Status == http.StatusBadRequest:
		return usageError(errors.New(inertLines(said.What)), cmd.CommandPath())
	case errors.As(err, &said):
		return &exitError{code: exitOf(said.Status), what: errors.New(inertLines(said.What)), todo: inertLines(said.Todo)}
	}
	return failed(err, "")
}

func exitOf(status int) int {
	switch status {
	case http.StatusBadRequest:
		return exitUsage
	case http.StatusServiceUnavailable:
		return exitTryLater
	}
	return exitFailed
}

// printOutcome says what a deed would do, or did.
func printOutcome(cmd *cobra.Command, format string, o admin.Outcome) error {
	out := cmd.OutOrStdout()
	if format == "json" {
		return printJSON(out, o)
	}
	for _, line := range o.Says {
		fmt.Fprintln(out, inert(line))
	}
	if !o.Done {
		fmt.Fprintln(cmd.ErrOrStderr(), `nothing was changed: to do it, add --yes --reason "why"`)
		return nil
	}
	fmt.Fprintf(out, "done: action %d\nundo: %s\n", o.Action, inert(o.Undo))
	return nil
}

// orderFlags are the flags of every deed.
func orderFlags(cmd *cobra.Command) *admin.Order {
	o := &admin.Order{}
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "do it; without, only show what would be done")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the record (seek-poller actions); needed with --yes")
	return o
}
