package graphql_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"seekpoller/graphql"
)

// bodyOf is an answer of 100 events as this selection makes them: about 0.6 or 2 kB each.
func bodyOf(details bool) []byte {
	more := ""
	if details {
		more = `"candidate":{"documentId":{"value":"seekAnz:candidate:feed:C1"},"person":{"name":{"formattedName":"Zoë Łukasz 王","given":"Zoë","family":"王"},` +
			`"communication":{"address":[{"line":"1 High St","city":"Fitzroy","postalCode":"3065","countryCode":"AU","formattedAddress":"1 High St"}],` +
			`"email":[{"address":"zoe@example.com"}],"phone":[{"formattedNumber":"+61 491 570 156"}]}},"seekPrimaryEmailAddress":null},` +
			`"note":"` + strings.Repeat("An accomplished worker. ", 40) + `",`
	}
	nodes := make([]string, 100)
	for i := range nodes {
		nodes[i] = strings.Replace(node, `"id":{"value":"seekAnz:event:events:A1"},`, fmt.Sprintf(`%s"id":{"value":"seekAnz:event:events:A%d"},`, more, i), 1)
	}
	return []byte(answer(nodes...))
}

func benchmark(b *testing.B, do func(*testing.B, []byte)) {
	for _, details := range []bool{false, true} {
		name := map[bool]string{false: "ids", true: "details"}[details]
		b.Run(name, func(b *testing.B) {
			body := bodyOf(details)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				do(b, body)
			}
			b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// The strict pass over a page of 100.
func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(b *testing.B, body []byte) {
		if page, err := graphql.Decode(body); err != nil || len(page.Edges) != 100 {
			b.Fatal(page, err)
		}
	})
}

// The same, and reading each node.
func BenchmarkDecodeAndRead(b *testing.B) {
	benchmark(b, func(b *testing.B, body []byte) {
		page, err := graphql.Decode(body)
		if err != nil {
			b.Fatal(err)
		}
		for _, e := range page.Edges {
			if event := e.Event(); event.Unreadable != "" {
				b.Fatal(event.Unreadable)
			}
		}
	})
}

// A whole exchange over loopback.
func BenchmarkEvents(b *testing.B) {
	body := string(bodyOf(false))
	c := client(b, server(b, serve(200, nil, body)), graphql.TransportConfig{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Events(context.Background(), "t", query); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
