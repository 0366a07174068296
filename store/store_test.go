package store_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"seekpoller/store"
)

// -keep leaves the databases of the tests in a directory, for a look with the sqlite3 shell.
var keep = flag.String("keep", "", "directory in which the tests leave their databases")

// clock is a machine whose time the test moves.
type clock struct {
	wall time.Time
	boot time.Duration
	id   string
}

func newClock() *clock {
	return &clock{wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), boot: time.Hour, id: "boot-1"}
}

func (c *clock) now() store.Instant {
	return store.Instant{Wall: c.wall, Boot: c.boot, BootID: c.id}
}

func (c *clock) pass(d time.Duration) {
	c.wall = c.wall.Add(d)
	c.boot += d
}

// world is a database, the clock that it is told, and one cursor.
type world struct {
	t     testing.TB
	clock *clock
	path  string
	s     *store.Store
	asked int
}

const (
	interval = time.Minute
	timeout  = 30 * time.Second
)

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: newClock(), path: filepath.Join(directory(t), "seek-poller.db")}
	w.open(true)
	t.Cleanup(func() { w.s.Close() })
	return w
}

func directory(t testing.TB) string {
	if *keep == "" {
		return t.TempDir()
	}
	dir := filepath.Join(*keep, filepath.FromSlash(t.Name()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func (w *world) open(create bool) {
	w.t.Helper()
	s, err := store.Open(context.Background(), w.path, store.Options{Create: create, Started: w.clock.now()})
	w.must(err)
	w.s = s
}

// restart closes and opens, as a new process would.
func (w *world) restart() {
	w.t.Helper()
	w.must(w.s.Close())
	w.open(false)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) live(stream string) store.Cursor {
	w.t.Helper()
	c, _, err := w.s.EnsureLive(context.Background(), store.NewCursor{Stream: stream, Fingerprint: "f1"}, w.clock.now())
	w.must(err)
	return c
}

func (w *world) destinations(names ...string) {
	w.t.Helper()
	var specs []store.DestinationSpec
	for _, name := range names {
		specs = append(specs, store.DestinationSpec{Name: name, Kind: "webhook"})
	}
	w.must(w.s.SyncDestinations(context.Background(), specs, w.clock.wall))
}

func (w *world) ask(cursor int64) store.Ask {
	w.asked++
	return store.Ask{CursorID: cursor, RequestID: fmt.Sprintf("request-%d", w.asked), Selection: "ids", First: 100, Interval: interval, Timeout: timeout}
}

// take takes a slot, waiting for it if it must.
func (w *world) take(cursor int64) store.Query {
	w.t.Helper()
	wait, err := w.s.SlotWait(context.Background(), interval, w.clock.now())
	w.must(err)
	w.clock.pass(wait)
	q, err := w.s.TakeSlot(context.Background(), w.ask(cursor), w.clock.now())
	w.must(err)
	return q
}

// save answers q one second later.
func (w *world) save(q store.Query, p store.Page) store.Saved {
	w.t.Helper()
	w.clock.pass(time.Second)
	saved, err := w.s.SavePage(context.Background(), q, p, w.clock.now())
	w.must(err)
	return saved
}

// fetch takes a slot and saves a page of the events.
func (w *world) fetch(cursor int64, position string, more bool, events ...store.Event) store.Saved {
	w.t.Helper()
	state := store.CaughtUp
	if more {
		state = store.Behind
	}
	return w.save(w.take(cursor), store.Page{Events: events, Position: position, State: state, More: more, Status: 200})
}

func event(n int, destinations ...string) store.Event {
	id := fmt.Sprintf("seekAnz:event:%06d", n)
	return store.Event{
		ID: id, Type: "CandidateApplicationCreated", Scheme: "seekAnz", Cursor: fmt.Sprintf("edge-%d", n), HirerID: "seekAnz:organization:1",
		CreatedAt:   time.Date(2026, 3, 1, 11, 0, 0, n*1000000, time.UTC),
		StreamedAt:  time.Date(2026, 3, 1, 11, 0, 1, n*1000000, time.UTC),
		Identifiers: json.RawMessage(`{"candidateId":"c` + fmt.Sprint(n) + `"}`),
		Node:        []byte(`{"__typename":"CandidateApplicationCreatedEvent","id":{"value":"` + id + `"}}`), Destinations: destinations,
	}
}

func events(from, n int, destinations ...string) []store.Event {
	all := make([]store.Event, n)
	for i := range all {
		all[i] = event(from+i, destinations...)
	}
	return all
}
