package store

import (
	"context"
	"database/sql"
)

const releaseOne = `
	UPDATE outbox
	SET due_at = ?, attempts = attempts - 1,
	    first_attempt_at = CASE WHEN attempts - 1 > spent THEN first_attempt_at END
	WHERE destination = ?
	  AND seq = ?
	  AND attempts = ?
	  AND attempts > spent
	  AND due_at IS NOT NULL`

// Release gives back claims of one destination of which nothing was sent, as if they had never been made: the attempt is not counted and each is
// due when it was. One that was claimed again meanwhile, or settled by a person, is left alone.
func (s *Store) Release(ctx context.Context, dest string, claimed []Delivery) error {
	if len(claimed) == 0 {
		return nil
	}
	return s.write(ctx, "release", "release deliveries of "+dest, func(tx *sql.Tx) error {
		release, err := tx.Prepare(releaseOne)
		if err != nil {
			return err
		}
		defer release.Close()
		for _, d := range claimed {
			if _, err := release.Exec(stamp(d.DueAt), dest, d.Event.Seq, d.Attempt); err != nil {
				return err
			}
		}
		return nil
	})
}
