package store_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/powercut"
)

var (
	powerCuts = flag.Int("powercut.cuts", 0, "power cuts, of all tests of them together, outbox's too; 0: some hundred")
	powerSeed = flag.Uint64("powercut.seed", 0, "seed of the power cuts; 0: a random one")
)

// recorded is the database, below the disk that is recorded. The first life makes its directory too.
const recorded = "state/seek-poller.db"

func recordLife(t *testing.T, b *powercut.Bench, role string) (*powercut.Recording, *judge) {
	t.Helper()
	r := b.Record(roleVariable+"="+role, pathVariable+"="+filepath.Join(b.Disk, recorded))
	return r, &judge{notesOf(r), statesOf(t, b, r)}
}

var everyLaw = []string{"opens", "creation", "as after a commit", "goes on", "sound", "references", "ledger chain", "query spacing", "cursor of the ledger", "whole pages", "whole deliveries", "figures", "tallies"}

var lifeLaws = append([]string{"kept: destination", "kept: cursor", "kept: slot", "kept: page", "kept: events of a page", "kept: deliveries of a page", "kept: cursor of a page",
	"kept: claim", "kept: settlement", "kept: delivered", "kept: deed"}, everyLaw...)

// TestPowerCut cuts the power in two lives of a database: from before it is made, through pages, deliveries, deeds, a purge, a backup and restarts, to
// its end by a kill; and in one that recovers from that.
//
// Then the first one again as if syncs had been left out, which the same checks must find.
func TestPowerCut(t *testing.T) {
	b := powercut.NewBench(t, *powerCuts, *powerSeed)
	first, j := recordLife(t, b, "first life")
	b.Hold(first, 0.5, j.look, append([]string{"kept: failure", "kept: purge", "kept: wiping", "purged bytes", "kept: retention"}, lifeLaws...)...)
	second, k := recordLife(t, b, "second life")
	b.Hold(second, 0.12, k.look, lifeLaws...)

	t.Run("synchronous=NORMAL", func(t *testing.T) {
		broken := b.On(t).Catch(first, 60, j.look, commitSyncs, "as after a commit", "kept: slot")
		for _, law := range everyLaw {
			if law != "as after a commit" && len(broken[law]) > 0 {
				t.Errorf("it loses whole commits and nothing else, and yet this broke: %s: %s", law, broken[law][0])
			}
		}
	})
	if testing.Short() {
		return // the other is control enough
	}
	t.Run("synchronous=OFF", func(t *testing.T) {
		b.On(t).Catch(first, 60, j.look, func(ops []powercut.Op, i int) bool { return strings.HasPrefix(ops[i].Path, recorded) }, "opens")
	})
}

// commitSyncs are the syncs of the log that synchronous=NORMAL leaves out: all but those of its header, and those before it is brought into the file.
func commitSyncs(ops []powercut.Op, i int) bool {
	if ops[i].Path != recorded+"-wal" {
		return false
	}
	before, after := ops[i-1], powercut.Op{}
	for _, op := range ops[i+1:] {
		if op.Call == powercut.Write && strings.HasPrefix(op.Path, recorded) && !strings.HasSuffix(op.Path, ".lock") {
			after = op
			break
		}
	}
	header := before.Path == ops[i].Path && before.Call == powercut.Write && before.Offset == 0
	return !header && after.Path != recorded
}

// TestPowerCutAtCreation: there is a whole database or none, and none is refused; a directory that was made for it does not vanish with it.
func TestPowerCutAtCreation(t *testing.T) {
	b := powercut.NewBench(t, *powerCuts, *powerSeed)
	r, j := recordLife(t, b, "creation")
	b.Hold(r, 0.08, j.look, everyLaw...)
	for law, dir := range map[string]string{"opens": "state", "creation": "."} {
		t.Run("without the sync of "+dir, func(t *testing.T) {
			made := r.Between(j.notes[0].op, len(r.Ops))
			b.On(t).Catch(made, 10*len(made.Ops), j.look, func(ops []powercut.Op, i int) bool { return ops[i].Path == dir }, law)
		})
	}
}

// TestPowerCutInAnUpgrade: the schema is the old one or the new one, never without a whole copy of what was before, and the next start finishes.
func TestPowerCutInAnUpgrade(t *testing.T) {
	b := powercut.NewBench(t, *powerCuts, *powerSeed)
	leaveFirstVersion(t, filepath.Join(b.Disk, recorded))
	r, j := recordLife(t, b, "upgrading")
	b.Hold(r, 0.1, j.lookAtUpgrade, "old schema", "new schema", "copy", "kept: upgrade", "opens", "sound", "figures", "tallies")
	if testing.Short() {
		return
	}
	t.Run("without the sync of the copy", func(t *testing.T) {
		b.On(t).Catch(r, 60, j.lookAtUpgrade, func(ops []powercut.Op, i int) bool { return strings.Contains(ops[i].Path, ".new-") }, "copy")
	})
}

// leaveFirstVersion leaves at path a database of the first version and its log, as after a kill.
func leaveFirstVersion(t *testing.T, path string) {
	t.Helper()
	must(t, os.Mkdir(filepath.Dir(path), 0o700))
	old := firstVersion(t)
	db := outside(old)
	defer db.Close()
	_, err := db.Exec("PRAGMA journal_mode = WAL; UPDATE destinations SET last_error = 'killed'")
	must(t, err)
	for _, part := range []string{"", "-wal"} {
		content, err := os.ReadFile(old + part)
		must(t, err)
		must(t, os.WriteFile(path+part, content, 0o600))
	}
}
