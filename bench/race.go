package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
)

// race is all contestants on the same work.
type race struct {
	url         string // of the server that is the other side
	base        string // the contestant that the others are compared with
	contestants []*contestant
	goals       []goal
	checked     func(events int) error // asks the server whether it saw so many; nil: it cannot say
}

// enter adds a Go program of this module; c.argv are its own flags.
func (r *race) enter(ctx context.Context, w *workshop, pkg string, c contestant) {
	program, err := w.build(ctx, pkg)
	c.argv = append([]string{program}, c.argv...)
	if err != nil {
		c.gone = fmt.Errorf("not installed: %w", err)
	}
	r.contestants = append(r.contestants, &c)
}

// add adds a program in another language.
func (r *race) add(s script, c contestant) {
	c.argv, c.gone = s.argv, s.missing()
	r.contestants = append(r.contestants, &c)
}

// keep drops the contestants that -only does not name, but never the base.
func (r *race) keep(only string) error {
	wanted, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	var kept []*contestant
	for _, c := range r.contestants {
		if c.Name == r.base || wanted.MatchString(c.Name) {
			kept = append(kept, c)
		}
	}
	r.contestants = kept
	return nil
}

// run lets each contestant run once a round. Who begins changes from round to round, so that nobody always has the machine as another left it.
// One that fails is out of the race, and the table says why.
func (r *race) run(ctx context.Context, w *workshop, o options) error {
	if err := r.keep(o.only); err != nil {
		return err
	}
	for n := range o.rounds {
		for i := range r.contestants {
			c := r.contestants[(i+n)%len(r.contestants)]
			if c.gone != nil {
				continue
			}
			done, err := c.once(ctx, w, r.url, o.events)
			if err == nil && r.checked != nil {
				err = r.checked(o.events / max(c.share, 1))
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				c.gone = fmt.Errorf("failed: %w", err)
				continue
			}
			c.runs = append(c.runs, done)
			fmt.Fprintf(os.Stderr, "round %d of %d: %-20s %8.0f events/s %7.1f µs\n", n+1, o.rounds, c.Name, done.rate, done.cpu)
		}
	}
	return nil
}
