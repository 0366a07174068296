package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// verdict is the first word of a line of check --connect.
type verdict string

const (
	fine     verdict = "ok"
	doubtful verdict = "warn"
	wrong    verdict = "FAIL"
	untried  verdict = "skip" // what it needs has failed before it
)

// finding is a line of check --connect.
type finding struct {
	Name  string  `json:"name"`
	State verdict `json:"state"`
	Says  string  `json:"says"`
	Todo  string  `json:"todo,omitempty"`
}

// trial is one thing that is tried. Its finding has no name yet.
type trial struct {
	name string
	try  func(context.Context) finding
}

func ok(format string, args ...any) finding {
	return finding{State: fine, Says: fmt.Sprintf(format, args...)}
}

func failure(err error, todo string) finding {
	return finding{State: wrong, Says: err.Error(), Todo: todo}
}

// tryAll loads the config and tries what it names. A table grows a line at a time, because some take their time.
func (g *global) tryAll(cmd *cobra.Command, format string) error {
	out, first := cmd.OutOrStdout(), []finding{{Name: "config", State: fine}}
	cfg, err := g.load()
	if err != nil {
		first[0].State, first[0].Says, first[0].Todo = wrong, g.config+" is not right", "mend what is said below"
		if format == "json" {
			return errors.Join(printFindings(out, first), err)
		}
		printFinding(out, first[0], 0)
		return err
	}
	printWarnings(cmd.ErrOrStderr(), cfg)
	return newConnection(g.config, cfg, realOutside()).run(cmd.Context(), out, format)
}

// run tries everything, says what came of it, and fails if anything did.
func (c *connection) run(ctx context.Context, out io.Writer, format string) error {
	trials := c.trials()
	width := 0
	for _, t := range trials {
		width = max(width, len(inert(t.name)))
	}
	var found []finding
	bad := 0
	for _, t := range trials {
		f := t.try(ctx)
		f.Name = t.name
		if f.State == wrong {
			bad++
		}
		if found = append(found, f); format != "json" {
			printFinding(out, f, width)
		}
	}
	if format == "json" {
		if err := printFindings(out, found); err != nil {
			return err
		}
	}
	if bad > 0 {
		return &exitError{code: exitFailed, what: fmt.Errorf("%d of the %d things tried failed", bad, len(found)), todo: "mend the first one first: later ones may follow from it"}
	}
	return nil
}

func (c *connection) trials() []trial {
	list := []trial{{"config", c.tryConfig}, {"clock", c.tryClock}, {"disk", c.tryDisk}, {"permissions", c.tryPermissions}}
	list = append(list, c.nameTrials()...)
	list = append(list, c.handshakeTrials()...)
	list = append(list, trial{"token", c.tryToken}, trial{"{ version }", c.tryVersion})
	for _, d := range c.cfg.Destinations {
		list = append(list, trial{"destination " + d.Name, func(ctx context.Context) finding { return c.tryDestination(ctx, d) }})
	}
	if c.cfg.Heartbeat.URL != "" {
		list = append(list, trial{"heartbeat " + hostOf(c.cfg.Heartbeat.URL), c.tryHeartbeat})
	}
	return append(list, trial{"daemon", c.tryDaemon})
}

// tryConfig has nothing left to find: what was odd has been said already.
func (c *connection) tryConfig(context.Context) finding {
	said := fmt.Sprintf("%s is right: %s, %s", c.file, counted(len(c.cfg.Streams), "stream"), counted(len(c.cfg.Destinations), "destination"))
	if n := len(c.cfg.Warnings()); n > 0 {
		return finding{State: doubtful, Says: said + ", " + counted(n, "warning"), Todo: "read the warnings that seek-poller check prints"}
	}
	return ok("%s", said)
}

func printFinding(w io.Writer, f finding, width int) {
	fmt.Fprintf(w, "%-4s  %-*s  %s\n", f.State, width, inert(f.Name), inert(f.Says))
	if f.Todo != "" {
		fmt.Fprintf(w, "%*s  %s\n", 6+width, "", inert(f.Todo))
	}
}

func printFindings(w io.Writer, found []finding) error {
	sums := map[verdict]int{}
	for _, f := range found {
		sums[f.State]++
	}
	return printJSON(w, struct {
		Checks []finding `json:"checks"`
		Failed int       `json:"failed"`
		Warned int       `json:"warned"`
	}{found, sums[wrong], sums[doubtful]})
}
