// Package corpus makes the events that all contestants work on. The nth event is the same in every program and every run: a random id of
// 53 characters as SEEK's are, and a node of 600 to 2000 bytes.
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

var filler = strings.Repeat("Seek and ye shall find. ", 100)

// Node is the nth event as SEEK sends it.
func Node(n int) []byte {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	id := oid(random, "event")
	profile, hirer := oid(random, "candidateProfile"), oid(random, "organization")
	at := stamp(n)
	return fmt.Appendf(make([]byte, 0, 2100), `{"__typename":"CandidateApplicationCreatedEvent","id":{"value":%q},"typeCode":%q,"schemeId":%q,`+
		`"createDateTime":%q,"candidateApplicationProfileId":%q,"candidate":{"documentId":{"value":%q}},`+
		`"candidateApplicationProfile":{"profileId":{"value":%q},"associatedPositionOpenings":[]},`+
		`"positionProfile":{"profileId":{"value":%q},"positionOrganizations":[{"documentId":{"value":%q}}]},"filler":%q}`,
		id, Type, Scheme, at, profile, oid(random, "candidate"), profile, oid(random, "positionProfile"), hirer, filler[:random.IntN(1400)])
}

// Event is the nth event as the store takes it.
func Event(n int, destinations ...string) store.Event {
	random := rand.New(rand.NewPCG(7, uint64(n)))
	return store.Event{
		ID: oid(random, "event"), Type: Type, Scheme: Scheme, Cursor: Cursor(n),
		CreatedAt: Began.Add(time.Duration(n) * time.Second), StreamedAt: Began.Add(time.Duration(n) * time.Second),
		Identifiers:  fmt.Appendf(nil, `{"candidateApplicationProfileId":%q}`, oid(random, "candidateProfile")),
		HirerID:      oid(random, "organization"),
		Node:         Node(n),
		Destinations: destinations,
	}
}

// Cursor is the nth event's place.
func Cursor(n int) string { return fmt.Sprintf("seekAnzPublic:cursor:%012d", n) }

// Body is what is posted for the nth event: the product's own envelope of it.
func Body(n int) []byte {
	e := Event(n)
	e.Seq, e.Stream, e.Source = int64(n+1), "bench", "live"
	return outbox.Envelope(store.Delivery{Event: e})
}

func oid(random *rand.Rand, kind string) string {
	return fmt.Sprintf("seekAnz:%s:events:%016x%016x", kind, random.Uint64(), random.Uint64())[:53]
}

func stamp(n int) string {
	return Began.Add(time.Duration(n) * time.Second).Format("2006-01-02T15:04:05.000Z")
}
