package admin

import (
	"context"
	"time"

	"seekpoller/store"
)

// chooser is what the forms of the page offer, and what was chosen.
type chooser struct {
	Stream, Type, State, Destination    string
	Candidate, Profile, Position, Hirer string
	Since, Until                        time.Time
	Streams, Types, Destinations        []string
	States                              []string
}

var deliveryStates = []string{"pending", "retrying", "parked", "delivered", "dead", "discarded"}

const rowsShown = 50

func (p *params) chooser() chooser {
	return chooser{
		Stream: p.text("stream"), Type: p.text("type"), State: p.oneOf("state", deliveryStates...), Since: p.moment("since"), Until: p.moment("until"),
		States: deliveryStates,
	}
}

// moment is a time as a form of the page sends it, which has no zone and is meant in UTC, or in any of the other forms.
func (p *params) moment(name string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, p.text(name)); err == nil {
			return t
		}
	}
	return p.time(name)
}

// offer reads what there is to choose from.
func (c *chooser) offer(ctx context.Context, s *store.Store) (err error) {
	if c.Streams, c.Types, err = s.StreamsAndTypes(ctx); err != nil {
		return err
	}
	all, err := s.Destinations(ctx)
	for _, d := range all {
		c.Destinations = append(c.Destinations, d.Name)
	}
	return err
}

// address is a page with what was chosen and more parameters.
func (c chooser) address(path string, more ...string) string {
	return address(path, append([]string{
		"stream", c.Stream, "type", c.Type, "state", c.State, "destination", c.Destination,
		"candidate", c.Candidate, "profile", c.Profile, "position", c.Position, "hirer", c.Hirer,
		"since", formTime(c.Since), "until", formTime(c.Until),
	}, more...)...)
}

// formTime is a time as the input fields of a browser want it.
func formTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05")
}
