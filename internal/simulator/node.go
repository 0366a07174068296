package simulator

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// object is a value of an object type: its fields by name, and "__typename". A value may be a func() any, which is
// called only if the field is selected.
type object map[string]any

// refusal stands where a field cannot be answered: the executor makes an error of it.
type refusal struct{ code, message string }

// maker makes up the content of one event. The same entry always gets the same content, whatever is selected and in
// whatever order, because each part draws from a source of its own.
type maker struct {
	e      *entry
	canary string
}

func (m maker) rng(part uint64) *rand.Rand { return rand.New(rand.NewPCG(m.e.content, part)) }

// One source of randomness for each part of an event.
const (
	partIDs = iota
	partPerson
	partPosition
	partHirer
	partProfile
)

// node makes the event as the schema describes it.
func (m maker) node() any {
	e := m.e
	if e.unresolvable == "always" {
		return refusal{"INTERNAL_SERVER_ERROR", "the event could not be resolved"}
	}
	n := object{
		"__typename":     e.typeCode + "Event",
		"id":             oid(e.id),
		"typeCode":       e.typeCode,
		"schemeId":       e.scheme,
		"createDateTime": e.created,
	}
	m.addOwn(n)
	for _, path := range e.null {
		put(n, path, nil)
	}
	for _, path := range e.refused {
		put(n, path, refusal{"FORBIDDEN", "there is no hirer relationship that gives access to this object"})
	}
	return n
}

// addOwn adds the fields that the event's type has beyond those of the interface.
func (m maker) addOwn(n object) {
	own := object{}
	switch m.e.typeCode {
	case "CandidateApplicationCreated":
		own["candidateId"] = m.id("candidate:feed")
		own["candidate"] = m.candidate
	case "HirerRelationshipChanged":
		own["hirerId"] = m.hirerID()
		own["hirer"] = m.hirer
	case "PositionNotPosted":
		own["reasonId"] = m.id("positionNotPostedReason:events")
		own["seekPartnerPositionId"] = m.partnerReference()
	default:
		own["positionProfileId"] = m.id("positionProfile:jobAd")
		own["positionProfile"] = m.position
	}
	if kind, field, source := profileOf(m.e.typeCode); kind != "" {
		own[field+"Id"] = m.id(kind)
		own[field] = func() any { return m.profile(kind, source) }
	}
	for k, v := range own {
		n[k] = v
		if m.e.unresolvable == "details" {
			n[k] = refusal{"INTERNAL_SERVER_ERROR", "the field could not be resolved"}
		}
	}
}

// put sets the value at a path below an object, resolving what lies on the way.
func put(n object, path string, v any) {
	head, rest, deeper := strings.Cut(path, ".")
	if !deeper {
		n[head] = v
		return
	}
	switch below := force(n[head]).(type) {
	case object:
		n[head] = below
		put(below, rest, v)
	case []any:
		n[head] = below
		for _, b := range below {
			if o, ok := b.(object); ok {
				put(o, rest, v)
			}
		}
	}
}

func force(v any) any {
	if f, ok := v.(func() any); ok {
		return f()
	}
	return v
}

func oid(value string) object { return object{"__typename": "ObjectIdentifier", "value": value} }

// id makes the identifier of that kind; an event has at most one of each.
func (m maker) id(kind string) string {
	part := uint64(partIDs)
	for _, c := range kind {
		part = part*31 + uint64(c)
	}
	return objectID(m.rng(part), m.e.scheme, kind)
}

func (m maker) partnerReference() string {
	return fmt.Sprintf("REF-%06d", m.rng(partPosition).IntN(1_000_000))
}

// hirerNumber spreads the events over a handful of hirers, so that filters by hirer have something to do.
func (m maker) hirerNumber() int { return m.rng(partHirer).IntN(len(hirers)) }

func (m maker) hirerID() string {
	n := m.hirerNumber()
	return objectID(rand.New(rand.NewPCG(uint64(n), partHirer)), m.e.scheme, "organization:seek")
}

func (m maker) hirer() any {
	return object{
		"__typename": "HiringOrganization",
		"id":         oid(m.hirerID()),
		"name":       hirers[m.hirerNumber()],
		"seekApiCapabilities": object{
			"__typename":             "HiringOrganizationApiCapabilities",
			"relationshipTypeCodes":  []any{"ApplicationExport", "JobPosting"},
			"applicationMethodCodes": []any{"ApplicationUri"},
		},
	}
}
