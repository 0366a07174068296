package main

import (
	"context"
	"fmt"
)

// deliver races outboxes: stored events to a receiver in a process of its own.
func deliver(ctx context.Context, w *workshop, o options) (*race, error) {
	receiver, err := w.build(ctx, "deliver/receiver")
	if err != nil {
		return nil, err
	}
	r, err := newRace("net/http", o)
	if err != nil {
		return nil, err
	}
	if r.url, err = w.serve(receiver); err != nil {
		return nil, err
	}
	r.checked = func(events int) error { return taken(r.url, events) }
	r.enter(ctx, w, "deliver/nethttp", contestant{Name: r.base, Note: "the limit: posts, and keeps no record"})
	r.enter(ctx, w, "deliver/ours", contestant{Name: "ours", Note: "signs each request, records each attempt"})
	r.enter(ctx, w, "deliver/ours", contestant{Name: "ours, only sent", argv: []string{"-record=false"}, Note: "the same requests, and no database"})
	r.enter(ctx, w, "deliver/watermill", contestant{Name: "watermill", share: 4, argv: []string{"-parallel", "1"}, Note: "one at a time; a record each 100"})
	r.enter(ctx, w, "deliver/watermill", contestant{Name: "watermill, 8 topics", share: 20, Note: "8 at a time, and 8 writers; a record each 100"})
	r.enter(ctx, w, "deliver/goqite", contestant{Name: "goqite", share: 10, Note: "keeps no record of what was delivered"})
	r.enter(ctx, w, "deliver/river", contestant{Name: "river", share: 20})
	r.enter(ctx, w, "deliver/backlite", contestant{Name: "backlite", share: 100, Note: "keeps no record of what was delivered"})
	r.goals = []goal{
		{Name: "ours to bare net/http, events/s", Want: "at least 0.6", of: "ours", to: r.base, value: rateOf},
		{Name: "ours to the fastest outbox peer, events/s", Want: "at least 2", of: "ours",
			among: []string{"watermill", "watermill, 8 topics", "goqite", "river", "backlite"}, value: rateOf},
	}
	return r, nil
}

// taken says whether the receiver took so many. More than that is a peer that delivered twice, and is wrong as well.
func taken(url string, events int) error {
	said, err := ask(url + "taken")
	if err == nil && said != fmt.Sprint(events) {
		err = fmt.Errorf("the receiver took %s of %d", said, events)
	}
	return err
}
