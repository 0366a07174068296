package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"time"
)

// How old an event is for retention.
const (
	tooOld  = "old"
	isKept  = "kept"  // old, but still needed; or of an unknown age
	isYoung = "young" // and so is all that came after it
)

// eventAge is the age of event e: the later of when it was received and when SEEK had it, so that neither a clock of ours that was behind for
// a while, nor one of SEEK's, makes an event look older than it is. A time in the future is a mistake and is left out. Empty: unknown.
// Its argument, twice, is the time now.
const eventAge = `max(iif(e.received_at > ?2, '', e.received_at), iif(e.at > ?2, '', e.at))`

// waits says that event e is not settled everywhere: somebody is owed it, or it is dead and waits for a person.
const waits = `EXISTS (
	SELECT 1
	FROM destinations d
	CROSS JOIN outbox o ON o.destination = d.name AND o.seq = e.seq
	WHERE o.due_at IS NOT NULL OR o.dead_at IS NOT NULL)`

// removePayloads empties nodes, oldest first, up to the first that is young.
func (u *Upkeep) removePayloads(tx *sql.Tx) (more bool, err error) {
	old, more, err := u.sortByAge(tx, u.retention.Payloads, "events e INDEXED BY events_payload WHERE e.node IS NOT NULL", waits)
	if err != nil || len(old) == 0 {
		return more, err
	}
	n, err := changeEach(tx, old, "UPDATE events SET node = NULL WHERE seq = ?")
	u.Cleared.Payloads += n
	return more, err
}

// removeEvents removes events with their deliveries, attempts and tallies, oldest first, up to the first that is young. An event that SEEK
// sent again, or that was settled, within the time stays known.
func (u *Upkeep) removeEvents(tx *sql.Tx) (more bool, err error) {
	old, more, err := u.sortByAge(tx, u.retention.Records, "events e WHERE true", `
		coalesce(e.last_seen_at >= ?1, false) OR EXISTS (
		  SELECT 1
		  FROM destinations d
		  CROSS JOIN outbox o ON o.destination = d.name AND o.seq = e.seq
		  WHERE coalesce(o.delivered_at, o.discarded_at, '9') >= ?1)`)
	if err != nil || len(old) == 0 {
		return more, err
	}
	for _, removal := range []struct {
		statement string
		counted   *int64
	}{
		{"DELETE FROM attempts WHERE destination IN (SELECT name FROM destinations) AND seq IN " + chosenSeqs, &u.Cleared.Attempts},
		{"DELETE FROM outbox WHERE destination IN (SELECT name FROM destinations) AND seq IN " + chosenSeqs, &u.Cleared.Deliveries},
		{"UPDATE tallies SET events = events - gone.n FROM (" + talliesOf + ") gone WHERE (tallies.stream, tallies.type, tallies.hour) = (gone.stream, gone.type, gone.hour)", nil},
		{"DELETE FROM tallies WHERE events = 0 AND (stream, type, hour) IN (SELECT stream, type, hour FROM (" + talliesOf + "))", nil},
	} {
		n, err := changeSeqs(tx, old, removal.statement)
		if err != nil {
			return false, err
		}
		if removal.counted != nil {
			*removal.counted += n
		}
	}
	n, err := changeEach(tx, old, "DELETE FROM events WHERE seq = ?")
	u.Cleared.Events += n
	return more, err
}

const (
	chosenSeqs = `(SELECT value FROM json_each(?1))`
	talliesOf  = `SELECT stream, type, substr(at, 1, 13) AS hour, count(*) AS n FROM events WHERE seq IN ` + chosenSeqs + ` GROUP BY 1, 2, 3`
)

// sortByAge looks at the next events and finds those that are too old and not needed. Arguments of both conditions are the time before which
// events are old, and now.
func (u *Upkeep) sortByAge(tx *sql.Tx, keep time.Duration, events, needed string) (old []int64, more bool, err error) {
	rows, err := tx.Query(`
		SELECT e.seq, CASE WHEN `+eventAge+` = '' THEN 'kept' WHEN `+eventAge+` >= ?1 THEN 'young' WHEN `+needed+` THEN 'kept' ELSE 'old' END
		FROM `+events+`
		  AND e.seq > ?3
		ORDER BY e.seq
		LIMIT ?4`, stamp(u.now.Add(-keep)), stamp(u.now), u.after, u.rows)
	if err != nil {
		return nil, false, fmt.Errorf("choose events by age: %w", err)
	}
	part, err := collect(rows, scanSorted)
	if err != nil {
		return nil, false, fmt.Errorf("choose events by age: %w", err)
	}
	for _, e := range part {
		if e.sort == isYoung {
			return old, false, nil
		}
		if e.sort == tooOld {
			old = append(old, e.seq)
		}
		u.after = e.seq
	}
	return old, len(part) == u.rows, nil
}

// changeEach changes events row by row, by a statement whose last argument is the seq. One that changes many rows and calls a function for each,
// as their columns of the identifiers do, could end halfway: so SQLite would first copy every page that it changes, with what is to be removed, into a
// file elsewhere on the disk.
func changeEach(tx *sql.Tx, seqs []int64, statement string, args ...any) (changed int64, err error) {
	if len(seqs) == 0 {
		return 0, nil
	}
	each, err := tx.Prepare(statement)
	if err != nil {
		return 0, err
	}
	defer each.Close()
	for _, seq := range seqs {
		done, err := each.Exec(append(args[:len(args):len(args)], seq)...)
		if err != nil {
			return changed, err
		}
		n, err := done.RowsAffected()
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// changeSeqs runs a statement whose first argument is a list of seqs.
func changeSeqs(tx *sql.Tx, seqs []int64, statement string, args ...any) (int64, error) {
	if len(seqs) == 0 {
		return 0, nil
	}
	text, err := seqList(seqs)
	if err != nil {
		return 0, err
	}
	done, err := tx.Exec(statement, append([]any{text}, args...)...)
	if err != nil {
		return 0, err
	}
	return done.RowsAffected()
}

// seqList is the argument of chosenSeqs.
func seqList(seqs []int64) (string, error) {
	text, err := json.Marshal(seqs)
	return string(text), err
}
