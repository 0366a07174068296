// Command seek-poller brings SEEK's events to recruitment software that cannot receive webhooks. It polls SEEK's events query under SEEK's
// polling rules, keeps cursor and events in one SQLite file, and hands each event on to the partner's own software.
//
// This package only ties the rooms together: one file per verb.
package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetOutput(io.Discard) // net/http writes there what peers sent, which may be personal data
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from here a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program, and what tests call: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	called, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = usageError(inFlags(err), called.CommandPath())
	}
	e.print(stderr)
	return e.code
}
