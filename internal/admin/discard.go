package admin

import (
	"context"

	"seekpoller/store"
)

func (s *Server) lookDiscard(ctx context.Context, args DeliveryArgs) (Outcome, error) {
	c, _, err := s.choice(ctx, args, DiscardStates[:])
	if err != nil {
		return Outcome{}, err
	}
	seen, err := s.previewDeliveries(ctx, c)
	if err != nil {
		return Outcome{}, err
	}
	all := total(seen.Destinations)
	owed, dead := all.Waiting+all.Sending+all.Retrying, all.Dead+all.Purged
	if owed+dead == 0 {
		return Outcome{}, nothingChosen("to discard", "", args.State)
	}
	var says []string
	for _, d := range seen.Destinations {
		says = append(says, d.Destination+": "+join(d.Waiting+d.Sending+d.Retrying, "owed and never to be sent", d.Dead+d.Purged, "dead and no longer waiting for a person"))
	}
	if all.Sending > 0 {
		says = append(says, grouped(all.Sending)+" of them are being sent now, and may arrive all the same")
	}
	says = append(says, "the events stay stored, and can be handed on later: deliveries retry --state discarded, or events replay")
	return Outcome{Says: says, Facts: seen, Rows: owed + dead,
		Undo: "seek-poller deliveries retry --state discarded --action " + store.ThisAction + " --yes --reason undo"}, nil
}

func (s *Server) doDiscard(ctx context.Context, args DeliveryArgs, seen Outcome, d store.Deed) (Outcome, error) {
	c, _, err := s.choice(ctx, args, DiscardStates[:])
	if err != nil {
		return Outcome{}, err
	}
	a, err := s.config.Load().Store.Discard(ctx, d, c)
	return seen.did(a), err
}
