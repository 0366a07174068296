package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"seekpoller/store"
)

// retryChoice leaves out destinations to which nothing can be sent any more.
func (s *Server) retryChoice(ctx context.Context, args DeliveryArgs) (c store.DeliveryChoice, at []store.Destination, err error) {
	if c, at, err = s.choice(ctx, args, RetryStates[:]); err != nil {
		return c, at, err
	}
	if len(at) == 1 && at[0].State == store.Removed {
		return c, at, conflict(at[0].Name+" is no longer configured", "put it back into the config first, or discard its deliveries")
	}
	at = slices.DeleteFunc(at, func(d store.Destination) bool { return d.State == store.Removed })
	c.Destinations = rowsOf(at, func(d store.Destination) string { return d.Name })
	return c, at, nil
}

func (s *Server) lookRetry(ctx context.Context, args DeliveryArgs) (Outcome, error) {
	rate, err := rateOf(args.Rate)
	if err != nil {
		return Outcome{}, err
	}
	c, at, err := s.retryChoice(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	seen, err := s.previewDeliveries(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	all := total(seen.Destinations)
	anew, held := all.Dead+all.Discarded, holds(seen.Destinations, at, s.config.Load().Now().Wall)
	left := join(all.Waiting, "due already, or not tried yet", all.Sending, "being sent now", all.Purged, "purged")
	if anew+all.Retrying == 0 && len(held) == 0 {
		return Outcome{}, nothingChosen("to retry", left, args.State)
	}
	if err := spreads(anew, rate); err != nil {
		return Outcome{}, err
	}
	lasts := store.Spread(max(anew-1, 0), rate)
	seen.Seconds = int64(lasts.Seconds())
	says := retryWords(seen.Destinations, at)
	if left != "" {
		says = append(says, "left as they are: "+left)
	}
	says = append(says, held...)
	if anew > 1 {
		says = append(says, fmt.Sprintf("those owed anew are due %d a second, the last in %s", rate, lasts))
	}
	o := Outcome{Says: says, Facts: seen, Rows: anew + all.Retrying + int64(len(held)), Undo: undoOwed}
	if anew == 0 {
		o.Undo = "none is needed: these deliveries were owed before, and are due sooner"
	}
	return o, nil
}

func retryWords(list []DeliveriesAt, at []store.Destination) (says []string) {
	for _, d := range list {
		if d.Retrying+d.Dead+d.Discarded == 0 {
			continue
		}
		says = append(says, d.Destination+": "+join(d.Retrying, "that wait for their next try are due at once", d.Dead, "dead ones are owed anew", d.Discarded, "discarded ones are owed anew"))
		says = append(says, atRestOf(at, d.Destination)...)
	}
	return says
}

// holds says which destinations are left in peace, after failures or because they asked for it, and would be no longer.
func holds(list []DeliveriesAt, at []store.Destination, now time.Time) (says []string) {
	for _, found := range list {
		for _, d := range at {
			if d.Name == found.Destination && d.NotBefore.After(now) && found.Waiting+found.Retrying+found.Dead+found.Discarded > 0 {
				says = append(says, fmt.Sprintf("%s was to be left in peace until %s: it is tried at once, with one delivery first if it was down", d.Name, exactly(d.NotBefore)))
			}
		}
	}
	return says
}

func atRestOf(at []store.Destination, name string) []string {
	for _, d := range at {
		if d.Name == name {
			return atRest(d)
		}
	}
	return nil
}

func (s *Server) doRetry(ctx context.Context, args DeliveryArgs, seen Outcome, d store.Deed) (Outcome, error) {
	c, _, err := s.retryChoice(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	rate, err := rateOf(args.Rate)
	if err != nil {
		return Outcome{}, err
	}
	a, err := s.config.Load().Store.Retry(ctx, d, c, rate)
	return seen.did(a), err
}
