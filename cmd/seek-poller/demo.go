package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
	"seekpoller/store"
)

// The demo's limits. SEEK's own are a minute and a quarter of an hour; shorter ones are legal only against this machine.
const (
	demoInterval = 2 * time.Second
	demoQuiet    = 20 * time.Second
)

func newDemo() *cobra.Command {
	var length time.Duration
	var dir string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it at work: no credentials, no config, no network",
		Long: `A simulated SEEK, the daemon, a webhook receiver and a spool directory in one process, on loopback ports of this machine. You see what is
asked, what comes, and what is handed on, here and on a page for a browser. It ends with Ctrl-C or after --for, and then says what happened and where the files are.`,
		Example: "  seek-poller demo\n  seek-poller demo --for 60s",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if length < 0 {
				return usageError(fmt.Errorf("--for %s is negative", length), cmd.CommandPath())
			}
			return runDemo(cmd.Context(), cmd.OutOrStdout(), dir, length)
		},
	}
	cmd.Flags().DurationVar(&length, "for", 0, "end after so long, such as 60s; 0: with Ctrl-C")
	cmd.Flags().StringVar(&dir, "dir", "", "keep the files here instead of in a new temporary directory; it must be empty")
	return cmd
}

// demo is the stage and the players.
type demo struct {
	dir      string
	out      io.Writer
	cfg      *config.Config
	seek     *simulator.Server
	receiver *simulator.Receiver
	daemon   *daemon
	servers  []func(context.Context) error
}

func runDemo(ctx context.Context, out io.Writer, dir string, length time.Duration) error {
	d := &demo{dir: dir, out: &oneAtATime{w: out}}
	if err := d.prepare(ctx); err != nil {
		return failed(fmt.Errorf("prepare the demo: %w", err), "name a new directory with --dir, or leave it out")
	}
	if length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, length)
		defer cancel()
	}
	err := d.play(ctx)
	return errors.Join(err, d.conclude(), d.daemon.close())
}

// play runs everything until ctx ends, then lets what was fetched be handed on.
func (d *demo) play(ctx context.Context) error {
	backstage, stopServers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServers()
	served := make(chan error, 1)
	go func() { served <- together(backstage, d.servers...) }()
	telling, stopTelling := context.WithCancel(context.WithoutCancel(ctx))
	told := make(chan error, 1)
	go func() { told <- d.daemon.relay.Run(telling) }()

	err := together(ctx, d.daemon.poller.Run, arrivals(d.seek, 90), d.showDeliveries)
	d.drain()
	stopTelling()
	err = errors.Join(err, <-told)
	stopServers()
	return errors.Join(err, <-served)
}

// drain waits until nothing is owed, or for ten seconds.
func (d *demo) drain() {
	for range 100 {
		summary, err := d.daemon.store.Summary(context.Background())
		owed := int64(0)
		for _, dest := range summary.Destinations {
			owed += dest.Owed
		}
		if err != nil || owed == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// showDeliveries prints what was handed on, each second in which something was.
func (d *demo) showDeliveries(ctx context.Context) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	shown := 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		accepted, files := len(d.receiver.Accepted()), d.files()
		if accepted+files != shown {
			shown = accepted + files
			fmt.Fprintf(d.out, "%s  told    ats has %d events, spool has %d files\n", clock(), accepted, files)
		}
	}
}

// files counts the finished files of the spool directory.
func (d *demo) files() int {
	entries, err := os.ReadDir(filepath.Join(d.dir, "spool"))
	if err != nil {
		return 0
	}
	return len(slices.DeleteFunc(entries, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }))
}

// conclude says what happened. Any broken rule, loss or repetition makes the demo fail.
func (d *demo) conclude() error {
	ctx := context.Background()
	status, err := admin.Gather(ctx, d.daemon.adminConfig(d.cfg))
	if err != nil {
		return failed(err, "")
	}
	types, err := countTypes(ctx, d.daemon.store)
	if err != nil {
		return failed(err, "")
	}
	report, handed := d.seek.Report(), simulator.Compare(d.seek, d.receiver.Accepted())
	fmt.Fprintln(d.out, "\nWhat happened")
	tw := tabwriter.NewWriter(d.out, 2, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "  asked\t%d queries, the closest two %.1f s apart\n", report.Queries, report.SmallestGap.Seconds())
	fmt.Fprintf(tw, "  stored\t%d events, each once: %s\n", status.Events, types)
	fmt.Fprintf(tw, "  told\tats accepted %d, spool has %d files\n", len(d.receiver.Accepted()), d.files())
	fmt.Fprintf(tw, "  SEEK's report\t%d violations, %d lost, %d delivered twice\n", len(report.Violations)+len(d.receiver.Violations()), len(handed.Lost), len(handed.Twice))
	tw.Flush()
	fmt.Fprintf(d.out, `
Look at it
  seek-poller status --database %[1]s/seek-poller.db
  sqlite3 %[1]s/seek-poller.db 'SELECT * FROM cursors'
  ls %[1]s/spool
`, d.dir)
	for _, v := range report.Violations {
		fmt.Fprintf(d.out, "violation: %s at query %d: %s\n", v.Law, v.Query, v.Detail)
	}
	if bad := len(report.Violations) + len(d.receiver.Violations()) + len(handed.Lost) + len(handed.Twice); bad > 0 {
		return failed(fmt.Errorf("the demo found %d things that must not happen", bad), "this is a defect of seek-poller: please report it with the files above")
	}
	return nil
}

// countTypes is a line of how many events of each type there are.
func countTypes(ctx context.Context, s *store.Store) (string, error) {
	tallies, err := s.Tallies(ctx, time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return "", err
	}
	counts := map[string]int64{}
	for _, t := range tallies {
		counts[t.Type] += t.Events
	}
	var parts []string
	for name, n := range counts {
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", "), nil
}
