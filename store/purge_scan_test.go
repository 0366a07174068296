package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"seekpoller/store"
)

// A canary is in every piece of personal data of one event, over and over, so that even a torn piece of it holds one whole.
var canary = regexp.MustCompile(`canary-[0-9a-f]{16}`)

// town is a database in which people apply, are told of, and are purged, in a random order.
type town struct {
	*world
	random  *rand.Rand
	cursor  int64
	stored  []store.Event
	present map[string]bool // canaries and candidates that are stored
	gone    map[string]bool // and those that were purged
}

func newTown(t testing.TB, seed uint64) *town {
	w := newWorld(t)
	w.destinations("ats", "spool")
	return &town{world: w, random: rand.New(rand.NewPCG(seed, 1)), cursor: w.live("applications").ID, present: map[string]bool{}, gone: map[string]bool{}}
}

func (c *town) token() string { return fmt.Sprintf("canary-%016x", c.random.Uint64()) }

// applicant is an event of a new person, with a payload of up to some pages.
func (c *town) applicant() store.Event {
	person := c.token()
	size := 1 + c.random.IntN(40)
	if c.random.IntN(20) == 0 {
		size = c.random.IntN(1500)
	}
	e := event(len(c.stored)+1, "ats", "spool")
	e.ID = fmt.Sprintf("seekAnz:event:%016x", c.random.Uint64())
	e.Again = []string{"ats", "spool"}
	e.HirerID = fmt.Sprintf("hirer-%d", c.random.IntN(50))
	e.Identifiers = json.RawMessage(fmt.Sprintf(`{"candidateId":%q,"candidateApplicationProfileId":%q,"positionProfileId":"p%d"}`, person, "profile-"+person, c.random.IntN(300)))
	e.Node = fmt.Appendf(nil, `{"candidate":{"id":%q},"text":"%s"}`, person, strings.Repeat(person, size))
	e.Refused = json.RawMessage(fmt.Sprintf(`[{"message":"not %s"}]`, person))
	e.Unreadable = "cannot read " + person
	c.present[person] = true
	return e
}

// page saves some new people and some known ones.
func (c *town) page() {
	var page []store.Event
	for range c.random.IntN(60) {
		page = append(page, c.applicant())
	}
	fresh := len(page)
	for range min(c.random.IntN(20), len(c.stored)) {
		page = append(page, c.stored[c.random.IntN(len(c.stored))])
	}
	c.fetch(c.cursor, fmt.Sprint("p", c.asked), true, page...)
	c.stored = append(c.stored, page[:fresh]...)
}

// send tells a receiver of some, which quotes them where it refuses.
func (c *town) send(dest string) {
	var ss []store.Settlement
	claimed := c.claim(dest, 1+c.random.IntN(40))
	words := ""
	for _, d := range claimed {
		words += canary.FindString(string(d.Event.Identifiers)) + " "
	}
	outcome := []string{store.Delivered, store.Delivered, store.Delivered, store.Retry, store.Dead}[c.random.IntN(5)]
	for _, d := range claimed {
		s := c.result(d, outcome)
		if s.Outcome != store.Delivered {
			s.Detail, s.Batch, s.RequestID = words, len(claimed), fmt.Sprint("r", c.clock.wall.UnixNano())
		}
		ss = append(ss, s)
	}
	c.settle(dest, ss...)
	c.clock.pass(time.Minute)
}

// purge removes some people. The events of those who are still waited for are settled first.
func (c *town) purge(wipe bool) {
	for range 1 + c.random.IntN(10) {
		e := c.stored[c.random.IntN(len(c.stored))]
		person := canary.FindString(string(e.Identifiers))
		if c.gone[person] {
			continue
		}
		_, err := c.s.Discard(context.Background(), c.deed("deliveries discard"), store.DeliveryChoice{
			Destinations: []string{"ats", "spool"}, States: []string{store.Owed, store.Dead}, EventID: e.ID,
		})
		c.must(err)
		c.purged(store.Purge{Candidate: person}, wipe)
		c.gone[person] = true
	}
}

func (c *town) purged(p store.Purge, wipe bool) store.Action {
	c.t.Helper()
	found, err := c.s.PreviewPurge(context.Background(), p)
	c.must(err)
	if found.Events == 0 {
		c.t.Fatalf("%+v: nobody", p)
	}
	d := c.deed("purge")
	d.Selector = p.Selector()
	a, _, err := c.s.Purge(context.Background(), d, p, found, time.Now)
	c.must(err)
	if wipe {
		c.wipe()
	}
	return a
}

