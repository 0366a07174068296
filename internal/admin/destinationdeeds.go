package admin

import (
	"context"
	"errors"
	"fmt"

	"seekpoller/store"
)

// DestinationArgs name a destination.
type DestinationArgs struct {
	Destination string `json:"destination"`
}

// DestinationFacts are how a destination stands before a pause or a resumption.
type DestinationFacts struct {
	State  string `json:"state"`
	Since  Time   `json:"since"`
	Reason string `json:"reason,omitempty"`
	Owed   int64  `json:"owed"`
}

func (a DestinationArgs) words() string { return a.Destination }

func (s *Server) lookPause(ctx context.Context, args DestinationArgs) (Outcome, error) {
	d, facts, err := s.standing(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	switch d.State {
	case store.Paused, store.Parked:
		return Outcome{}, conflict(fmt.Sprintf("%s is %s already, since %s: %s", d.Name, d.State, exactly(d.StateSince), d.Reason),
			"nothing is sent to it as it is, until seek-poller destinations resume "+d.Name)
	case store.Removed:
		return Outcome{}, conflict(d.Name+" is no longer configured, so nothing is sent to it", "")
	}
	return Outcome{Facts: facts, Rows: 1, Undo: "seek-poller destinations resume " + d.Name + " --yes --reason undo", Says: []string{
		fmt.Sprintf("%s: nothing more is sent until a person resumes it; a send in hand goes on", d.Name),
		fmt.Sprintf("%s owed now wait, and so do all that come in meanwhile; nothing dies of age", counted(facts.Owed, "delivery", "deliveries")),
	}}, nil
}

func (s *Server) lookResume(ctx context.Context, args DestinationArgs) (Outcome, error) {
	d, facts, err := s.standing(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	switch d.State {
	case store.Active:
		return Outcome{}, conflict(d.Name+" is active already", "if its sends fail, see seek-poller destinations list")
	case store.Removed:
		return Outcome{}, conflict(d.Name+" is no longer configured", "put it back into the config: with that it is active again")
	}
	return Outcome{Facts: facts, Rows: 1, Undo: "seek-poller destinations pause " + d.Name + " --yes --reason undo", Says: []string{
		fmt.Sprintf("%s, %s since %s (%s), is active again, and its failures are forgotten", d.Name, d.State, exactly(d.StateSince), d.Reason),
		fmt.Sprintf("%s owed are sent as fast as it takes them", counted(facts.Owed, "delivery", "deliveries")),
	}}, nil
}

func (s *Server) standing(ctx context.Context, args DestinationArgs) (store.Destination, DestinationFacts, error) {
	d, err := s.destination(ctx, args.Destination)
	if err != nil {
		return d, DestinationFacts{}, err
	}
	facts := DestinationFacts{State: d.State, Since: Time{d.StateSince}, Reason: d.Reason}
	sum, err := s.config.Load().Store.Summary(ctx)
	for _, owed := range sum.Destinations {
		if owed.Name == d.Name {
			facts.Owed = owed.Owed
		}
	}
	return d, facts, err
}

func (s *Server) doPause(ctx context.Context, args DestinationArgs, seen Outcome, d store.Deed) (Outcome, error) {
	a, err := s.config.Load().Store.Pause(ctx, d, args.Destination)
	return seen.did(a), changedMeanwhile(err)
}

func (s *Server) doResume(ctx context.Context, args DestinationArgs, seen Outcome, d store.Deed) (Outcome, error) {
	a, err := s.config.Load().Store.Resume(ctx, d, args.Destination)
	return seen.did(a), changedMeanwhile(err)
}

func changedMeanwhile(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return conflict("the state of the destination has changed just now", "look again")
	}
	return err
}
