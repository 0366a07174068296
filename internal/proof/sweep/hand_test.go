package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"seekpoller/store"
)

// hand works on one database, call by call, as the daemon does. It is the driver's, and that of the healthy process after it.
type hand struct {
	path  string
	s     *store.Store
	wall  time.Time
	boot  time.Duration
	note  func(line string) // into the journal
	begun func()            // the chapter proper begins
	timed func(string) func()

	// What is in memory between two calls, and gone with the process.
	query   store.Query
	claimed map[string][]store.Delivery
}

func newHand(path string) *hand {
	return &hand{
		path: path, wall: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), boot: time.Hour,
		note: func(string) {}, begun: func() {}, claimed: map[string][]store.Delivery{},
	}
}

func (h *hand) now() store.Instant {
	return store.Instant{Wall: h.wall, Boot: h.boot, BootID: "boot-1"}
}

func (h *hand) pass(d time.Duration) { h.wall, h.boot = h.wall.Add(d), h.boot+d }

// clock is one that stands still: how much a step of upkeep does must not hang on the machine.
func (h *hand) clock() time.Time { return h.wall }

// What the journal says.
const (
	toldMark   = "told "
	failedMark = "failed "
	laterMark  = "later" // the clock was moved, so the rows have other times than in the reference
	closedMark = "closed"
)

// tries is how often a call is made that fails. The daemon ends instead, or goes on for ever, but a store whose call failed must be good for another one.
const tries = 3

// do makes a call until it holds, and says so in the journal before anything else happens.
func (h *hand) do(label string, call func() error) bool {
	for try := range tries {
		err := call()
		var soon *store.TooSoonError
		switch {
		case err == nil, try > 0 && errors.Is(err, store.ErrAnswered): // a commit that held although it said otherwise
			h.note(toldMark + label)
			return true
		case errors.As(err, &soon):
			h.note(laterMark)
			h.pass(soon.Wait)
		default:
			h.note(fmt.Sprintf("%s%s: %v", failedMark, label, err))
		}
	}
	return false
}

// live works through a chapter from one of its steps on, and closes the database. It says whether every call was told to have succeeded.
func (h *hand) live(c chapter, from int) bool {
	h.pass(c.after)
	if c.opens {
		h.begun()
	}
	done := h.do("open", h.open)
	if !c.opens {
		h.begun()
	}
	for _, step := range c.steps[from:] {
		if !done {
			break
		}
		h.pass(time.Second + step.after)
		done = h.do(step.label, func() error { return step.call(h) })
	}
	return h.close() && done
}

func (h *hand) open() (err error) {
	h.s, err = store.Open(context.Background(), h.path, store.Options{Create: true, Started: h.now(), Timed: h.timed})
	return err
}

func (h *hand) close() bool {
	if h.s == nil {
		return true
	}
	if err := h.s.Close(); err != nil {
		h.note(fmt.Sprintf("%sclose: %v", failedMark, err))
		return false
	}
	h.note(closedMark)
	return true
}
