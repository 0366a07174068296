// Command bench races the product against other programs that do the same work, on this machine, one after the other in each round. It
// prints a table, and asserts nothing: a figure is for people to judge.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const usage = `Usage: go run . [flags] VERB        (in the directory bench/)

The verbs:
  acquire   pages of 100 events from a loopback GraphQL server into a durable database
  apply     pages of 100 events into the tables, against C on the same SQLite
  deliver   stored events to a loopback receiver, 8 at a time

Examples:
  go run . deliver
  go run . -rounds 7 -json deliver.json deliver
  go run . -dir /dev/shm acquire          a database in memory: what remains is the processor's work
  go run . -only 'ours|python' acquire
  go run . -fill 10000000 -dir /var/tmp apply

The flags:
`

// options are the flags.
type options struct {
	rounds int
	events int
	fill   int
	dir    string
	json   string
	only   string
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often each contestant runs; the table has the medians")
	flag.IntVar(&o.events, "events", 20_000, "events in a run; slow contestants get a share of them")
	flag.IntVar(&o.fill, "fill", 0, "apply: also on a database that holds so many events")
	flag.StringVar(&o.dir, "dir", os.TempDir(), "where the databases are made, and removed after each run")
	flag.StringVar(&o.json, "json", "", "a file to write the figures to")
	flag.StringVar(&o.only, "only", "", "run only the contestants whose names match this regular expression; the one that the others are compared with always runs")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx, flag.Arg(0), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run does one verb.
func (o options) run(ctx context.Context, verb string, out io.Writer) error {
	races := map[string]func(context.Context, *workshop, options) (*race, error){"acquire": acquire, "apply": apply, "deliver": deliver}
	setUp, ok := races[verb]
	if !ok {
		flag.Usage()
		return fmt.Errorf("there is no verb %q", verb)
	}
	w, err := newWorkshop(o.dir)
	if err != nil {
		return err
	}
	defer w.close()
	r, err := setUp(ctx, w, o)
	if err != nil {
		return err
	}
	if err := r.run(ctx, w, o); err != nil {
		return err
	}
	if err := report(out, r.figures(verb, o), o.json); err != nil {
		return err
	}
	if r.failed {
		return errors.New("not every contestant did the work: see the table")
	}
	return nil
}
