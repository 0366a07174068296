// Package fill puts events into a database of the product's, through its own store.
package fill

import (
	"context"
	"errors"
	"fmt"
	"time"

	"seekpoller/bench/corpus"
	"seekpoller/store"
)

// Stream and Fingerprint are those of the one cursor.
const (
	Stream      = "bench"
	Fingerprint = "bench"
)

// Store is a database with one stream, whose events go to one destination.
type Store struct {
	*store.Store
	destination string
	cursor      store.Cursor
}

// Open makes the database.
func Open(ctx context.Context, path, destination string) (*Store, error) {
	s, err := store.Open(ctx, path, store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		return nil, err
	}
	f := &Store{Store: s, destination: destination}
	if err := f.begin(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return f, nil
}

func (f *Store) begin(ctx context.Context) error {
	specs := []store.DestinationSpec{{Name: f.destination, Kind: "webhook"}}
	if err := f.SyncDestinations(ctx, specs, time.Now()); err != nil {
		return err
	}
	var err error
	f.cursor, _, err = f.EnsureLive(ctx, store.NewCursor{Stream: Stream, Kind: "live", Fingerprint: Fingerprint}, store.ReadClock())
	return err
}

// Save stores n events of the corpus as one page.
func (f *Store) Save(ctx context.Context, from, n int) error {
	q, err := f.Take(ctx)
	if err != nil {
		return err
	}
	return f.SaveFor(ctx, q, Page(from, n, f.destination))
}

// Take takes the slot for a query.
func (f *Store) Take(ctx context.Context) (store.Query, error) {
	return f.TakeSlot(ctx, store.Ask{CursorID: f.cursor.ID, RequestID: "bench", Selection: "ids", First: corpus.Page}, store.ReadClock())
}

// SaveFor stores the answer to q.
func (f *Store) SaveFor(ctx context.Context, q store.Query, p store.Page) error {
	saved, err := f.SavePage(ctx, q, p, store.ReadClock())
	if err == nil && saved.Fresh != len(p.Events) {
		err = fmt.Errorf("%d of %d events were new", saved.Fresh, len(p.Events))
	}
	return err
}

// Page is a page of n events of the corpus.
func Page(from, n int, destinations ...string) store.Page {
	p := store.Page{Position: corpus.Cursor(from + n - 1), State: store.Behind, More: true, Status: 200}
	for i := range n {
		p.Events = append(p.Events, corpus.Event(from+i, destinations...))
	}
	return p
}
