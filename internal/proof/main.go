// Command proof runs what takes too long for every day: seek-poller in real time at SEEK's real limits, and bugs planted one by one to see whether the tests notice.
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

const usage = `Usage, from the top of the source:

  go run ./internal/proof soak [-for 2h] [-restarts 30]
      the program in real time, at SEEK's real limits, against a simulated SEEK with a backlog; it is restarted at random, every other time by
      SIGKILL. A line a life, and at the end what SEEK saw, and memory and open files over time
  go run ./internal/proof mutants [-only PATTERN] [-check] [-v]
      known bugs, planted one by one; each must be noticed by the test named, in the words named
  go run ./internal/proof generic [-n 20] [-seed N] [-room store] [-at PATTERN]
      random small changes in store, poller and outbox; how many of them the room's own short tests notice, and which test does
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
	what := map[string]func(context.Context, []string) error{"soak": runSoak, "mutants": mutants, "generic": generic}
	if len(args) == 0 || what[args[0]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	return what[args[0]](ctx, args[1:])
}

func runSoak(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("soak", flag.ExitOnError)
	s := new(soak)
	flags.DurationVar(&s.length, "for", defaultLength, "how long")
	flags.IntVar(&s.restarts, "restarts", 30, "how often the program is restarted in that time")
	if err := flags.Parse(args); err != nil {
		return err
	}
	return s.run(ctx)
}
