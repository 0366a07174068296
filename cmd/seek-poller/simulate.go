package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

type simulateFlags struct {
	listen   string
	events   int
	rate     float64
	faults   []string
	seed     int64
	interval time.Duration
	quiet    time.Duration
	latency  time.Duration
}

func newSimulate() *cobra.Command {
	var f simulateFlags
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Play SEEK on a loopback port, with its rules and its faults, for your own tests",
		Long: `Play SEEK's token endpoint and GraphQL endpoint on a loopback port, until stopped. It holds made-up events of all types, lets new ones
arrive, and measures by its own clock whether the client keeps SEEK's rules. GET /report shows what it saw; so does the end.

Faults: ` + strings.Join(simulator.FaultNames(), ", ") + `, or an HTTP status.`,
		Example: `  seek-poller simulate
  seek-poller simulate --events 5000 --rate 60 --fault 503=0.1 --fault cut=0.05
  seek-poller simulate --interval 2s --quiet 20s     for a client with shortened limits`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.run(cmd.Context(), cmd.OutOrStdout(), cmd.CommandPath())
		},
	}
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:9400", "loopback address and port; port 0 takes a free one")
	cmd.Flags().IntVar(&f.events, "events", 250, "events that exist at the start")
	cmd.Flags().Float64Var(&f.rate, "rate", 6, "new events a minute")
	cmd.Flags().StringArrayVar(&f.faults, "fault", nil, "NAME=SHARE: a fault and the share of requests that get it (repeatable)")
	cmd.Flags().Int64Var(&f.seed, "seed", 1, "the same seed makes the same events and faults")
	cmd.Flags().DurationVar(&f.interval, "interval", time.Minute, "least time between two events queries")
	cmd.Flags().DurationVar(&f.quiet, "quiet", 15*time.Minute, "least time after the last page of a stream")
	cmd.Flags().DurationVar(&f.latency, "latency", 200*time.Millisecond, "time that an answer takes")
	return cmd
}

func (f simulateFlags) run(ctx context.Context, out io.Writer, command string) error {
	script, err := parseFaults(f.faults, f.seed)
	if err != nil {
		return usageError(err, command)
	}
	if f.events < 0 || f.rate < 0 || f.rate > 60000 || math.IsNaN(f.rate) || f.interval <= 0 || f.quiet <= 0 || f.latency < 0 {
		return usageError(errors.New("--events, --rate (at most 60000) and --latency must not be negative; --interval and --quiet must be above 0"), command)
	}
	if err := checkLoopback(f.listen); err != nil {
		return usageError(err, command)
	}
	listener, err := net.Listen("tcp", f.listen)
	if err != nil {
		return failed(err, "end what uses that port, or take a free one with --listen 127.0.0.1:0")
	}
	seek := simulator.New(simulator.Options{Seed: f.seed, Interval: f.interval, Quiet: f.quiet, PageLatency: func(int) time.Duration { return f.latency }})
	seek.Fault(script)
	seek.Add(f.events)
	f.printBanner(out, listener.Addr())
	if err := together(ctx, serving(listener, seek), arrivals(seek, f.rate)); err != nil {
		return failed(err, "")
	}
	return printReport(out, seek.Report())
}

// simulateBanner ends in lines for a shell, which leave a config that is right as it stands.
const simulateBanner = `SEEK is simulated at http://%[1]s: %[2]d events, %[3]g new ones a minute. End with Ctrl-C. The report so far: http://%[1]s/report
Any client_id and secret will do. To poll it, paste this into another shell, which makes a config in a new directory:

cd "$(mktemp -d)" && mkdir spool
printf any-secret > client-secret; chmod 600 client-secret
cat > seek-poller.yaml <<'END'
database: seek-poller.db
admin: {socket: admin.sock, listen: ""}
seek:
  endpoint: http://%[1]s/graphql
  token_url: http://%[1]s/oauth/token
  client_id: simulated
  client_secret_file: client-secret
  query_interval: %[4]s
  quiet_period: %[5]s
streams:
  - {name: all, scheme: seekAnz, schedule: "@every %[6]s", start: earliest}
destinations:
  - {name: spool, directory: {path: spool}}
END

and there: seek-poller check --config seek-poller.yaml
           seek-poller run --config seek-poller.yaml
           seek-poller status --config seek-poller.yaml

`

