package graphql

import (
	"bytes"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Event is what can be read of a node. Whatever cannot be is zero; the node itself is whole.
type Event struct {
	ID       string // SEEK's; "": none that can be read
	Type     string // typeCode, such as CandidateApplicationCreated; types that SEEK adds are kept
	Typename string // GraphQL's, such as CandidateApplicationCreatedEvent
	Scheme   string
	HirerID  string // "": not told; many events tell it only through objects that SEEK may refuse

	CreatedAt time.Time // UTC

	// Identifiers are the fields that name what the event is about, by the names of SEEK's
	// webhooks (https://developer.seek.com/schema/webhooks), and for a candidate's profile
	// associatedPositionProfileId, which webhooks do not have.
	Identifiers map[string]string

	Unreadable string // why the node is not all there, without quoting it; "": it is
}

// Event reads the node into the generated struct of its type, in one strict pass. A node
// that does not pass is read leniently: first what every event has, field by field, then
// the rest as far as it goes. It never fails; Unreadable says what was amiss.
func (e Edge) Event() Event {
	typename := e.Node.typename()
	if fields := structOf(typename); fields != nil && json.Unmarshal(e.Node, fields) == nil {
		id := fields.GetId()
		event := Event{
			ID:       id.Value,
			Type:     fields.GetTypeCode(),
			Typename: typename,
			Scheme:   fields.GetSchemeId(),
		}
		event.complete(fields.GetCreateDateTime())
		event.identify(fields)
		return event
	}
	return e.Node.salvage()
}

// complete makes of type and typename what is missing of the two, reads the time, and says what is amiss.
func (e *Event) complete(created string) {
	if e.Typename == "" && e.Type != "" {
		e.Typename = e.Type + "Event"
	}
	if e.Type == "" {
		e.Type = strings.TrimSuffix(e.Typename, "Event")
	}
	at, err := time.Parse(time.RFC3339, created)
	if err != nil {
		e.amiss("createDateTime is not a time")
	} else {
		e.CreatedAt = at.UTC()
	}
	if e.ID == "" {
		e.amiss("id is not an identifier")
	}
}

// amiss keeps the first reason.
func (e *Event) amiss(why string) {
	if e.Unreadable == "" {
		e.Unreadable = why
	}
}

// typename is the node's __typename, by which it is read; genqlient asks for it first.
func (n Node) typename() string {
	d := jsontext.NewDecoder(bytes.NewBuffer(n))
	if open, err := enter(d, "node", '{'); !open || err != nil {
		return ""
	}
	for d.PeekKind() == '"' {
		switch i, err := readName(d, "node", []string{"__typename"}); {
		case err != nil:
			return ""
		case i == 0:
			name, _ := text(d, "__typename")
			return name
		case d.SkipValue() != nil:
			return ""
		}
	}
	return ""
}

// structOf is the generated struct for a node of this type; nil if there is none.
func structOf(typename string) eventIDs {
	switch typename {
	case "CandidateApplicationCreatedEvent":
		return new(eventIDsCandidateApplicationCreatedEvent)
	case "CandidateProfilePurchasedEvent":
		return new(eventIDsCandidateProfilePurchasedEvent)
	case "HirerRelationshipChangedEvent":
		return new(eventIDsHirerRelationshipChangedEvent)
	case "PositionNotPostedEvent":
		return new(eventIDsPositionNotPostedEvent)
	case "PositionProfileClosedEvent":
		return new(eventIDsPositionProfileClosedEvent)
	case "PositionProfilePostedEvent":
		return new(eventIDsPositionProfilePostedEvent)
	case "PositionProfileUpdatedEvent":
		return new(eventIDsPositionProfileUpdatedEvent)
	}
	return nil
}