func (w *world) wipe() {
	w.t.Helper()
	w.steps(w.s.NewWiping(time.Now))
}

func (w *world) steps(u *store.Upkeep) store.Cleared {
	w.t.Helper()
	for more := true; more; {
		var err error
		if more, _, err = u.Step(context.Background()); errors.Is(err, store.ErrLogInUse) {
			more, err = true, nil
		}
		w.must(err)
	}
	return u.Cleared
}

// scan finds every canary in the bytes of the database and its log.
func (w *world) scan() map[string]int {
	w.t.Helper()
	found := map[string]int{}
	for _, path := range []string{w.path, w.path + "-wal", w.path + "-shm"} {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.t.Fatal(err)
		}
		for _, token := range canary.FindAll(text, -1) {
			found[string(bytes.Clone(token))]++
		}
	}
	return found
}

// everyGap is the unused space of each b-tree page of a closed database that has some.
func everyGap(t *testing.T, path string) map[int64]int {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	gaps := map[int64]int{}
	for n := int64(0); (n+1)*8192 <= int64(len(text)); n++ {
		if cells, begin := store.Unused(text[n*8192:][:8192], n); begin-cells >= 30 {
			gaps[n*8192+int64(cells)] = begin - cells
		}
	}
	return gaps
}

// Wiping does away with everything in the unused space of pages, and with nothing else.
func TestWipingClearsUnusedSpaceOnly(t *testing.T) {
	c := newTown(t, 7)
	for range 10 {
		c.page()
		c.send("ats")
	}
	c.purge(false)
	c.must(c.s.Close())
	gaps := everyGap(t, c.path)
	if len(gaps) < 10 {
		t.Fatalf("only %d pages have unused space", len(gaps))
	}
	f, err := os.OpenFile(c.path, os.O_RDWR, 0)
	c.must(err)
	for at, size := range gaps {
		planted := c.token()
		c.gone[planted] = true
		_, err := f.WriteAt([]byte(planted), at+int64(c.random.IntN(size-len(planted)+1)))
		c.must(err)
	}
	c.must(f.Close())
	c.open(false)
	c.page() // so that the writer has pages in its memory
	before := c.dump()
	c.wipe()
	c.checkGone()
	c.check()
	if after := c.dump(); after != before {
		t.Error("wiping changed a row")
	}
	if n := c.count("SELECT count(*) FROM chores"); n != 0 {
		t.Error("it is still to be done")
	}
	c.page()
	c.send("ats")
	c.must(c.s.Close())
	c.checkGone()
}

// A reader that keeps the log in use puts wiping off; the writer is not kept waiting, and it is done once the reader is gone.
func TestWipingWaitsForReaders(t *testing.T) {
	c := newTown(t, 8)
	for range 5 {
		c.page()
		c.send("ats")
	}
	reader, err := c.shell().Begin()
	c.must(err)
	var n int
	c.must(reader.QueryRow("SELECT count(*) FROM events").Scan(&n))
	c.purge(false)
	u := c.s.NewWiping(time.Now)
	if _, _, err := u.Step(context.Background()); !errors.Is(err, store.ErrLogInUse) {
		t.Fatalf("beside a reader: %v", err)
	}
	c.page()
	c.must(reader.Rollback())
	c.steps(u)
	c.checkGone()
	c.check()
}

// checkGone looks for those who were purged.
func (c *town) checkGone() {
	c.t.Helper()
	if len(c.gone) == 0 {
		c.t.Fatal("nobody was purged")
	}
	found := c.scan()
	for person := range c.gone {
		if found[person] > 0 {
			c.t.Errorf("%d pieces of %s, who was purged, are left", found[person], person)
		}
	}
}

// After a purge no byte of those who were purged is in the database, its log or its free pages, and everybody else is still there.
func TestPurgeLeavesNoByte(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			c := newTown(t, seed)
			for range 100 {
				c.page()
				c.send("ats")
				c.send("spool")
				if len(c.stored) > 0 && c.random.IntN(3) == 0 {
					c.purge(false)
				}
			}
			c.wipe()
			c.checkGone()
			if len(c.gone) < 50 {
				t.Fatalf("only %d were purged", len(c.gone))
			}
			found := c.scan()
			for person := range c.present {
				if !c.gone[person] && found[person] == 0 {
					t.Errorf("%s is gone although nobody purged it", person)
				}
			}
			c.check()
		})
	}
}
