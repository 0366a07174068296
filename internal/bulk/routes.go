package main

import (
	"fmt"
	"net/url"
)

// routes are what people and programs ask.
var routes = []route{
	fixed("/healthz"), // which reads nothing: what the machine alone takes
	fixed("/api/v1/status"),
	fixed("/"),
	of("/event", "/event", func(s sample) url.Values { return url.Values{"id": {s.id}} }),
	of("/search by candidate", "/search", func(s sample) url.Values { return url.Values{"q": {s.candidate}} }),
	of("/search by type and time", "/search", func(s sample) url.Values {
		return url.Values{"stream": {s.stream}, "type": {s.kind}, "since": {s.from}}
	}),
	fixed("/deliveries?state=dead"),
	of("explain an event", "/api/v1/explain", func(s sample) url.Values { return url.Values{"id": {s.id}} }),
	of("explain a candidate", "/api/v1/explain", func(s sample) url.Values { return url.Values{"id": {s.candidate}} }),
	of("explain a position", "/api/v1/explain", func(s sample) url.Values { return url.Values{"position": {s.position}} }),
	of("explain a hirer", "/api/v1/explain", func(s sample) url.Values { return url.Values{"hirer": {s.hirer}} }),
	of("event by id", "/api/v1/event", func(s sample) url.Values { return url.Values{"id": {s.id}} }),
	of("events of a candidate", "/api/v1/events", func(s sample) url.Values { return url.Values{"candidate": {s.candidate}} }),
	of("events of a profile", "/api/v1/events", func(s sample) url.Values { return url.Values{"profile": {s.profile}} }),
	of("events of a position", "/api/v1/events", func(s sample) url.Values { return url.Values{"position": {s.position}} }),
	of("events of a hirer", "/api/v1/events", func(s sample) url.Values { return url.Values{"hirer": {s.hirer}} }),
	of("events of a hirer before", "/api/v1/events", func(s sample) url.Values { return url.Values{"hirer": {s.hirer}, "until": {s.from}} }),
	of("events, type and time", "/api/v1/events", func(s sample) url.Values { return url.Values{"type": {s.kind}, "since": {s.from}} }),
	of("events, stream, type, until", "/api/v1/events", func(s sample) url.Values {
		return url.Values{"stream": {s.stream}, "type": {"CandidateProfilePurchased"}, "until": {s.from}}
	}),
	fixed("/api/v1/events"),
	fixed("/api/v1/deliveries"),
	fixed("/api/v1/deliveries?state=dead"),
	fixed("/api/v1/deliveries?state=retrying"),
	fixed("/api/v1/deliveries?state=dead&destination=ats"),
	of("deliveries, delivered, until", "/api/v1/deliveries", func(s sample) url.Values {
		return url.Values{"state": {"delivered"}, "until": {s.from}} // a part of a search through all
	}),
	of("attempts of an event", "/api/v1/attempts", func(s sample) url.Values { return url.Values{"event": {s.id}} }),
	fixed("/api/v1/cursors"),
	fixed("/api/v1/queries"),
	fixed("/api/v1/queries?stream=relationships"),
	fixed("/api/v1/destinations"),
	fixed("/api/v1/actions"),
	fixed("/api/v1/backfills"),
	route{"feed", func(s sample) string { return fmt.Sprint("/api/v1/feed?limit=100&after=", s.seq) }},
	route{"feed, 1000 events", func(s sample) string { return fmt.Sprint("/api/v1/feed?limit=1000&after=", s.seq) }},
	route{"feed, of a hirer", func(s sample) string {
		return fmt.Sprint("/api/v1/feed?hirer=", url.QueryEscape(s.hirer), "&after=", s.seq)
	}},
	route{"feed, nothing chosen", func(s sample) string { return fmt.Sprint("/api/v1/feed?type=none&after=", s.seq) }},
	fixed("/readyz"),
	fixed("/metrics"),
}
