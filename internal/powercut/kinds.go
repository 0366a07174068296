package powercut

import "math/rand/v2"

// choice says what of the writes that were not synced is on the disk all the same. It is asked for each block of grain bytes, and with grain 0
// for each write; for a change of names file is nil, and for a change of length block is -1.
type choice struct {
	grain int64
	keep  func(op int, file *node, block int64) bool
}

var everything = choice{keep: func(int, *node, int64) bool { return true }}

const (
	sector = 512
	page   = 4096
)

// kinds are the ways in which a disk may be found. pending are the ops that are not synced, in order; there is at least one.
var kinds = []struct {
	name string
	make func(dice *rand.Rand, pending []int) choice
}{
	{"nothing", func(*rand.Rand, []int) choice { return whole(func(int) bool { return false }) }},
	{"everything", func(*rand.Rand, []int) choice { return everything }},
	{"in order", func(dice *rand.Rand, pending []int) choice {
		last := pending[dice.IntN(len(pending))]
		return whole(func(op int) bool { return op <= last })
	}},
	{"late before early", func(dice *rand.Rand, pending []int) choice {
		last := pending[dice.IntN(len(pending))]
		return whole(func(op int) bool { return op > last })
	}},
	{"one missing", func(dice *rand.Rand, pending []int) choice {
		lost := pending[dice.IntN(len(pending))]
		return whole(func(op int) bool { return op != lost })
	}},
	{"one alone", func(dice *rand.Rand, pending []int) choice {
		kept := pending[dice.IntN(len(pending))]
		return whole(func(op int) bool { return op == kept })
	}},
	{"some", func(dice *rand.Rand, _ []int) choice { return torn(dice, 0) }},
	{"torn sectors", func(dice *rand.Rand, _ []int) choice { return torn(dice, sector) }},
	{"torn pages", func(dice *rand.Rand, _ []int) choice { return torn(dice, page) }},
	{"aged sectors", func(dice *rand.Rand, pending []int) choice { return aged(dice, pending, sector) }},
	{"aged pages", func(dice *rand.Rand, pending []int) choice { return aged(dice, pending, page) }},
}

func whole(keep func(op int) bool) choice {
	return choice{keep: func(op int, _ *node, _ int64) bool { return keep(op) }}
}

// torn keeps some blocks of each write, few or most.
func torn(dice *rand.Rand, grain int64) choice {
	share := []float64{0.1, 0.5, 0.9}[dice.IntN(3)]
	return choice{grain: grain, keep: func(int, *node, int64) bool { return dice.Float64() < share }}
}

// aged has each block as it was at a moment of its own between the last sync and the cut, as a cache that is written back page by page leaves it.
func aged(dice *rand.Rand, pending []int, grain int64) choice {
	type place struct {
		file  *node
		block int64
	}
	moments := map[place]int{}
	return choice{grain: grain, keep: func(op int, file *node, block int64) bool {
		at := place{file, block}
		if _, known := moments[at]; !known {
			moments[at] = dice.IntN(len(pending) + 1)
		}
		moment := moments[at]
		return moment > 0 && op <= pending[moment-1]
	}}
}
