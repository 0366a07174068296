package powercut

import (
	"hash/maphash"
	"iter"
	"math/rand/v2"
)

// Cut is a disk as it may be found after a power cut.
type Cut struct {
	After int    // the last op before it; -1: none
	Kind  string // what of the unsynced writes is there
	Notes int    // that the process had made
	Image Image
	Seed  uint64
}

// Cuts are number different cuts, or as many as there are; a cut is different if the disk is, or what was noted before it. Each pass goes
// through the whole recording and stops behind some or all of its ops. The first leaves nothing that was not synced, the second everything,
// and the others anything; they have a third of the cuts, a sixth, and the rest, unless there are enough for more.
func (r *Recording) Cuts(number int, seed uint64) iter.Seq2[Cut, error] {
	return r.cuts(number, seed, map[string]int{})
}

// cuts is Cuts, and counts how often each kind was made, also where it gave a disk that was there before: in a thorough run some kinds give no other.
func (r *Recording) cuts(number int, seed uint64, made map[string]int) iter.Seq2[Cut, error] {
	return func(yield func(Cut, error) bool) {
		c := &cutter{r: r, left: number, seed: seed, made: made, dice: rand.New(rand.NewPCG(seed, 0)), hash: maphash.MakeSeed(), seen: map[key]bool{}, yield: yield}
		c.ratio = float64(number) / float64(r.end-r.from)
		for c.left > 0 && c.idle < 300 && c.pass() {
			c.passes++
		}
	}
}

// key is what makes a cut different.
type key struct {
	image uint64
	notes int
}

type cutter struct {
	r      *Recording
	left   int
	ratio  float64 // of cuts to ops
	seed   uint64
	made   map[string]int
	dice   *rand.Rand
	hash   maphash.Seed
	seen   map[key]bool
	passes int
	idle   int // passes in a row that found nothing new
	yield  func(Cut, error) bool
}

// pass is one way through; false: enough.
func (c *cutter) pass() bool {
	d, notes, found := newDisk(c.r.begun), 0, false
	share := c.ratio / []float64{3, 6, 2 * float64(len(kinds))}[min(c.passes, 2)]
	for i, op := range c.r.Ops {
		if err := d.apply(i, op); err != nil {
			c.yield(Cut{}, err)
			return false
		}
		if op.Call == Note {
			notes++
		}
		last := c.passes == 0 && i == c.r.end-1 // by then all notes are made
		if i < c.r.from || i >= c.r.end || c.dice.Float64() >= share && !last {
			continue
		}
		made, more := c.stop(d, i, notes)
		if found = found || made; !more {
			return false
		}
	}
	c.idle++
	if found {
		c.idle = 0
	}
	return true
}

// stop makes a cut, unless there was one like it.
func (c *cutter) stop(d *disk, i, notes int) (made, more bool) {
	kind, pending := kinds[min(c.passes, 1)], d.pending()
	if c.passes > 1 {
		kind = kinds[c.dice.IntN(len(kinds))]
	}
	if len(pending) == 0 {
		kind = kinds[0]
	}
	c.made[kind.name]++
	image := d.image(kind.make(c.dice, pending))
	k := key{image.sum(c.hash), notes}
	if c.seen[k] {
		return false, true
	}
	c.seen[k] = true
	c.left--
	return true, c.yield(Cut{After: i, Kind: kind.name, Notes: notes, Image: image, Seed: c.seed}, nil) && c.left > 0
}

// Seen are the files as the process saw them, after each of its syncs and at its end.
func (r *Recording) Seen() iter.Seq2[int, Image] {
	return func(yield func(int, Image) bool) {
		d := newDisk(r.begun)
		for i, op := range r.Ops {
			if d.apply(i, op) != nil {
				return // which Cuts tells
			}
			if (op.Call == Sync || i == len(r.Ops)-1) && !yield(i, d.image(everything)) {
				return
			}
		}
	}
}
