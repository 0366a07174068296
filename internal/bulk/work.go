package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"seekpoller/store"
)

// work is a daemon's writing: a page, and then for each destination a round of deliveries, until ctx ends.
func (l *load) work(ctx context.Context, s *store.Store) error {
	cursors, err := s.OpenCursors(ctx)
	if err != nil {
		return err
	}
	destinations, err := s.Destinations(ctx)
	if err != nil {
		return err
	}
	write := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		if err := l.page(write, s, cursors[l.Pages%len(cursors)], destinations); err != nil {
			return err
		}
		for _, d := range destinations {
			if err := l.round(write, s, d.Name); err != nil {
				return err
			}
		}
		time.Sleep(l.Pause)
	}
	return nil
}

// timed keeps how long the longest transaction took.
func (l *load) timed(do func() error) error {
	begun := time.Now()
	err := do()
	l.took = append(l.took, inMilliseconds(time.Since(begun)))
	l.Stall = max(l.Stall, l.took[len(l.took)-1])
	return err
}

func (l *load) page(ctx context.Context, s *store.Store, c store.Cursor, destinations []store.Destination) error {
	var q store.Query
	err := l.timed(func() (err error) {
		q, err = s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "bulk", Selection: "ids", First: perPage, Timeout: time.Second}, store.ReadClock())
		return err
	})
	if err != nil {
		return err
	}
	p := store.Page{State: store.Behind, More: true, Position: fmt.Sprint("busy-", q.ID), Status: 200, Events: l.fresh(c.Stream, destinations)}
	l.Pages++
	return l.timed(func() error {
		_, err := s.SavePage(ctx, q, p, store.ReadClock())
		return err
	})
}

// fresh makes a page of events that nobody had before.
func (l *load) fresh(stream string, destinations []store.Destination) []store.Event {
	var names []string
	for _, d := range destinations {
		names = append(names, d.Name)
	}
	random := rand.New(rand.NewPCG(rand.Uint64(), 1))
	now := time.Now().UTC()
	var events []store.Event
	for range perPage {
		n := random.IntN(1 << 40)
		kind, id := "CandidateApplicationCreated", "seekAnz:event:events:"+tail("busy", n)
		ids, hirer := identifiers(kind, subjectOf(n%5_000_000, random), random)
		events = append(events, store.Event{
			ID: id, Type: kind, Scheme: "seekAnz", HirerID: hirer, CreatedAt: now, StreamedAt: now, Identifiers: []byte(ids),
			Node: []byte(node(kind, id, ids, hirer, now, now)), Destinations: names,
		})
	}
	return events
}

// round claims what is due and has it accepted.
func (l *load) round(ctx context.Context, s *store.Store, destination string) error {
	now := time.Now().UTC()
	var claimed []store.Delivery
	err := l.timed(func() (err error) {
		claimed, err = s.Claim(ctx, destination, perPage, time.Minute, now)
		return err
	})
	if err != nil || len(claimed) == 0 {
		return err
	}
	settled := make([]store.Settlement, len(claimed))
	for i, d := range claimed {
		settled[i] = store.Settlement{Seq: d.Event.Seq, Attempt: d.Attempt, Outcome: store.Delivered, StartedAt: now, EndedAt: now, Status: 204, Batch: 1}
	}
	l.Settled += len(settled)
	return l.timed(func() error {
		_, err := s.Settle(ctx, destination, settled, now)
		return err
	})
}
