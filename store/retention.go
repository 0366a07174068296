package store

import (
	"database/sql"
	"encoding/json"
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

// byAge sorts events e: old are those that came in so long ago and that a condition does not need.
func byAge(needed string) string {
	return `CASE WHEN ` + eventAge + ` = '' THEN 'kept' WHEN ` + eventAge + ` >= ?1 THEN 'young' WHEN ` + needed + ` THEN 'kept' ELSE 'old' END`
}

// removePayloads empties nodes, oldest first, up to the first that is young.
func (u *Upkeep) removePayloads() removal {
	return removal{
		what: "remove old payloads", write: (*Store).write,
		from:   "events e INDEXED BY events_payload WHERE e.node IS NOT NULL",
		sorts:  byAge(waits),
		before: stamp(u.now.Add(-u.retention.Payloads)),
		do: func(u *Upkeep, tx *sql.Tx, seqs []int64) error {
			n, err := changeEach(tx, seqs, "UPDATE events SET node = NULL WHERE seq = ?")
			u.Cleared.Payloads += n
			return err
		},
	}
}

// removeRecords removes events with their deliveries, attempts and tallies, oldest first, up to the first that is young. An event that SEEK
// sent again, or that was settled, within the time stays known.
func (u *Upkeep) removeRecords() removal {
	return removal{
		what: "remove old events", write: (*Store).writeUnbound,
		from: "events e WHERE true",
		sorts: byAge(`coalesce(e.last_seen_at >= ?1, false) OR EXISTS (
		  SELECT 1
		  FROM destinations d
		  CROSS JOIN outbox o ON o.destination = d.name AND o.seq = e.seq
		  WHERE coalesce(o.delivered_at, o.discarded_at, '9') >= ?1)`),
		before:  stamp(u.now.Add(-u.retention.Records)),
		entries: []string{entriesByPerson, entriesByID},
		do:      (*Upkeep).removeEvents,
	}
}

func (u *Upkeep) removeEvents(tx *sql.Tx, old []int64) error {
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
			return err
		}
		if removal.counted != nil {
			*removal.counted += n
		}
	}
	n, err := changeEach(tx, old, "DELETE FROM events WHERE seq = ?")
	u.Cleared.Events += n
	return err
}

const (
	chosenSeqs = `(SELECT value FROM json_each(?1))`
	talliesOf  = `SELECT stream, type, substr(at, 1, 13) AS hour, count(*) AS n FROM events WHERE seq IN ` + chosenSeqs + ` GROUP BY 1, 2, 3`
)

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
