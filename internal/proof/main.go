// Command proof runs what takes too long for every day: seek-poller at SEEK's real limits in real time, and the harnesses of the tests in their long form.
// docs/proof.md says what each of them shows, and has the figures of the last run.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

const usage = `Usage: go run ./internal/proof soak [--for 2h] [--restarts 30]

soak    runs the program in real time, at SEEK's real limits, against a simulated SEEK with a backlog, and restarts it at random: every other
        time by SIGKILL. It prints a line a minute, and at the end what SEEK saw, and memory and open files over time.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "proof:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "soak" {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	flags.Usage = func() { fmt.Fprint(os.Stderr, usage) }
	s := new(soak)
	flags.DurationVar(&s.length, "for", defaultLength, "how long")
	flags.IntVar(&s.restarts, "restarts", 30, "how often the program is restarted in that time")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	return s.run(ctx)
}
