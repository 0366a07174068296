package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// A page, and a deed that goes through a large database, change places all over it: the ids of people are random, and an event stands in an index of
// each of them. What is slow of that is done outside their transactions, while others write: the pages of the database are read before, and, for a deed,
// brought from the log into it after.

// readEntries reads the entries of some events in indexes that they will be taken out of, so that nobody waits for the disk behind that. which leaves events e
// out; "": none.
func (s *Store) readEntries(ctx context.Context, entries []string, seqs []int64, which string) error {
	text, err := seqList(seqs)
	if err != nil {
		return err
	}
	for _, some := range entries {
		if _, err := first(ctx, s.reader, "read ahead", scanInt, some+" WHERE e.seq IN "+chosenSeqs+which, text); err != nil {
			return err
		}
	}
	return nil
}

// entriesByPerson and entriesByID find the entries of events e in the indexes whose order is not that in which the events came.
const (
	entriesByPerson = `
	SELECT count(c.seq) + count(p.seq) + count(v.seq) + count(h.seq) + count(s.seq)
	FROM events e
	LEFT JOIN events c INDEXED BY events_candidate ON c.candidate_id = e.candidate_id AND c.seq = e.seq
	LEFT JOIN events p INDEXED BY events_profile ON p.profile_id = e.profile_id AND p.seq = e.seq
	LEFT JOIN events v INDEXED BY events_position ON v.position_id = e.position_id AND v.seq = e.seq
	LEFT JOIN events h INDEXED BY events_hirer ON h.hirer_id = e.hirer_id AND h.seq = e.seq
	LEFT JOIN events s INDEXED BY events_hirer_search ON s.hirer_id = e.hirer_id AND s.type = e.type AND s.at = e.at AND s.seq = e.seq`
	entriesByID = `
	SELECT count(i.seq)
	FROM events e
	LEFT JOIN events i INDEXED BY sqlite_autoindex_events_1 ON i.id = e.id AND i.seq = e.seq`
)

// readAheadFrom is how large a database is, in bytes, before a page is read ahead of. The kernel has a smaller one in memory, or nearly.
const readAheadFrom = 1 << 30

// readPlacesIfLarge reads where the events of a page will stand, so that nobody waits for the disk behind the page's transaction.
func (s *Store) readPlacesIfLarge(ctx context.Context, events []Event) error {
	size, err := sizeOf(s.path)
	if err != nil || size < readAheadFrom {
		return err
	}
	return s.readPlaces(ctx, events)
}

func (s *Store) readPlaces(ctx context.Context, events []Event) error {
	rows := make([][5]any, len(events))
	for i, e := range events {
		rows[i] = [...]any{e.ID, e.HirerID, e.Type, stamp(e.At()), string(e.Identifiers)}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("read ahead: %w", err)
	}
	_, err = first(ctx, s.reader, "read ahead", scanInt, placesOfPage, string(text))
	return err
}

// placesOfPage goes to the last entry of each id, and so to where the next one will be. The ids are taken from the identifiers as in the columns of events.
const placesOfPage = `
	WITH page (id, hirer, type, at, ids) AS MATERIALIZED (
	  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, iif(json_valid(value ->> 4), value ->> 4, '{}')
	  FROM json_each(?))
	SELECT count((SELECT seq FROM events WHERE id = p.id))
	  + count((SELECT seq FROM events WHERE candidate_id = ids ->> 'candidateId' ORDER BY seq DESC LIMIT 1))
	  + count((
	    SELECT seq FROM events
	    WHERE profile_id = coalesce(ids ->> 'candidateApplicationProfileId', ids ->> 'candidateProfileId')
	    ORDER BY seq DESC LIMIT 1))
	  + count((
	    SELECT seq FROM events
	    WHERE position_id = coalesce(ids ->> 'positionProfileId', ids ->> 'associatedPositionProfileId', ids ->> 'seekPartnerPositionId')
	    ORDER BY seq DESC LIMIT 1))
	  + count((SELECT seq FROM events INDEXED BY events_hirer WHERE hirer_id = hirer ORDER BY seq DESC LIMIT 1))
	  + count((
	    SELECT seq FROM events INDEXED BY events_hirer_search
	    WHERE hirer_id = hirer AND type = p.type AND at <= p.at
	    ORDER BY at DESC LIMIT 1))
	FROM page p`

// moveLog brings into the database what is in the log, beside whoever writes. It is called after each transaction of such a deed: SQLite moves a log of a thousand
// pages by itself, within the commit that made it so long, and everybody would wait until they are on the disk. Where others wrote meanwhile, a reader is in
// the way, or the disk fails, some of it stays for the next time. Nobody is told, as by SQLite itself: the commit holds, and the next write meets the disk.
func (s *Store) moveLog(ctx context.Context) {
	db := openPool(s.path, visiting)
	_, _ = db.ExecContext(context.WithoutCancel(ctx), "PRAGMA wal_checkpoint(PASSIVE)")
	_ = db.Close()
}
