package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"seekpoller/graphql"
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
			out := cmd.OutOrStdout()
			printConfig(out, cfg)
			for _, w := range cfg.Warnings() {
				fmt.Fprintf(cmd.ErrOrStderr(), "warning: %s\n", w)
			}
			if err := refuseNotYet(cfg); err != nil {
				return err
			}
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
	fmt.Fprintf(w, "config is right: %d stream(s), %d destination(s)\n", len(cfg.Streams), len(cfg.Destinations))
	fmt.Fprintf(w, "  database     %s\n", cfg.Database)
	fmt.Fprintf(w, "  SEEK         %s, a query every %s at most, %s of quiet after a last page\n", cfg.Seek.Endpoint, cfg.Seek.QueryInterval, cfg.Seek.QuietPeriod)
	now := time.Now()
	for _, s := range cfg.Streams {
		fmt.Fprintf(w, "  stream       %s: %s, %s, schedule %s UTC (next tick %s), starts %s\n", s.Name, s.Scheme, typesOf(s.EventTypes), s.Schedule, utc(s.Schedule.Next(now.UTC())), s.Start)
	}
	for _, d := range cfg.Destinations {
		fmt.Fprintf(w, "  destination  %s: %s\n", d.Name, d.Kind())
	}
}

func typesOf(types []string) string {
	if len(types) == 0 {
		return "all event types"
	}
	return fmt.Sprintf("%d event type(s)", len(types))
}

// trial is one thing that check --connect tries.
type trial struct {
	name   string
	try    func(context.Context) (string, error)
	remedy string
}

func tryAll(ctx context.Context, out io.Writer, cfg *config.Config, world outside) error {
	bad := 0
	for _, t := range trials(cfg, world) {
		said, err := t.try(ctx)
		if err != nil {
			bad++
			fmt.Fprintf(out, "FAILED  %s: %s\n        %s\n", t.name, inert(err.Error()), t.remedy)
			continue
		}
		fmt.Fprintf(out, "ok      %s: %s\n", t.name, inert(said))
	}
	if bad > 0 {
		return &exitError{code: exitFailed, what: fmt.Errorf("%d of the things tried failed", bad), todo: "mend the first one first: later ones may follow from it"}
	}
	return nil
}

func trials(cfg *config.Config, world outside) []trial {
	var token string
	client, err := seekHTTP(cfg.Seek, world)
	list := []trial{{
		name:   "token from " + hostOf(cfg.Seek.TokenURL),
		remedy: "are client_id, client_secret_file and audience those of the SEEK Developer Dashboard? May this machine reach the host?",
		try: func(ctx context.Context) (string, error) {
			if err != nil {
				return "", err
			}
			var got error
			token, got = graphql.NewTokens(client, userAgent(), credentials(cfg.Seek)).Token(ctx)
			return "granted", got
		},
	}, {
		name:   "{ version } from " + hostOf(cfg.Seek.Endpoint),
		remedy: "audience and scheme belong together, and a Playground token is not good for live data",
		try: func(ctx context.Context) (string, error) {
			if token == "" {
				return "", fmt.Errorf("not tried without a token")
			}
			c := graphql.New(graphql.Config{Endpoint: cfg.Seek.Endpoint, HTTP: client, UserAgent: userAgent(), SessionID: uuid.NewString()})
			v, err := c.Version(ctx, token, uuid.NewString())
			return "version " + v, err
		},
	}}
	for _, d := range cfg.Destinations {
		list = append(list, destinationTrial(d))
	}
	return list
}

func destinationTrial(d config.Destination) trial {
	t := trial{name: "destination " + d.Name}
	if d.Directory != nil {
		t.remedy = "make the directory, and let the daemon's user write there"
		t.try = func(context.Context) (string, error) { return tryDirectory(d.Directory.Path) }
		return t
	}
	t.remedy = "is the receiver running, and may this machine reach it?"
	t.try = func(ctx context.Context) (string, error) { return tryAddress(ctx, d.Webhook.URL) }
	return t
}

// tryDirectory writes a hidden file, as the daemon would, and removes it.
func tryDirectory(path string) (string, error) {
	f, err := os.CreateTemp(path, ".seek-poller-check-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	return "files can be written in " + filepath.Clean(path), f.Close()
}

// tryAddress opens a connection and sends nothing: an empty POST might be taken for an event.
func tryAddress(ctx context.Context, address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("the address is not a URL")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return "", err
	}
	return "accepts connections at " + u.Host, conn.Close()
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Host
}
