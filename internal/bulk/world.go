package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// stream is a series of events of some types, each with its share in percent.
type stream struct {
	name  string
	pages int // of fifty
	types []share
}

type share struct {
	of    int
	event string
}

var streams = []stream{
	{"applications", 39, []share{{98, "CandidateApplicationCreated"}, {2, "CandidateProfilePurchased"}}},
	{"positions", 10, []share{{32, "PositionProfilePosted"}, {43, "PositionProfileUpdated"}, {22, "PositionProfileClosed"}, {3, "PositionNotPosted"}}},
	{"relationships", 1, []share{{100, "HirerRelationshipChanged"}}},
}

// streamOf is the stream of a page: a fixed pattern of fifty pages.
func streamOf(page int) stream {
	at := page * 7 % 50
	for _, s := range streams {
		if at -= s.pages; at < 0 {
			return s
		}
	}
	panic("the shares of the streams are not fifty")
}

func (s stream) pick(r *rand.Rand) string {
	at := r.IntN(100)
	for _, t := range s.types {
		if at -= t.of; at < 0 {
			return t.event
		}
	}
	panic("the shares of the types are not a hundred")
}

// calendar says when things happen: more by day than by night.
type calendar struct {
	begin  time.Time
	length time.Duration
	events int
}

// at is when the nth event came into the stream.
func (c calendar) at(n int) time.Time {
	days := float64(n) / float64(c.events) * c.length.Hours() / 24
	days += 0.1 * math.Sin(2*math.Pi*days)
	return c.begin.Add(time.Duration(days * 24 * float64(time.Hour))).Truncate(time.Millisecond)
}

// subject is what an event is about.
type subject struct{ candidate, profile, position, hirer string }

// subjectOf makes candidates with one to three events each, positions with about fifty, and 500 hirers of which few have most.
func subjectOf(n int, r *rand.Rand) subject {
	const block = 6000 // of them, a candidate's are a thousand events apart
	row, column := n%block/1000, n%1000
	position := max(0, n/50-r.IntN(200))
	luck := rand.New(rand.NewPCG(7, uint64(position))).Float64()
	return subject{
		candidate: "seekAnz:candidate:feed:" + tail("candidate", n/block*3000+[]int{0, 1, 1, 2, 2, 2}[row]*1000+column),
		profile:   "seekAnz:candidateProfile:apply:" + tail("profile", n),
		position:  "seekAnz:positionProfile:jobAd:" + tail("position", position)[:10],
		hirer:     "seekAnz:organization:seek:" + tail("hirer", int(500*luck*luck))[:8],
	}
}

// identifiers are as graphql makes them, and hirer "" where SEEK does not tell.
func identifiers(kind string, s subject, r *rand.Rand) (text, hirer string) {
	hirer = s.hirer
	if r.IntN(100) < 3 {
		hirer = ""
	}
	switch kind {
	case "CandidateApplicationCreated":
		return `{"associatedPositionProfileId":"` + s.position + `","candidateApplicationProfileId":"` + s.profile + `","candidateId":"` + s.candidate + `"}`, hirer
	case "CandidateProfilePurchased":
		return fmt.Sprintf(`{"associatedPositionProfileId":%q,"candidateProfileId":%q}`, s.position, s.profile), hirer
	case "HirerRelationshipChanged":
		return "{}", s.hirer
	case "PositionNotPosted":
		return fmt.Sprintf(`{"reasonId":"seekAnz:positionNotPostedReason:2","seekPartnerPositionId":%q}`, s.position), ""
	}
	return fmt.Sprintf(`{"positionProfileId":%q}`, s.position), hirer
}

// node is about what SEEK sends for it.
func node(kind, id, subjects, hirer string, created, streamed time.Time) string {
	return `{"__typename":"` + kind + `Event","id":{"value":"` + id + `"},"typeCode":"` + kind + `","createDateTime":"` + stamp(created) +
		`","streamDateTime":"` + stamp(streamed) + `","hirer":"` + hirer + `","ids":` + subjects + `}`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

const letters = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"

// tail is the last part of an id: it looks random, and is always the same for the same thing.
func tail(kind string, n int) string {
	var seed uint64
	for _, c := range []byte(kind) {
		seed = seed*31 + uint64(c)
	}
	random := rand.NewPCG(seed, uint64(n))
	var text [22]byte
	for i := range text {
		text[i] = letters[random.Uint64()%uint64(len(letters))]
	}
	return string(text[:])
}
