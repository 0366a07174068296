package store_test

import (
	"context"
	"os"
	"path/filepath"

	"seekpoller/internal/powercut"
	"seekpoller/store"
)

// lookAtUpgrade reads what a power cut left before the store sees it, and then has the store finish.
func (j *judge) lookAtUpgrade(at string, c powercut.Cut, f *powercut.Findings) {
	raw := filepath.Join(at, "raw")
	if err := c.Image.WriteTo(raw); err != nil {
		panic(err) // memory is full
	}
	upgraded := j.lookAtSchema(filepath.Join(raw, recorded), c, f)
	copied := filepath.Join(raw, recorded) + ".before-schema-1-20261122T014300Z.backup"
	if _, err := os.Stat(copied); err == nil || upgraded {
		db := outside(copied)
		j.hold(c, f, db, "copy", laws[0].query)
		sum, err := allOf(db)
		f.Check(c, "copy", sum == j.states[0].sum, "it is not what was before (%v)", err)
		db.Close()
	}
	if err := os.RemoveAll(raw); err != nil {
		panic(err)
	}
	path := filepath.Join(at, recorded)
	now := upgradedAt
	now.BootID = "after the cut"
	s, err := store.Open(context.Background(), path, store.Options{Create: true, Started: now})
	f.Check(c, "opens", err == nil && !s.Created(), "%v", err)
	if err != nil {
		return
	}
	defer s.Close()
	db := outside(path)
	defer db.Close()
	for _, law := range laws {
		j.hold(c, f, db, law.name, law.query)
	}
	sum, err := allOf(db)
	f.Check(c, "new schema", sum == j.states[len(j.states)-1].sum, "it is not what the upgrade made (%v)", err)
}

// lookAtSchema says whether the upgrade was done before the cut.
func (j *judge) lookAtSchema(path string, c powercut.Cut, f *powercut.Findings) bool {
	db := outside(path)
	defer db.Close()
	for _, n := range j.notes[:c.Notes] {
		j.hold(c, f, db, "kept: "+n.law, n.query)
	}
	sum, err := allOf(db)
	upgraded := sum == j.states[len(j.states)-1].sum
	f.Check(c, "old schema", upgraded || sum == j.states[0].sum, "it is neither old nor new (%v)", err)
	return upgraded
}
