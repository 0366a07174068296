// Command ours hands on stored events with the product's relay and its Standard Webhooks sender. Everything is on: each request is signed and
// has an id, each attempt is recorded, and all of it is durable. With -record=false the sender alone is at work: what such requests cost by themselves.
package main

import (
	"context"
	"errors"
	"flag"
	"time"

	"golang.org/x/sync/errgroup"

	"seekpoller/bench/corpus"
	"seekpoller/bench/fill"
	"seekpoller/bench/task"
	"seekpoller/outbox"
	"seekpoller/store"
)

const destination = "bench"

var record = flag.Bool("record", true, "claim in the database, and settle; else only send")

func main() { task.Main(prepare, run) }

func prepare(ctx context.Context, t task.Task) error {
	if !*record {
		return nil
	}
	s, err := fill.Open(ctx, t.Database, destination)
	if err != nil {
		return err
	}
	defer s.Close()
	for from := 0; from < t.Events; from += corpus.Page {
		if err := s.Save(ctx, from, min(corpus.Page, t.Events-from)); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	if !*record {
		return send(ctx, t)
	}
	s, err := store.Open(ctx, t.Database, store.Options{Started: store.ReadClock()})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	sender, err := newSender(t)
	if err != nil {
		return 0, err
	}
	all := task.NewCountdown(t.Events)
	relay := outbox.New(outbox.Config{
		Store:        s,
		Destinations: []outbox.Destination{{Name: destination, Kind: "webhook", Sender: sender, Concurrency: t.Parallel}},
		Tried: func(try outbox.Try) {
			if try.Verdict == string(outbox.Accepted) {
				all.Happened(try.Deliveries)
			}
		},
	})
	ctx, stop := context.WithCancel(ctx)
	began := time.Now()
	go func() { <-all.Done; stop() }()
	err = relay.Run(ctx) // returns when the last result is durable
	return time.Since(began), err
}

// send gives the sender one delivery after the other, and keeps nothing.
func send(ctx context.Context, t task.Task) (time.Duration, error) {
	sender, err := newSender(t)
	if err != nil {
		return 0, err
	}
	events := fill.Page(0, min(t.Events, 1000)).Events
	sending, ctx := errgroup.WithContext(ctx)
	sending.SetLimit(t.Parallel)
	began := time.Now()
	for n := range t.Events {
		sending.Go(func() error {
			if sender.Send(ctx, []store.Delivery{{Event: events[n%len(events)], Attempt: 1}}).Verdict != outbox.Accepted {
				return errors.New("the receiver did not accept an event")
			}
			return nil
		})
	}
	err = sending.Wait()
	return time.Since(began), err
}

func newSender(t task.Task) (outbox.Sender, error) {
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Concurrency: t.Parallel})
	if err != nil {
		return nil, err
	}
	return outbox.NewStandardWebhook(outbox.WebhookConfig{
		Name: destination, URL: t.URL, Secret: []byte("a secret of thirty-two characters"), UserAgent: "seek-poller/bench", HTTP: hc,
	})
}
