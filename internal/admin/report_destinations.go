package admin

import (
	"context"

	"seekpoller/store"
)

// Destination is what one destination is owed.
type Destination struct {
	Name        string `json:"name"`
	Kind        string `json:"kind"`
	State       string `json:"state"` // active, down, paused, parked or removed
	Since       Time   `json:"state_since"`
	Reason      Text   `json:"reason"`
	Owed        int64  `json:"owed"`
	OldestOwed  Time   `json:"oldest_owed_at"`
	Delivered   int64  `json:"delivered"`
	Dead        int64  `json:"dead"`
	Failures    int    `json:"failures"` // in a row
	LastSuccess Time   `json:"last_success_at"`
	LastFailure Time   `json:"last_failure_at"`
	LastError   Text   `json:"last_error"` // why it fails; null once something was accepted. May quote the receiver
	NotBefore   Time   `json:"not_before"` // it asked to be left in peace until then
}

func (g *gathering) addDestinations(ctx context.Context) error {
	summary, err := g.from.Store.Summary(ctx)
	if err != nil {
		return err
	}
	destinations, err := g.from.Store.Destinations(ctx)
	if err != nil {
		return err
	}
	for _, d := range destinations {
		for _, owed := range summary.Destinations {
			if owed.Name == d.Name {
				g.addDestination(d, owed)
			}
		}
	}
	return nil
}

func (g *gathering) addDestination(d store.Destination, owed store.DestinationSummary) {
	out := Destination{
		Name: d.Name, Kind: d.Kind, State: d.State, Since: Time{d.StateSince}, Reason: Text(d.Reason), Owed: owed.Owed, OldestOwed: Time{owed.OldestOwedAt},
		Delivered: d.Delivered, Dead: owed.Dead, Failures: d.Failures, LastSuccess: Time{d.LastSuccessAt}, LastFailure: Time{d.LastFailureAt}, NotBefore: Time{d.NotBefore},
	}
	if d.Failures > 0 {
		out.LastError = Text(d.LastError)
	}
	switch {
	case d.State == store.Parked:
		g.problem("destination %s is parked: %s; mend the receiver, then seek-poller destinations resume %s", d.Name, d.Reason, d.Name)
	case d.State == store.Paused && owed.Owed > 0 && g.At.Sub(d.StateSince) > day:
		g.problem("destination %s has been paused since %s, and is owed %d events: was it forgotten? seek-poller destinations resume %s", d.Name, second(d.StateSince), owed.Owed, d.Name)
	case d.State == store.Removed && owed.Owed > 0:
		g.problem("destination %s is no longer configured, and is owed %d events: put it back, or seek-poller deliveries discard --destination %s", d.Name, owed.Owed, d.Name)
	case d.State == store.Active && d.Failures >= isDown:
		out.State = isDownState
		g.problem("destination %s is down: the last %d sends failed, the last with: %s", d.Name, d.Failures, d.LastError)
	}
	if owed.Dead > 0 {
		g.problem("destination %s: %d dead letters wait for a person: see seek-poller deliveries list --state dead --destination %s; then seek-poller deliveries retry, or discard", d.Name, owed.Dead, d.Name)
	}
	g.Destinations = append(g.Destinations, out)
}

const (
	isDown      = 3 // after so many failures in a row the outbox probes a destination instead of using it
	isDownState = "down"
)