// printBanner shows durations as the config writes them. A schedule has no period under a second.
func (f simulateFlags) printBanner(out io.Writer, address net.Addr) {
	fmt.Fprintf(out, simulateBanner, address, f.events, f.rate, config.Duration(f.interval), config.Duration(f.quiet), config.Duration(max(f.quiet, time.Second)))
}

// parseFaults makes one script of all NAME=SHARE flags.
func parseFaults(flags []string, seed int64) (func(simulator.Request) simulator.Fault, error) {
	var scripts []func(simulator.Request) simulator.Fault
	for i, flag := range flags {
		name, share, ok := strings.Cut(flag, "=")
		p, err := strconv.ParseFloat(share, 64)
		if !ok || err != nil || p < 0 || p > 1 || math.IsNaN(p) {
			return nil, fmt.Errorf("--fault %q is not NAME=SHARE with a share from 0 to 1, such as 503=0.1", flag)
		}
		fault, err := simulator.ParseFault(name)
		if err != nil {
			return nil, fmt.Errorf("--fault %q: %w", flag, err)
		}
		scripts = append(scripts, simulator.Share(seed+int64(i), p, fault))
	}
	return func(r simulator.Request) simulator.Fault {
		for _, script := range scripts {
			if fault := script(r); fault.Name != "" {
				return fault
			}
		}
		return simulator.Fault{}
	}, nil
}

// checkLoopback refuses every address but this machine's own: what is simulated must not be reachable from the network.
func checkLoopback(address string) error {
	host, port, err := net.SplitHostPort(address)
	if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
		return fmt.Errorf("%q is not an address with a port, such as 127.0.0.1:9400", address)
	}
	if ip, err := netip.ParseAddr(host); host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return fmt.Errorf("%q is not a loopback address; use 127.0.0.1, [::1] or localhost", address)
	}
	return nil
}

// serving is a part that serves h on l until ctx ends.
func serving(l net.Listener, h http.Handler) func(context.Context) error {
	return func(ctx context.Context) error {
		server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
		defer context.AfterFunc(ctx, func() { server.Close() })()
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	}
}

// arrivals is a part that lets new events come in.
func arrivals(seek *simulator.Server, aMinute float64) func(context.Context) error {
	return func(ctx context.Context) error {
		if aMinute == 0 {
			return nil
		}
		ticker := time.NewTicker(time.Duration(float64(time.Minute) / aMinute))
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				seek.Add(1)
			case <-ctx.Done():
				return nil
			}
		}
	}
}

func printReport(out io.Writer, r simulator.Report) error {
	fmt.Fprintf(out, "\n%d events queries, %d answered, %d of %d events served, the closest two %s apart\n", r.Queries, r.Answered, r.Served, r.Events, r.SmallestGap)
	fmt.Fprintf(out, "%d asked again because the answer was lost, %d perhaps\n", r.Repeats, r.Doubtful)
	for _, name := range slices.Sorted(maps.Keys(r.Faults)) {
		fmt.Fprintf(out, "fault %s: %d times\n", name, r.Faults[name])
	}
	for _, v := range r.Violations {
		fmt.Fprintf(out, "violation: %s at %s, query %d: %s\n", v.Law, utc(v.At), v.Query, inert(v.Detail))
	}
	if len(r.Violations) > 0 {
		return &exitError{code: exitUnhealthy, what: fmt.Errorf("the client broke SEEK's rules %d times", len(r.Violations)), todo: "each time is listed above"}
	}
	fmt.Fprintln(out, "0 violations")
	return nil
}
