package store_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"seekpoller/internal/powercut"
)

// wiping is a process that purges people until SQLite leaves a piece of one of them between rows, and then wipes: what it wrote past SQLite must be durable
// before it is told that nothing is left.
func wiping(path string) error {
	l := newLife(path)
	l.open(true)
	l.destinations("ats", "spool")
	c := &town{world: l.world, random: rand.New(rand.NewPCG(6, 1)), cursor: l.live("applications").ID, present: map[string]bool{}, gone: map[string]bool{}}
	left := ""
	for round := 0; left == ""; round++ {
		if round == 60 {
			return errors.New("SQLite left nothing to wipe")
		}
		c.page()
		c.send("ats")
		c.send("spool")
		if len(c.stored) > 0 {
			c.purge(false)
		}
		left = c.leftOver()
	}
	l.note("purge", "SELECT count(*) > 0 FROM events WHERE purged_at IS NOT NULL")
	c.wipe()
	l.note(wiped, "SELECT count(*) = 0 FROM chores /* %s */", left)
	l.clock.pass(time.Hour)
	l.take(c.cursor)
	return nil
}

// leftOver is somebody who was purged and is in the file all the same; "": nobody.
func (c *town) leftOver() string {
	writer, _ := c.s.Pools()
	_, err := writer.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	c.must(err)
	content, err := os.ReadFile(c.path)
	c.must(err)
	for _, person := range canary.FindAll(content, -1) {
		if c.gone[string(person)] {
			return string(person)
		}
	}
	return ""
}

// TestPowerCutAfterWiping: what was wiped does not come back.
func TestPowerCutAfterWiping(t *testing.T) {
	b := powercut.NewBench(t, *powerCuts, *powerSeed)
	whole, j := recordLife(t, b, "wiping")
	r := whole.Between(j.notes[0].op, len(whole.Ops))
	b.Hold(r, 0.08, j.look, "kept: purge", "kept: wiping", "purged bytes", "opens", "sound", "goes on")
	t.Run("without the sync", func(t *testing.T) {
		b.On(t).Catch(r, 20, j.look, func(ops []powercut.Op, i int) bool { return i > j.notes[0].op && ops[i].Path == recorded }, "purged bytes")
	})
}
