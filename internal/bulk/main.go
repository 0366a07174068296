// Bulk makes a database as large as years of use, and measures how long people wait for answers on it.
//
// It is for developers: nothing of it is in the program. What it makes obeys every law of the ledger, so that whatever works on a real
// database works on it.
//
//	go run ./internal/bulk --events 5000000 --destinations 2 FILE
//	go run ./internal/bulk --measure FILE
//	go run ./internal/bulk --busy 30s FILE
//	go run ./internal/bulk --live --program PROGRAM FILE
//	go run ./internal/bulk --deeds 1000000 FILE
//	go run ./internal/bulk --idle 2m --starts 20 --program PROGRAM [FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bulk:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bulk", flag.ContinueOnError)
	size := size{Now: time.Now().UTC()}
	flags.IntVar(&size.Events, "events", 100_000, "how many events")
	flags.IntVar(&size.Destinations, "destinations", 2, "how many destinations; each event is owed to each of them")
	flags.IntVar(&size.Days, "days", 75, "over how many days they came")
	measured := flags.Bool("measure", false, "measure the answers on FILE instead of making it")
	busy := flags.Duration("busy", 0, "measure for so long while pages are saved and deliveries settled in FILE, which grows")
	live := flags.Bool("live", false, "run --program on FILE, which grows, and measure what people and programs ask of it")
	idle := flags.Duration("idle", 0, "run --program for so long with nothing to do, on FILE or on a new database, and measure what it takes of the machine")
	starts := flags.Int("starts", 0, "with --idle, or alone: how often --program is started first, to see how soon it is ready")
	binary := flags.String("program", "seek-poller", "what is measured, as deploy/release builds it")
	deeds := flags.Int64("deeds", 0, "replay and purge so many events in FILE, which is changed, and verify and back it up, while pages are saved")
	only := flags.String("only", "", "with --deeds: these alone, by name, with commas between")
	requests := flags.Int("requests", 50, "how often each route is asked")
	if err := flags.Parse(args); err != nil {
		return err
	}
	file := flags.Arg(0)
	if *idle > 0 || *starts > 0 {
		return measureIdle(ctx, *binary, file, *idle, *starts, out)
	}
	if flags.NArg() != 1 {
		return errors.New("name one file")
	}
	switch {
	case *deeds > 0:
		return measureDeeds(ctx, file, *deeds, *only, out)
	case *live:
		return measureLive(ctx, *binary, file, *requests, out)
	case *busy > 0:
		return measureBusy(ctx, file, *busy, out)
	case *measured:
		return measure(ctx, file, *requests, out)
	}
	return fill(ctx, file, size, out)
}
