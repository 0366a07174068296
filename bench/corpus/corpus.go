// Package corpus makes the events that all contestants work on. The nth event is the same in every program and every run: random ids of up to
// 53 characters as SEEK's are, and a node of 600 to 2000 bytes, the size that a stream with details has.
package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// Page is how many events SEEK gives at a time.
const Page = 100

// Began is when the first event was put on its stream; the next come a second apart.
var Began = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// Type and Scheme are those of all events.
const (
	Type   = "CandidateApplicationCreated"
	Scheme = "seekAnz"
)

// source is the nth event's own; whoever draws from it in the same order gets the same ids.
func source(n int) *rand.Rand { return rand.New(rand.NewPCG(7, uint64(n))) }

func oid(random *rand.Rand, kind string) string {
	return fmt.Sprintf("seekAnz:%s:events:%016x%016x", kind, random.Uint64(), random.Uint64())[:53]
}

// subjects are the ids of an event and of what it is about. Events, profiles and candidates are new each time; a partner has so many positions
// open, and works for so many hirers.
type subjects struct{ id, profile, candidate, position, hirer string }

const (
	positions = 5000
	hirers    = 40
)

func draw(random *rand.Rand) subjects {
	return subjects{
		id: oid(random, "event"), profile: oid(random, "candidateProfile"), candidate: oid(random, "candidate"),
		position: oid(source(-1-random.IntN(positions)), "positionProfile"), hirer: oid(source(-1-random.IntN(hirers)), "organization"),
	}
}

// At is when the nth event was put on its stream.
func At(n int) time.Time { return Began.Add(time.Duration(n) * time.Second) }

// Cursor is the nth event's place.
func Cursor(n int) string { return fmt.Sprintf("seekAnz:cursor:%012d", n) }

// Node is the nth event as SEEK sends it.
func Node(n int) []byte {
	random := source(n)
	about := draw(random)
	out := fmt.Appendf(make([]byte, 0, 2048), `{"__typename":"%sEvent","createDateTime":%q,"id":{"value":%q},"schemeId":%q,"typeCode":%q,`+
		`"candidateApplicationProfileId":%q,"candidateId":%q,"candidateApplicationProfile":{"associatedPositionProfile":{"profileId":{"value":%q},`+
		`"positionOrganizations":[{"id":{"value":%q}}]},"employment":[`,
		Type, At(n).Format("2006-01-02T15:04:05.000Z"), about.id, Scheme, Type, about.profile, about.candidate, about.position, about.hirer)
	for i := range 1 + random.IntN(12) {
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, `{"organization":{"name":"Company %d"},"positionTitle":"Engineer %d","start":"20%02d-03","current":false}`,
			random.IntN(1e6), random.IntN(1e4), i)
	}
	return append(out, "]}}"...)
}

// Edge is the nth event in its place on the page.
func Edge(n int) string {
	return fmt.Sprintf(`{"cursor":%q,"streamDateTime":%q,"node":%s}`, Cursor(n), At(n).Format("2006-01-02T15:04:05.000Z"), Node(n))
}

// Answer is the page of n events from from on.
func Answer(from, n int, more bool) []byte {
	edges := make([]string, n)
	for i := range edges {
		edges[i] = Edge(from + i)
	}
	return fmt.Appendf(nil, `{"data":{"events":{"edges":[%s],"pageInfo":{"endCursor":%q,"hasNextPage":%t}}}}`,
		strings.Join(edges, ","), Cursor(from+n-1), more)
}

// Event is the nth event as the store takes it.
func Event(n int, destinations ...string) store.Event {
	about := draw(source(n))
	return store.Event{
		ID: about.id, Type: Type, Scheme: Scheme, Cursor: Cursor(n), CreatedAt: At(n), StreamedAt: At(n), HirerID: about.hirer,
		Identifiers: fmt.Appendf(nil, `{"associatedPositionProfileId":%q,"candidateApplicationProfileId":%q,"candidateId":%q}`,
			about.position, about.profile, about.candidate),
		Node:         Node(n),
		Destinations: destinations,
	}
}

// Body is what is posted for the nth event: the product's own envelope of it.
func Body(n int) []byte {
	e := Event(n)
	e.Seq, e.Stream, e.Source = int64(n+1), "bench", "live"
	return outbox.Envelope(store.Delivery{Event: e})
}
