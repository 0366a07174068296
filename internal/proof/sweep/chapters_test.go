package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"seekpoller/store"
)

// chapter is a part of a database's life: each begins with the database that the one before it left.
type chapter struct {
	name  string
	steps []step
	after time.Duration // since the beginning
	opens bool          // to open the database is part of it
	old   bool          // it begins with a database of the first version
	long  bool          // thousands of calls, so that some are left out even of the long run
}

// step is one call of the store. It can be made by a process that comes later and has nothing in memory.
type step struct {
	label string
	call  func(*hand) error
	after time.Duration // more than a second after the step before it
}

const (
	interval = time.Minute
	timeout  = 30 * time.Second
	lease    = 5 * time.Minute
)

var both = []string{"ats", "spool"}

func chapters() []chapter {
	return []chapter{
		{name: "create", opens: true, steps: []step{{"destinations", destinations, 0}, {"cursor", cursor, 0}}},
		{name: "slot", after: time.Hour, steps: []step{{"slot", take, 0}, {"failure", fail, 0}, {"next slot", take, interval}, {"hold", hold, 0}}},
		{name: "page", after: 2 * time.Hour, steps: []step{{"slot", take, 0}, {"page", page(1, 15, "p1"), 0}, {"next slot", take, interval}, {"last page", page(11, 10, "p2"), 0}}},
		{name: "claim", after: 3 * time.Hour, steps: []step{{"ats", claim("ats", 12), 0}, {"spool", claim("spool", 30), 0}}},
		{name: "release", after: 3*time.Hour + 30*time.Minute, steps: []step{{"claim", claim("ats", 1000), 0}, {"release", release("ats"), 0}, {"claim again", claimAgain("ats"), 0}}},
		{name: "settle", after: 4 * time.Hour, steps: []step{{"claim ats", claim("ats", 1000), 0}, {"settle ats", settle("ats", store.Retry), 0}, {"claim spool", claim("spool", 1000), 0}, {"settle spool", settle("spool", store.Delivered), 0}}},
		{name: "dead letter", after: 5 * time.Hour, steps: []step{{"claim", claim("ats", 1000), 0}, {"dead", settle("ats", store.Dead), 0}, {"retry", retry, 0}, {"discard", discard, 0}}},
		{name: "purge", after: 6 * time.Hour, steps: []step{{"purge", purge, 0}, {"wipe", wipe, 0}}},
		{name: "migration", old: true, opens: true, after: 6500 * time.Hour},
		{name: "upkeep", after: 500 * 24 * time.Hour, steps: []step{{"round", upkeep, 0}}},
		{name: "checkpoint", after: 501 * 24 * time.Hour, long: true, steps: []step{{"slot", take, 0}, {"large page", largePage, 0}, {"next slot", take, interval}, {"page", page(200, 5, "p4"), 0}}},
	}
}

func chapterNamed(name string) chapter {
	for _, c := range chapters() {
		if c.name == name {
			return c
		}
	}
	panic("no chapter " + name)
}

var ctx = context.Background()

func destinations(h *hand) error {
	return h.s.SyncDestinations(ctx, []store.DestinationSpec{{Name: both[0], Kind: "webhook"}, {Name: both[1], Kind: "directory"}}, h.wall)
}

func cursor(h *hand) error {
	_, _, err := h.s.EnsureLive(ctx, store.NewCursor{Stream: "applications", Fingerprint: "f1"}, h.now())
	return err
}

func take(h *hand) (err error) {
	h.query, err = h.s.TakeSlot(ctx, store.Ask{
		CursorID: 1, RequestID: "request", Selection: "ids", First: 100, Interval: interval, Timeout: timeout,
	}, h.now())
	return err
}

// taken takes a slot if the one that was taken is gone with the process that took it.
func taken(h *hand) error {
	if h.query.ID != 0 {
		return nil
	}
	return take(h)
}

func fail(h *hand) error {
	if err := taken(h); err != nil {
		return err
	}
	return h.s.Fail(ctx, h.query, store.Failure{Kind: "transient", Message: "no answer", Wait: time.Minute, NextQueryAt: h.wall.Add(time.Minute)}, h.now())
}

func hold(h *hand) error {
	return h.s.Hold(ctx, []int64{1}, store.Failure{Kind: "transient", Message: "no token", Wait: time.Minute, NextQueryAt: h.wall.Add(time.Minute)}, h.now())
}

func page(first, n int, position string) func(*hand) error {
	return save(store.Page{Events: events(first, n, 100), Position: position, State: store.Behind, More: true, Status: 200})
}

// largePage has more than SQLite leaves in the log: its commit moves the log into the database by itself.
func largePage(h *hand) error {
	return save(store.Page{Events: events(100, 100, 100_000), Position: "p3", State: store.Behind, More: true, Status: 200})(h)
}

func save(p store.Page) func(*hand) error {
	return func(h *hand) error {
		if err := taken(h); err != nil {
			return err
		}
		_, err := h.s.SavePage(ctx, h.query, p, h.now())
		return err
	}
}

func events(first, n, size int) []store.Event {
	all := make([]store.Event, n)
	for i := range all {
		id := fmt.Sprintf("seekAnz:event:%06d", first+i)
		at := time.Date(2026, 3, 1, 11, 0, 0, (first+i)*1e6, time.UTC)
		all[i] = store.Event{
			ID: id, Type: "CandidateApplicationCreated", Scheme: "seekAnz", Cursor: "edge-" + id, HirerID: "seekAnz:organization:1",
			CreatedAt: at, StreamedAt: at, Destinations: both,
			Identifiers: fmt.Appendf(nil, `{"candidateId":%q}`, person(first+i)),
			Node:        fmt.Appendf(nil, `{"id":{"value":%q},"text":%q}`, id, strings.Repeat("x", size)),
		}
	}
	return all
}

// person is whom an event is about.
func person(event int) string { return fmt.Sprintf("canary-of-person-%d", event%4) }

func deed(h *hand, verb string) store.Deed {
	return store.Deed{Actor: "anna", Verb: verb, Reason: "the receiver was mended", At: h.wall}
}

func dead(id int) store.DeliveryChoice {
	return store.DeliveryChoice{Destinations: []string{"ats"}, States: []string{store.Dead}, EventID: fmt.Sprintf("seekAnz:event:%06d", id)}
}

func retry(h *hand) error {
	_, err := h.s.Retry(ctx, deed(h, "deliveries retry"), dead(5), 10)
	return err
}

func discard(h *hand) error {
	_, err := h.s.Discard(ctx, deed(h, "deliveries discard"), dead(10))
	return err
}

func purge(h *hand) error {
	p := store.Purge{Candidate: person(2)}
	found, err := h.s.PreviewPurge(ctx, p)
	if err != nil {
		return err
	}
	d := deed(h, "purge")
	d.Selector = p.Selector()
	_, _, err = h.s.Purge(ctx, d, p, found, h.clock)
	return err
}

func wipe(h *hand) error { return round(h.s.NewWiping(h.clock)) }

func upkeep(h *hand) error {
	return round(h.s.NewUpkeep(store.Retention{Payloads: 30 * 24 * time.Hour, Records: 400 * 24 * time.Hour}, h.wall, h.clock))
}

func round(u *store.Upkeep) error {
	for again := 0; ; {
		more, _, err := u.Step(ctx)
		switch {
		case errors.Is(err, store.ErrLogInUse) && again < 3: // the judge reads
			again++
		case err != nil || !more:
			return err
		}
	}
}
