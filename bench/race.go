package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
)

// race is all contestants on the same work.
type race struct {
	url         string // of the server that is the other side
	base        string // the contestant that the others are compared with
	only        *regexp.Regexp
	contestants []*contestant
	goals       []goal
	checked     func(events int) error // asks the server whether it saw so many; nil: it cannot say
	failed      bool                   // somebody did not do the work
}

// newRace makes a race of those whose names o.only matches, and of the base, which always runs.
func newRace(base string, o options) (*race, error) {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	return &race{base: base, only: only}, nil
}

func (r *race) wants(name string) bool { return name == r.base || r.only.MatchString(name) }

// enter adds a Go program of this module; c.argv are its own flags.
func (r *race) enter(ctx context.Context, w *workshop, pkg string, c contestant) {
	if !r.wants(c.Name) {
		return // nor built
	}
	program, err := w.build(ctx, pkg)
	c.argv = append([]string{program}, c.argv...)
	if err != nil {
		c.gone = fmt.Errorf("not installed: %w", err)
	}
	r.contestants = append(r.contestants, &c)
}

// add adds a program in another language, which find makes ready.
func (r *race) add(find func() script, c contestant) {
	if !r.wants(c.Name) {
		return
	}
	s := find()
	c.argv, c.gone = s.argv, s.missing()
	r.contestants = append(r.contestants, &c)
}

// run lets each contestant run once a round. Who begins changes from round to round, so that nobody always has the machine as another left it.
// One that fails is out of the race, and the table says why.
func (r *race) run(ctx context.Context, w *workshop, o options) error {
	r.contestants = slices.DeleteFunc(r.contestants, func(c *contestant) bool { return !r.wants(c.Name) })
	if len(r.contestants) == 1 && !r.only.MatchString(r.base) {
		return fmt.Errorf("-only %q names no contestant beside %q", o.only, r.base)
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
				c.gone, r.failed = fmt.Errorf("failed: %w", err), true
				continue
			}
			c.runs = append(c.runs, done)
			fmt.Fprintf(os.Stderr, "round %d of %d: %-20s %8.0f events/s %7.1f µs\n", n+1, o.rounds, c.Name, done.rate, done.cpu)
		}
	}
	return nil
}
