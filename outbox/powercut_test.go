package outbox_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"seekpoller/internal/powercut"
	"seekpoller/outbox"
	"seekpoller/store"
)

var (
	powerCuts = flag.Int("powercut.cuts", 0, "power cuts, of all tests of them together, store's too; 0: some hundred")
	powerSeed = flag.Uint64("powercut.seed", 0, "seed of the power cuts; 0: a random one")
)

// diskVariable makes the test binary another program: it delivers into a directory below that.
const diskVariable = "OUTBOX_TEST_DISK"

func TestMain(m *testing.M) {
	disk := os.Getenv(diskVariable)
	if disk == "" {
		os.Exit(m.Run())
	}
	if err := spool(disk); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// spool hands pages of events on to a directory, with a relay as the daemon has it, and notes how many the store says are delivered.
func spool(disk string) error {
	notes, err := os.OpenFile(os.Getenv(powercut.Notes), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s, err := store.Open(ctx, filepath.Join(disk, "events.db"), store.Options{Create: true, Started: store.ReadClock()})
	if err != nil {
		return err
	}
	sender, err := outbox.NewDirectory(outbox.DirectoryConfig{Name: "spool", Path: filepath.Join(disk, "spool")})
	if err != nil {
		return err
	}
	if err := s.SyncDestinations(ctx, []store.DestinationSpec{{Name: "spool", Kind: "directory"}}, time.Now()); err != nil {
		return err
	}
	relay := outbox.New(outbox.Config{Store: s, Destinations: []outbox.Destination{{Name: "spool", Sender: sender, Batch: 4, Concurrency: 2}}})
	ended := make(chan error, 1)
	go func() { ended <- relay.Run(ctx) }()
	for page := range 8 {
		if err := spoolPage(ctx, s, page); err != nil {
			return err
		}
		relay.Wake()
		n, err := settled(ctx, s, 6*(page+1))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprint(notes, n); err != nil {
			return err
		}
	}
	stop()
	return <-ended
}

// spoolPage has 6 events, of which one is longer than a block of any file system.
func spoolPage(ctx context.Context, s *store.Store, page int) error {
	now := store.ReadClock()
	now.Boot += time.Duration(page) * time.Hour // never mind the slot
	c, _, err := s.EnsureLive(ctx, store.NewCursor{Stream: "s", Fingerprint: "f"}, now)
	if err != nil {
		return err
	}
	q, err := s.TakeSlot(ctx, store.Ask{CursorID: c.ID, RequestID: "r", Selection: "ids", First: 10, Interval: time.Second, Timeout: time.Second}, now)
	if err != nil {
		return err
	}
	p := store.Page{Position: fmt.Sprint("p", page), State: store.Behind, More: true, Status: 200}
	for i := range 6 {
		id := fmt.Sprintf("event:%d:%d", page, i)
		node := fmt.Appendf(nil, `{"name":%q}`, strings.Repeat("x", 1+i/5*9000))
		p.Events = append(p.Events, store.Event{ID: id, Type: "A", Scheme: "seekAnz", CreatedAt: createdAt, StreamedAt: streamedAt, Identifiers: json.RawMessage(`{}`), Node: node, Destinations: []string{"spool"}})
	}
	now.Boot += time.Second
	_, err = s.SavePage(ctx, q, p, now)
	return err
}

// settled waits until so many are delivered.
func settled(ctx context.Context, s *store.Store, want int) (int, error) {
	for {
		all, err := s.Destinations(ctx)
		if err != nil {
			return 0, err
		}
		if int(all[0].Delivered) >= want {
			return int(all[0].Delivered), nil
		}
		time.Sleep(time.Millisecond)
	}
}

// TestPowerCutInADirectory: of every delivery that is settled after a power cut the file is there and whole; nothing that was told to be delivered is
// owed or lost; and no file with a name for importers is half a one.
//
// Then the same as if syncs had been left out, which the same checks must find.
func TestPowerCutInADirectory(t *testing.T) {
	b := powercut.NewBench(t, *powerCuts, *powerSeed)
	if err := os.Mkdir(filepath.Join(b.Disk, "spool"), 0o700); err != nil {
		t.Fatal(err)
	}
	r := b.Record(diskVariable + "=" + b.Disk)
	var last powercut.Image
	for _, last = range r.Seen() {
	}
	j := &judge{recording: r, whole: last.Files}
	b.Hold(r, 0.2, j.look, "opens", "settled deliveries have their file", "files are whole", "settled deliveries stay settled", "every event is owed or settled")
	for name, lost := range map[string]struct {
		law  string
		sync func(path string) bool
	}{
		"files":     {"files are whole", func(path string) bool { return strings.HasPrefix(path, "spool/") }},
		"directory": {"settled deliveries have their file", func(path string) bool { return path == "spool" }},
	} {
		t.Run("without the sync of "+name, func(t *testing.T) {
			b.On(t).Catch(r, 60, j.look, func(ops []powercut.Op, i int) bool { return lost.sync(ops[i].Path) }, lost.law)
		})
	}
}

// judge looks at a directory and its database after a power cut.
type judge struct {
	recording *powercut.Recording
	whole     map[string][]byte // the files as they are at the end
}

func (j *judge) look(at string, c powercut.Cut, f *powercut.Findings) {
	path := filepath.Join(at, "events.db")
	s, err := store.Open(context.Background(), path, store.Options{Create: true, Started: store.Instant{Wall: time.Now(), BootID: "after the cut"}})
	f.Check(c, "opens", err == nil, "%v", err)
	if err != nil {
		return
	}
	defer s.Close()
	for name, content := range c.Image.Files {
		if base, there := strings.CutPrefix(name, "spool/"); there && !strings.HasPrefix(base, ".") {
			f.Check(c, "files are whole", bytes.Equal(content, j.whole[name]), "%s has %d bytes of %d", name, len(content), len(j.whole[name]))
		}
	}
	delivered := j.lookAtDeliveries(path, c, f)
	told := j.told(c)
	f.Check(c, "settled deliveries stay settled", delivered >= told, "%d of %d", delivered, told)
}

func (j *judge) lookAtDeliveries(path string, c powercut.Cut, f *powercut.Findings) (delivered int) {
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		panic(err) // it opens nothing yet
	}
	defer db.Close()
	rows, err := db.Query("SELECT e.id, o.due_at IS NOT NULL, o.delivered_at IS NOT NULL FROM events e LEFT JOIN outbox o ON o.seq = e.seq AND o.destination = 'spool'")
	f.Check(c, "opens", err == nil, "%v", err)
	if err != nil {
		return 0
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var owed, done bool
		err := rows.Scan(&id, &owed, &done)
		f.Check(c, "every event is owed or settled", err == nil && owed != done, "%s: %v", id, err)
		if !done {
			continue
		}
		delivered++
		name := "spool/" + outbox.Key(id, "spool") + ".json"
		content, there := c.Image.Files[name]
		f.Check(c, "settled deliveries have their file", there && len(content) > 0 && bytes.Equal(content, j.whole[name]), "%s: there %v, %d bytes", id, there, len(content))
	}
	return delivered
}

// told is how many had been said to be delivered by the time of the cut.
func (j *judge) told(c powercut.Cut) (n int) {
	for _, op := range j.recording.Ops[:c.After+1] {
		if op.Call == powercut.Note {
			fmt.Sscan(string(op.Data), &n)
		}
	}
	return n
}
