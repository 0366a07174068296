package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"seekpoller/store"
)

// Chosen are the events that a deed is for. What is empty chooses all.
type Chosen struct {
	Event     string `json:"event,omitempty"` // this one alone, by SEEK's id
	Stream    string `json:"stream,omitempty"`
	Type      string `json:"type,omitempty"`
	Candidate string `json:"candidate,omitempty"`
	Profile   string `json:"profile,omitempty"`
	Position  string `json:"position,omitempty"`
	Hirer     string `json:"hirer,omitempty"`
	Since     Time   `json:"since,omitzero"`
	Until     Time   `json:"until,omitzero"`
}

func (c Chosen) filter() store.EventFilter {
	return store.EventFilter{Stream: c.Stream, Type: c.Type, Candidate: c.Candidate, Profile: c.Profile, Position: c.Position, Hirer: c.Hirer,
		Since: c.Since.Time, Until: c.Until.Time}
}

// words are the flags as they were given, for the record. The record outlives what is purged, so it names nobody: an id that may lead to a
// person is the beginning of its hash.
func (c Chosen) words() string {
	return flagWords("event", c.Event, "stream", c.Stream, "type", c.Type, "candidate", hashed(c.Candidate), "profile", hashed(c.Profile),
		"position", c.Position, "hirer", hashed(c.Hirer), "since", timeWords(c.Since), "until", timeWords(c.Until))
}

// flagWords are flags as on a command line, without those that are empty.
func flagWords(pairs ...string) string {
	text := ""
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if text != "" {
			text += " "
		}
		text += "--" + pairs[i] + " " + pairs[i+1]
	}
	return text
}

func hashed(id string) string {
	if id == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:6]) + "…"
}

func timeWords(t Time) string {
	if t.IsZero() {
		return ""
	}
	return exactly(t.Time)
}

// check refuses names that are not known, and a choice that contradicts itself.
func (s *Server) check(ctx context.Context, c Chosen) error {
	if c.Event != "" && c != (Chosen{Event: c.Event}) {
		return badRequest("an event is named, and a filter beside it", "give either the event or the filter")
	}
	if !c.Since.IsZero() && !c.Until.IsZero() && !c.Since.Before(c.Until.Time) {
		return badRequest("since is not before until, so nothing lies between", "")
	}
	if c.Event != "" {
		_, err := s.event(ctx, c.Event)
		return err
	}
	return s.checkStream(ctx, c.Stream)
}

// destination reads one that a person named.
func (s *Server) destination(ctx context.Context, name string) (store.Destination, error) {
	if name == "" {
		return store.Destination{}, badRequest("no destination is named", "add --destination NAME; seek-poller destinations list shows them")
	}
	if err := s.checkDestination(ctx, name); err != nil {
		return store.Destination{}, err
	}
	all, err := s.config.Load().Store.Destinations(ctx)
	for _, d := range all {
		if d.Name == name {
			return d, nil
		}
	}
	if err == nil {
		err = &Error{Status: http.StatusNotFound, What: "there is no destination " + name}
	}
	return store.Destination{}, err
}

// atRest says why nothing is sent to a destination, if nothing is.
func atRest(d store.Destination) []string {
	switch d.State {
	case store.Paused, store.Parked:
		return []string{d.Name + " is " + d.State + ", so nothing is sent to it before: seek-poller destinations resume " + d.Name}
	}
	return nil
}
