package store

import "database/sql"

// forget removes what receivers said of events, which may quote them: from their attempts and deliveries, from those of other events that
// were in the same request, and from the destination. The oldest words go last, because the others are found by them.
func forget(tx *sql.Tx, seqs []int64) error {
	for _, statement := range []string{
		`UPDATE destinations
		SET last_error = NULL
		WHERE last_error IN (` + wordsOf + ` AND destination = name)`,
		`UPDATE destinations
		SET reason = 'what the receiver said was removed by a purge'
		WHERE state = 'parked'
		  AND reason IN (` + wordsOf + ` AND destination = name)`,
		`UPDATE outbox
		SET last_detail = NULL
		FROM (
		  SELECT m.destination, m.seq, m.detail
		  FROM attempts m
		  WHERE m.batch > 1
		    AND m.detail IS NOT NULL
		    AND m.request_id IN (` + requestsOf + `)) said
		WHERE outbox.destination = said.destination
		  AND outbox.seq = said.seq
		  AND outbox.last_detail = said.detail`,
		`UPDATE attempts
		SET detail = NULL
		WHERE batch > 1
		  AND detail IS NOT NULL
		  AND request_id IN (` + requestsOf + `)`,
		`UPDATE attempts
		SET detail = NULL
		WHERE detail IS NOT NULL
		  AND destination IN (SELECT name FROM destinations)
		  AND seq IN ` + chosenSeqs,
		`UPDATE outbox
		SET last_detail = NULL
		WHERE last_detail IS NOT NULL
		  AND destination IN (SELECT name FROM destinations)
		  AND seq IN ` + chosenSeqs,
	} {
		if _, err := changeSeqs(tx, seqs, statement); err != nil {
			return err
		}
	}
	return nil
}

const (
	wordsOf    = `SELECT detail FROM attempts WHERE detail IS NOT NULL AND seq IN ` + chosenSeqs
	requestsOf = `SELECT request_id FROM attempts WHERE batch > 1 AND detail IS NOT NULL AND destination IN (SELECT name FROM destinations) AND seq IN ` + chosenSeqs
)

// forgetLate does the same for what a receiver said of an event that had been purged by then, as of a delivery that was discarded while it
// was being sent.
func forgetLate(tx *sql.Tx, ss []Settlement) error {
	var seqs []int64
	for _, s := range ss {
		if s.Detail != "" {
			seqs = append(seqs, s.Seq)
		}
	}
	if len(seqs) == 0 {
		return nil
	}
	text, err := seqList(seqs)
	if err != nil {
		return err
	}
	rows, err := tx.Query("SELECT seq FROM events WHERE purged_at IS NOT NULL AND seq IN "+chosenSeqs, text)
	if err != nil {
		return err
	}
	late, err := collect(rows, scanSeq)
	if err != nil || len(late) == 0 {
		return err
	}
	return forget(tx, late)
}

// hide takes an id that is purged out of the record of deeds: somebody may have written it into a reason.
func hide(tx *sql.Tx, id string) error {
	if id == "" {
		return nil
	}
	_, err := tx.Exec(`
		UPDATE actions
		SET reason = replace(reason, ?1, '[purged]'), selector = replace(selector, ?1, '[purged]'), undo = replace(undo, ?1, '[purged]')
		WHERE instr(reason, ?1)
		   OR instr(selector, ?1)
		   OR instr(undo, ?1)`, id)
	return err
}
