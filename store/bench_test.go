package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"seekpoller/store"
)

const perPage = 100

// pageOf is the nth page of events, with random ids and nodes of about 1300 bytes.
func pageOf(n int) []store.Event {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	filler := strings.Repeat("x", 1150)
	all := events(n*perPage, perPage, "ats")
	for i := range all {
		e := &all[i]
		e.ID = fmt.Sprintf("seekAnz:event:events:%016x%016x", random.Uint64(), random.Uint64())
		e.Node = fmt.Appendf(nil, `{"__typename":"CandidateApplicationCreatedEvent","id":{"value":%q},"filler":%q}`, e.ID, filler)
	}
	return all
}

// BenchmarkSavePage applies pages of 100 fresh events with one delivery each, durably.
func BenchmarkSavePage(b *testing.B) {
	w := newWorld(b)
	w.destinations("ats")
	c := w.live("applications")
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		q := w.take(c.ID)
		page := store.Page{Events: pageOf(n), Position: fmt.Sprint("p", n), State: store.Behind, More: true}
		b.StartTimer()
		_, err := w.s.SavePage(context.Background(), q, page, w.clock.now())
		w.must(err)
	}
	b.ReportMetric(float64(b.N*perPage)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkClaimSettle claims and settles batches of 64, durably.
func BenchmarkClaimSettle(b *testing.B) {
	const batch = 64
	w := newWorld(b)
	w.destinations("ats")
	c := w.live("applications")
	owed := 0
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		for ; owed < batch; owed += perPage {
			w.fetch(c.ID, fmt.Sprint("p", n), true, events(n*perPage, perPage, "ats")...)
		}
		owed -= batch
		b.StartTimer()
		w.deliver("ats", batch)
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "deliveries/s")
}
