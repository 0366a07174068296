package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"seekpoller/store"
)

// TestReleaseIsAsIfNothingHadBeenClaimed, whatever the delivery has been through.
func TestReleaseIsAsIfNothingHadBeenClaimed(t *testing.T) {
	w := stocked(t, 4)
	for i, d := range w.claim("ats", 2) {
		r := w.result(d, store.Retry)
		r.Refused = i == 0
		w.settle("ats", r)
	}
	w.clock.pass(lease)
	before := w.dump()
	claimed := w.claim("ats", 10)
	if len(claimed) != 4 || before == w.dump() {
		t.Fatalf("claimed %v", seqs(claimed))
	}
	w.must(w.s.Release(context.Background(), "ats", claimed))
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(claimed, w.claim("ats", 10)); diff != "" {
		t.Errorf("claimed again (-before +after):\n%s", diff)
	}
}

// TestReleaseLeavesWhatIsNoLongerOurs: settled, given up by a person, owed anew by one, or claimed again.
func TestReleaseLeavesWhatIsNoLongerOurs(t *testing.T) {
	w := stocked(t, 4)
	claimed := w.claim("ats", 3)
	w.settle("ats", w.result(claimed[0], store.Delivered))
	w.exec("UPDATE outbox SET due_at = NULL, discarded_at = created_at WHERE destination = 'ats' AND seq = 2")
	w.exec("UPDATE outbox SET spent = attempts, first_attempt_at = NULL WHERE destination = 'ats' AND seq = 3")
	lapsed := w.claim("ats", 1)
	w.clock.pass(2 * lease)
	w.exec("UPDATE outbox SET attempts = attempts + 1 WHERE destination = 'ats' AND seq = 4")
	before := w.dump()
	w.must(w.s.Release(context.Background(), "ats", append(claimed, lapsed...)))
	if diff := cmp.Diff(before, w.dump()); diff != "" {
		t.Errorf("changed (-before +after):\n%s", diff)
	}
}

// TestRelayingReadsOnlyItsRows: what a delivery costs does not grow with those that were ever made.
func TestRelayingReadsOnlyItsRows(t *testing.T) {
	w := newWorld(t)
	writer, _ := w.s.Pools()
	for name, statement := range store.Relaying {
		rows, err := writer.Query("EXPLAIN QUERY PLAN "+statement, make([]any, arguments(statement))...)
		w.must(err)
		steps := 0
		for rows.Next() {
			var id, parent, unused int
			var detail string
			w.must(rows.Scan(&id, &parent, &unused, &detail))
			if strings.Contains(detail, "outbox") || strings.HasPrefix(detail, "SEARCH o ") || strings.HasPrefix(detail, "SCAN o ") {
				steps++
				if !strings.Contains(detail, "(destination=? AND seq=?)") && !strings.Contains(detail, "outbox_due (destination=? AND due_at") {
					t.Errorf("%s: the outbox is read so: %s", name, detail)
				}
			}
			if strings.HasPrefix(detail, "SCAN e") {
				t.Errorf("%s: the events are read so: %s", name, detail)
			}
		}
		w.must(rows.Close())
		if steps == 0 {
			t.Errorf("%s: the plan does not name the outbox", name)
		}
	}
}

// arguments is how many a statement takes: it numbers them, or each ? is one.
func arguments(statement string) int {
	n := 0
	for n < 9 && strings.Contains(statement, "?"+string(rune('1'+n))) {
		n++
	}
	if n == 0 {
		n = strings.Count(statement, "?")
	}
	return n
}
