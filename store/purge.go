package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// Purge says whose events are removed, or which. One of the three is set.
type Purge struct {
	Candidate, Hirer string    // SEEK's id: every event that names it, in its identifiers or in its payload
	Before           time.Time // every event of before this time, by Event.At
}

// Selector is the purge in the words of the command. Of an id only its SHA-256 is left: who knows the id can see that it was purged.
func (p Purge) Selector() string {
	switch {
	case p.Candidate != "":
		return fmt.Sprintf("candidate sha256:%x", sha256.Sum256([]byte(p.Candidate)))
	case p.Hirer != "":
		return fmt.Sprintf("hirer sha256:%x", sha256.Sum256([]byte(p.Hirer)))
	}
	return "before " + p.Before.UTC().Format(layout)
}

// id is what must not be left anywhere; "" if the purge is by time.
func (p Purge) id() string { return p.Candidate + p.Hirer }

// condition chooses events e by constant text, and its arguments. In a payload an id is looked for as JSON writes it, quotes and all, so that
// one that begins alike is not meant.
func (p Purge) condition() (string, []any, error) {
	if p.id() == "" {
		return "e.at < ?", []any{stamp(p.Before)}, nil
	}
	var quoted bytes.Buffer
	enc := json.NewEncoder(&quoted)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p.id()); err != nil {
		return "", nil, err
	}
	text := bytes.TrimSpace(quoted.Bytes())
	return "(e.hirer_id = ? OR instr(e.identifiers, ?) OR instr(e.node, ?))", []any{p.id(), string(text), string(text)}, nil
}

// Purge marks the events that PreviewPurge found and empties those that are settled; an Upkeep empties the others once they are. What is
// left of an event is its id, its type, its times and who got it, so that it is never applied or handed on again.
// After it, NewWiping removes what SQLite leaves between rows: only then is no byte of what was removed in the file.
//
// The rows of the action are the events marked. A crash leaves those of the parts that were done.
func (s *Store) Purge(ctx context.Context, d Deed, p Purge, found PurgePreview, clock func() time.Time) (a Action, emptied int64, err error) {
	rest, rows := found.seqs, firstRows
	a = Action{Deed: d}
	for more := true; more; {
		part := rest[:min(rows, len(rest))]
		if err := s.readEntries(ctx, []string{entriesByPerson}, part, " AND NOT "+waits); err != nil {
			return a, emptied, err
		}
		var n int64
		begun := clock()
		a, more, err = s.actPart(ctx, a, func(tx *sql.Tx, a *Action) (_ bool, err error) {
			begun = clock()
			if a.Rows == 0 {
				err = hide(tx, p.id())
			}
			if err == nil {
				n, err = purge(tx, part, a)
			}
			return len(rest) > len(part), err
		})
		if err != nil {
			return a, emptied, err
		}
		emptied += n
		rest, rows = rest[len(part):], adapt(rows, clock().Sub(begun))
		s.moveLog(ctx)
	}
	return a, emptied, nil
}

func purge(tx *sql.Tx, seqs []int64, a *Action) (emptied int64, err error) {
	text, err := seqList(seqs)
	if err != nil {
		return 0, err
	}
	rows, err := tx.Query(`
		SELECT e.seq, iif(`+waits+`, 'kept', 'old')
		FROM events e
		WHERE e.seq IN `+chosenSeqs+`
		  AND e.purge IS NULL`, text)
	if err != nil {
		return 0, fmt.Errorf("sort the events: %w", err)
	}
	part, err := collect(rows, scanSorted)
	if err != nil {
		return 0, fmt.Errorf("sort the events: %w", err)
	}
	marked, err := changeEach(tx, pick(part, isKept), "UPDATE events SET purge = ? WHERE seq = ?", a.ID)
	if err != nil {
		return 0, fmt.Errorf("mark the events: %w", err)
	}
	emptied, err = empty(tx, pick(part, tooOld), a.ID, a.At)
	a.Rows += marked + emptied
	return emptied, err
}

// emptyPurged empties events that a purge marked, and that have been settled since.
func (u *Upkeep) emptyPurged() removal {
	return removal{
		what: "empty purged events", write: (*Store).write,
		from:    "events e INDEXED BY events_purge WHERE e.purge IS NOT NULL AND e.purged_at IS NULL",
		sorts:   "iif(" + waits + ", 'kept', 'old')",
		entries: []string{entriesByPerson},
		do: func(u *Upkeep, tx *sql.Tx, seqs []int64) error {
			n, err := empty(tx, seqs, 0, u.now)
			u.Cleared.Purged += n
			return err
		},
	}
}

// empty makes settled events tombstones. action is 0 for those that are marked already. The mark comes last, so that no row grows first: one that
// outgrows its page has SQLite copy it.
func empty(tx *sql.Tx, seqs []int64, action int64, now time.Time) (int64, error) {
	if len(seqs) == 0 {
		return 0, nil
	}
	if err := forget(tx, seqs); err != nil {
		return 0, fmt.Errorf("forget what receivers said: %w", err)
	}
	n, err := changeEach(tx, seqs, `
		UPDATE events
		SET node = NULL, identifiers = NULL, hirer_id = NULL, refused = NULL, unreadable = NULL, purged_at = ?
		WHERE seq = ?`, stamp(now))
	if err == nil && action != 0 {
		_, err = changeEach(tx, seqs, "UPDATE events SET purge = coalesce(purge, ?) WHERE seq = ?", action)
	}
	if err != nil {
		return 0, fmt.Errorf("empty the events: %w", err)
	}
	return n, wantWiping(tx, now)
}
