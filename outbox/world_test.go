package outbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"seekpoller/outbox"
	"seekpoller/store"
)

// canary stands for personal data: it is in every node and in what receivers say, and must not be in any log.
const canary = "Zoë Canary <zoe@example.test>"

// world is a store on a real file with a relay that can be started, stopped and crashed. It lives inside a bubble.
type world struct {
	testing.TB
	path         string
	store        *store.Store
	destinations []outbox.Destination
	now          func() time.Time
	cursor       store.Cursor
	boot         time.Duration // of the next query; never mind the slot
	events       []string      // ids, in order of arrival
	quiet        bool          // nothing is logged
	grace        time.Duration // of the relay; 0: its own
	alive        func(destination string, within time.Duration)
	tried        func(outbox.Try)
	jitter       func() float64
	log          bytes.Buffer // everything that relays logged
	logging      sync.Mutex

	relay   *outbox.Relay
	cancel  context.CancelFunc
	stopped chan error
}

func newWorld(t testing.TB, destinations ...outbox.Destination) *world {
	t.Helper()
	w := &world{TB: t, path: filepath.Join(t.TempDir(), "events.db"), destinations: destinations, now: time.Now}
	w.open()
	var specs []store.DestinationSpec
	for _, d := range destinations {
		specs = append(specs, store.DestinationSpec{Name: d.Name, Kind: "test"})
	}
	w.must(w.store.SyncDestinations(t.Context(), specs, time.Now()))
	c, _, err := w.store.EnsureLive(t.Context(), store.NewCursor{Stream: "s", Kind: "live", Fingerprint: "f"}, w.instant())
	w.must(err)
	w.cursor = c
	t.Cleanup(func() {
		w.stop()
		w.store.Close()
		if strings.Contains(w.log.String(), "Canary") {
			t.Errorf("personal data in the log:\n%s", w.log.String())
		}
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) instant() store.Instant {
	w.boot += 24 * time.Hour
	return store.Instant{Wall: time.Now().UTC(), Boot: w.boot, BootID: "boot"}
}

func (w *world) open() {
	w.Helper()
	s, err := store.Open(context.Background(), w.path, store.Options{Create: true, Started: store.Instant{Wall: time.Now(), BootID: "boot"}})
	w.must(err)
	w.store = s
}

// save puts n fresh events of the types, in turn, into the store, owed to all destinations, and wakes the relay.
func (w *world) save(n int, types ...string) {
	w.Helper()
	if len(types) == 0 {
		types = []string{"CandidateApplicationCreated"}
	}
	for n > 0 {
		k := min(n, 100)
		w.savePage(k, types)
		n -= k
	}
	if w.relay != nil {
		w.relay.Wake()
	}
}

func (w *world) savePage(n int, types []string) {
	w.Helper()
	ctx := context.Background()
	var to []string
	for _, d := range w.destinations {
		to = append(to, d.Name)
	}
	page := store.Page{State: store.CaughtUp, Status: 200}
	for i := range n {
		id := fmt.Sprintf("seekAnz:event:events:%d", len(w.events)+1)
		w.events = append(w.events, id)
		page.Position = id
		page.Events = append(page.Events, store.Event{
			ID: id, Type: types[i%len(types)], Scheme: "seekAnz", Cursor: id, CreatedAt: createdAt, StreamedAt: streamedAt,
			Identifiers: json.RawMessage(`{"candidateId":"c"}`), Node: fmt.Appendf(nil, `{"name":%q}`, canary), Destinations: to,
		})
	}
	q, err := w.store.TakeSlot(ctx, store.Ask{CursorID: w.cursor.ID, RequestID: "r", Selection: "ids", First: 100, Interval: time.Second, Timeout: time.Second}, w.instant())
	w.must(err)
	_, err = w.store.SavePage(ctx, q, page, w.instant())
	w.must(err)
}

// start runs a relay until stop.
func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	w.cancel, w.stopped = cancel, make(chan error, 1)
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewDevelopmentEncoderConfig()), zapcore.AddSync(lockedWriter{w}), zap.DebugLevel)
	log := zap.New(core)
	if w.quiet {
		log = nil
	}
	w.relay = outbox.New(outbox.Config{Store: w.store, Destinations: w.destinations, Now: func() time.Time { return w.now() }, Log: log,
		Grace: w.grace, Alive: w.alive, Tried: w.tried, Jitter: w.jitter})
	relay, stopped := w.relay, w.stopped
	go func() { stopped <- relay.Run(ctx) }()
}

// startOther runs a second relay, as another process on the same file would, until the returned function is called.
func (w *world) startOther() (stop func()) {
	w.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	other, err := store.Open(ctx, w.path, store.Options{Shared: true, Started: store.Instant{Wall: time.Now(), BootID: "boot"}})
	w.must(err)
	ended := make(chan error, 1)
	go func() { ended <- outbox.New(outbox.Config{Store: other, Destinations: w.destinations}).Run(ctx) }()
	return func() {
		cancel()
		w.must(<-ended)
		w.must(other.Close())
	}
}

type lockedWriter struct{ w *world }

func (l lockedWriter) Write(b []byte) (int, error) {
	l.w.logging.Lock()
	defer l.w.logging.Unlock()
	return l.w.log.Write(b)
}

// stop ends the relay in good order.
func (w *world) stop() {
	w.Helper()
	if w.cancel == nil {
		return
	}
	w.cancel()
	w.cancel = nil
	w.must(<-w.stopped)
}

// crash takes the database away before anything in hand can be recorded, and opens it again.
func (w *world) crash() {
	w.Helper()
	w.store.Close()
	w.stop()
	w.open()
}

// claim takes what a process takes that dies before it sends: the lease is one second.
func (w *world) claim(destination string, n int) []store.Delivery {
	w.Helper()
	claimed, err := w.store.Claim(context.Background(), destination, n, time.Second, time.Now())
	w.must(err)
	if len(claimed) != n {
		w.Fatalf("claimed: got %d, want %d", len(claimed), n)
	}
	return claimed
}

// resume does as a person who looks whether a destination is at rest, and ends that.
func (w *world) resume(destination string) {
	w.Helper()
	if w.destination(destination).State == store.Active {
		return
	}
	_, err := w.store.Resume(w.Context(), store.Deed{Actor: "tester", Verb: "destinations resume", Reason: "mended", At: time.Now()}, destination)
	w.must(err)
}

// deliveries are the rows of a destination by event id.
func (w *world) deliveries(destination string) map[string]store.DeliveryRow {
	w.Helper()
	rows, _, err := w.store.Deliveries(context.Background(), store.DeliveryFilter{Destination: destination, Limit: 1000})
	w.must(err)
	byID := map[string]store.DeliveryRow{}
	for _, r := range rows {
		byID[r.EventID] = r
	}
	return byID
}

// states counts the deliveries of a destination by state.
func (w *world) states(destination string) map[string]int {
	w.Helper()
	n := map[string]int{}
	for _, r := range w.deliveries(destination) {
		n[r.State]++
	}
	return n
}

func (w *world) destination(name string) store.Destination {
	w.Helper()
	all, err := w.store.Destinations(context.Background())
	w.must(err)
	for _, d := range all {
		if d.Name == name {
			return d
		}
	}
	w.Fatalf("destination %s is not there", name)
	return store.Destination{}
}

func (w *world) attempts(id, destination string) []store.Attempt {
	w.Helper()
	all, err := w.store.Attempts(context.Background(), id, destination)
	w.must(err)
	return all
}
