package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"seekpoller/store"
)

// DeliveryArgs say which deliveries are to be retried or discarded.
type DeliveryArgs struct {
	Chosen
	Destination string `json:"destination,omitempty"` // "": all
	State       string `json:"state,omitempty"`
	Action      int64  `json:"action,omitempty"` // only what this action settled, or had owed anew
	Rate        int    `json:"rate,omitempty"`   // of a retry, a second; 0: 50
}

// DeliveryFacts are what a deed would do with deliveries, in figures.
type DeliveryFacts struct {
	Destinations []DeliveriesAt `json:"destinations"`
	Seconds      int64          `json:"seconds,omitempty"` // until the last is due
}

// DeliveriesAt is how the chosen deliveries of one destination stand.
type DeliveriesAt struct {
	Destination string `json:"destination"`
	Waiting     int64  `json:"waiting"`   // due, or not tried yet
	Sending     int64  `json:"sending"`   // claimed just now
	Retrying    int64  `json:"retrying"`  // tried, and to be tried again later
	Dead        int64  `json:"dead"`      // given up
	Discarded   int64  `json:"discarded"` // given up by a person
	Purged      int64  `json:"purged"`    // settled, and the event was removed
}

// deedRoutes are the deeds that hand events on again, or no longer.
func (s *Server) deedRoutes(m *http.ServeMux) {
	serveDeed(s, m, deed[ReplayArgs]{verb: "events replay", look: s.lookReplay, do: s.doReplay, selector: ReplayArgs.words})
	serveDeed(s, m, deed[DeliveryArgs]{verb: "deliveries retry", look: s.lookRetry, do: s.doRetry, selector: DeliveryArgs.words})
	serveDeed(s, m, deed[DeliveryArgs]{verb: "deliveries discard", look: s.lookDiscard, do: s.doDiscard, selector: DeliveryArgs.words})
	serveDeed(s, m, deed[DestinationArgs]{verb: "destinations pause", look: s.lookPause, do: s.doPause, selector: DestinationArgs.words})
	serveDeed(s, m, deed[DestinationArgs]{verb: "destinations resume", look: s.lookResume, do: s.doResume, selector: DestinationArgs.words})
}

func (a DeliveryArgs) words() string {
	action := ""
	if a.Action != 0 {
		action = strconv.FormatInt(a.Action, 10)
	}
	return joinWords(flagWords("destination", a.Destination, "state", a.State, "action", action), a.Chosen.words())
}

func joinWords(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}

// RetryStates and DiscardStates are the words for which deliveries are meant. Without one a retry is for retrying and dead ones, and a discard
// for owed and dead ones.
var (
	RetryStates   = [...]string{"retrying", "dead", "discarded"}
	DiscardStates = [...]string{"owed", "dead"}
)

// choice is what the arguments mean, and the destinations they are for. known are the words for states.
func (s *Server) choice(ctx context.Context, args DeliveryArgs, known []string) (c store.DeliveryChoice, at []store.Destination, err error) {
	if args.Destination == "" && args.Action == 0 && args.Chosen == (Chosen{}) {
		return c, nil, badRequest("nothing says which deliveries", "name an event, a destination, or a filter")
	}
	if args.State != "" && !slices.Contains(known, args.State) {
		return c, nil, badRequest(fmt.Sprintf("the state is %q", args.State), "it may be "+strings.Join(known, ", "))
	}
	if err := errors.Join(s.checkDestination(ctx, args.Destination), s.check(ctx, args.Chosen)); err != nil {
		return c, nil, err
	}
	all, err := s.config.Load().Store.Destinations(ctx)
	if err != nil {
		return c, nil, err
	}
	c = store.DeliveryChoice{States: []string{store.Owed, store.Dead}, EventID: args.Event, Events: args.filter(), Action: args.Action}
	switch args.State {
	case store.Dead, store.Discarded:
		c.States = []string{args.State}
	case "owed", "retrying":
		c.States = []string{store.Owed}
	}
	for _, d := range all {
		if args.Destination == "" || d.Name == args.Destination {
			at = append(at, d)
			c.Destinations = append(c.Destinations, d.Name)
		}
	}
	return c, at, nil
}

func (s *Server) previewDeliveries(ctx context.Context, c store.DeliveryChoice) (DeliveryFacts, error) {
	config := s.config.Load()
	found, err := config.Store.PreviewDeliveries(ctx, c, config.Now().Wall)
	return DeliveryFacts{Destinations: rowsOf(found, func(p store.DeliveryPreview) DeliveriesAt { return DeliveriesAt(p) })}, err
}

func total(list []DeliveriesAt) (all DeliveriesAt) {
	for _, d := range list {
		all.Waiting += d.Waiting
		all.Sending += d.Sending
		all.Retrying += d.Retrying
		all.Dead += d.Dead
		all.Discarded += d.Discarded
		all.Purged += d.Purged
	}
	return all
}

func nothingChosen(what, left, state string) error {
	if left != "" {
		return conflict("nothing would change: "+left, "see seek-poller deliveries list")
	}
	if state == "" {
		return conflict("no delivery is chosen "+what, "delivered ones are replayed with events replay, and discarded ones retried with --state discarded; see seek-poller deliveries list")
	}
	return conflict("no "+state+" delivery is chosen "+what, "see seek-poller deliveries list")
}
