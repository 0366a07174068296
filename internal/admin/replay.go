package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"seekpoller/store"
)

// ReplayArgs say which stored events are to be handed on again, and to which destination.
type ReplayArgs struct {
	Chosen
	Destination string `json:"destination"`
	Rate        int    `json:"rate,omitempty"` // a second; 0: 50
}

// ReplayFacts are what a replay would do, in figures.
type ReplayFacts struct {
	New      int64      `json:"new"`        // deliveries that are made
	Again    int64      `json:"again"`      // settled ones that are owed anew
	Owed     int64      `json:"still_owed"` // left as they are
	Purged   int64      `json:"purged"`     // left out, as are the next two
	Missing  int64      `json:"missing"`
	NotTaken int64      `json:"not_taken"`
	Oldest   NamedEvent `json:"oldest"`
	Newest   NamedEvent `json:"newest"`
	Rate     int        `json:"rate"`
	Seconds  int64      `json:"seconds"` // until the last is due
}

// NamedEvent is an event and when SEEK had it.
type NamedEvent struct {
	ID string `json:"id"`
	At Time   `json:"at"`
}

const (
	usualRate = 50
	mostRate  = 1000
)

func (s *Server) replay(ctx context.Context, args ReplayArgs) (store.Replay, store.Destination, error) {
	d, err := s.destination(ctx, args.Destination)
	if err != nil {
		return store.Replay{}, d, err
	}
	if d.State == store.Removed {
		return store.Replay{}, d, conflict(d.Name+" is no longer configured", "put it back into the config first")
	}
	if err := s.check(ctx, args.Chosen); err != nil {
		return store.Replay{}, d, err
	}
	rate, err := rateOf(args.Rate)
	if err != nil {
		return store.Replay{}, d, err
	}
	known := s.config.Load().Destinations
	i := slices.IndexFunc(known, func(c ConfiguredDestination) bool { return c.Name == d.Name })
	if i < 0 {
		return store.Replay{}, d, conflict("what "+d.Name+" takes is not known here, because no config says so", "add --config FILE")
	}
	takes := store.Takes{Streams: known[i].Streams, Types: known[i].Types, Hirers: known[i].Hirers}
	return store.Replay{Destination: d.Name, Takes: takes, EventID: args.Event, Events: args.filter(), Rate: rate}, d, nil
}

func rateOf(rate int) (int, error) {
	if rate == 0 {
		return usualRate, nil
	}
	if rate < 1 || rate > mostRate {
		return 0, badRequest(fmt.Sprintf("the rate is %d a second", rate), fmt.Sprintf("it may be from 1 to %d", mostRate))
	}
	return rate, nil
}

func (s *Server) lookReplay(ctx context.Context, args ReplayArgs) (Outcome, error) {
	r, d, err := s.replay(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	p, err := s.config.Load().Store.PreviewReplay(ctx, r)
	if err != nil {
		return Outcome{}, err
	}
	if p.Rows() == 0 {
		return Outcome{}, nothingToReplay(d.Name, p)
	}
	if err := spreads(p.Rows(), r.Rate); err != nil {
		return Outcome{}, err
	}
	lasts := store.Spread(p.Rows()-1, r.Rate)
	return Outcome{Says: append(replayWords(r, p, lasts), atRest(d)...), Rows: p.Rows(), Undo: undoOwed, Facts: ReplayFacts{
		New: p.New, Again: p.Again, Owed: p.Owed, Purged: p.Purged, Missing: p.Missing, NotTaken: p.NotTaken,
		Oldest: NamedEvent{p.Oldest.ID, Time{p.Oldest.At}}, Newest: NamedEvent{p.Newest.ID, Time{p.Newest.At}}, Rate: r.Rate, Seconds: int64(lasts.Seconds()),
	}}, nil
}

func replayWords(r store.Replay, p store.ReplayPreview, lasts time.Duration) []string {
	says := []string{
		fmt.Sprintf("%s to %s: %s that it was never owed, and %s settled before, which are owed anew", counted(p.Rows(), "event", "events"), r.Destination, grouped(p.New), grouped(p.Again)),
		fmt.Sprintf("the oldest: %s %s", exactly(p.Oldest.At), p.Oldest.ID),
		fmt.Sprintf("the newest: %s %s", exactly(p.Newest.At), p.Newest.ID),
	}
	if left := leftOut(p); left != "" {
		says = append(says, "left as they are: "+left)
	}
	return append(says,
		fmt.Sprintf("at %d a second the last is due in %s; events that come in meanwhile take their turn among them", r.Rate, lasts.Round(time.Second)),
		"each is sent under the same idempotency key as before: the receiver may have seen it, and should know it by that")
}

// undoOwed takes back what a deed had owed anew, as far as it was not sent.
const undoOwed = "seek-poller deliveries discard --action " + store.ThisAction + " --yes --reason undo"

// spreads refuses what would last too long to be spread.
func spreads(n int64, rate int) error {
	if store.Spread(n-1, rate) <= store.LongestSpread {
		return nil
	}
	need := n/int64(store.LongestSpread.Seconds()) + 1
	todo := fmt.Sprintf("add --rate %d, or choose fewer: at this rate %s at most", need, grouped(int64(rate)*int64(store.LongestSpread.Seconds())))
	if need > mostRate {
		todo = fmt.Sprintf("choose fewer, such as with --since and --until: at --rate %d there can be %s", mostRate, grouped(mostRate*int64(store.LongestSpread.Seconds())))
	}
	return conflict(fmt.Sprintf("%s at %d a second take longer than %s, which is too far ahead to plan", counted(n, "delivery", "deliveries"), rate, store.LongestSpread), todo)
}

func nothingToReplay(dest string, p store.ReplayPreview) error {
	left := leftOut(p)
	if left == "" {
		return &Error{Status: http.StatusConflict, What: "no stored event is chosen", Todo: "widen the filter, and see seek-poller events list; what is not stored can be had with seek-poller backfill"}
	}
	return &Error{Status: http.StatusConflict, What: "nothing would change: " + left, Todo: "see seek-poller deliveries list --destination " + dest}
}

func leftOut(p store.ReplayPreview) string {
	return join(p.Owed, "still owed, so sent anyway", p.Purged, "purged", p.Missing, "that SEEK could not give", p.NotTaken, "not taken by the destination as it is configured")
}

// join is counts with their words, without those that are zero.
func join(pairs ...any) (text string) {
	for i := 0; i < len(pairs); i += 2 {
		n := pairs[i].(int64)
		if n == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += grouped(n) + " " + pairs[i+1].(string)
	}
	return text
}

func (s *Server) doReplay(ctx context.Context, args ReplayArgs, seen Outcome, d store.Deed) (Outcome, error) {
	r, _, err := s.replay(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	a, err := s.config.Load().Store.Replay(ctx, d, r, s.clock)
	return seen.did(a), err
}

func (a ReplayArgs) words() string {
	return joinWords(flagWords("destination", a.Destination), a.Chosen.words())
}
