package store

import (
	"context"
	"database/sql"
	"fmt"
)

// asker is what can be asked: a pool or a transaction.
type asker interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// window is how many events are looked through in one query, so that no read of a large table lasts.
const window = 20_000

// conditions are the parts of a filter that are set, as constant text on events e, and their arguments.
func (f EventFilter) conditions() (string, []any) {
	text, args := "true", []any(nil)
	add := func(condition string, set bool, arg any) {
		if set {
			text += " AND " + condition
			args = append(args, arg)
		}
	}
	add("e.stream = ?", f.Stream != "", f.Stream)
	add("e.type = ?", f.Type != "", f.Type)
	add("e.candidate_id = ?", f.Candidate != "", f.Candidate)
	add("e.profile_id = ?", f.Profile != "", f.Profile)
	add("e.position_id = ?", f.Position != "", f.Position)
	add("e.hirer_id = ?", f.Hirer != "", f.Hirer)
	add("e.at >= ?", !f.Since.IsZero(), stampUp(f.Since))
	add("e.at < ?", !f.Until.IsZero(), stampUp(f.Until))
	return text, args
}

// index is the one to find what the filter chooses by seq. It is named, because SQLite would rather read and sort all events of a type for
// each part. few says that it leads to few events.
func (f EventFilter) index() (name string, few bool) {
	switch {
	case f.Candidate != "":
		return "INDEXED BY events_candidate", true
	case f.Profile != "":
		return "INDEXED BY events_profile", true
	case f.Position != "":
		return "INDEXED BY events_position", true
	case f.Hirer != "":
		return "INDEXED BY events_hirer", false
	}
	return "NOT INDEXED", false
}

// selectSeqs finds the next events that a filter chooses, oldest first, behind after and not behind last: at most limit, from one window.
// next is where to go on; it is last once all was looked through. Paging and Limit of the filter are not looked at.
func selectSeqs(ctx context.Context, db asker, f EventFilter, after, last int64, limit int) (seqs []int64, next int64, err error) {
	part, next, err := selectSorted(ctx, db, f, "''", "", nil, after, last, limit)
	return pick(part, ""), next, err
}

// selectSorted is selectSeqs with how each event e is sorted, by a CASE that may look at what is joined. args are those of both.
func selectSorted(ctx context.Context, db asker, f EventFilter, sorts, join string, args []any, after, last int64, limit int) (part []sorted, next int64, err error) {
	text, chosen := f.conditions()
	index, few := f.index()
	to := last
	if !few {
		to = min(last, after+window)
	}
	rows, err := db.QueryContext(ctx, `
		SELECT e.seq, `+sorts+`
		FROM events e `+index+join+`
		WHERE `+text+`
		  AND e.seq > ? AND e.seq <= ?
		ORDER BY e.seq
		LIMIT ?`, append(append(args, chosen...), after, to, limit)...)
	if err != nil {
		return nil, 0, fmt.Errorf("choose events: %w", err)
	}
	if part, err = collect(rows, scanSorted); err != nil {
		return nil, 0, fmt.Errorf("choose events: %w", err)
	}
	if len(part) == limit {
		return part, part[limit-1].seq, nil
	}
	return part, to, nil
}
