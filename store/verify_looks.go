package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// tallied is a stream and type of which there are events or tallies.
type tallied struct{ stream, kind string }

func scanTallied(row scanner) (t tallied, err error) {
	err = row.Scan(&t.stream, &t.kind)
	return t, err
}

// compareTallies counts the events of each hour by their index, half a day at a time. Each count and its figure are of the same moment.
func compareTallies(v *verifier, ctx context.Context, c *Check) error {
	all, err := list(ctx, v.s.reader, "look", scanTallied, `
		WITH RECURSIVE kinds (stream, type) AS (
		  SELECT * FROM (SELECT stream, type FROM events ORDER BY stream, type LIMIT 1)
		  UNION ALL
		  SELECT n.stream, n.type
		  FROM kinds k
		  JOIN events n ON n.seq = (
		    SELECT seq FROM events WHERE (stream, type) > (k.stream, k.type) ORDER BY stream, type LIMIT 1))
		SELECT stream, type FROM kinds
		UNION
		SELECT stream, type FROM tallies`)
	for _, t := range all {
		if err == nil {
			err = v.compareHours(ctx, c, t)
		}
	}
	return err
}

// compareHours goes from one stretch with events or tallies to the next.
func (v *verifier) compareHours(ctx context.Context, c *Check, t tallied) error {
	for from := ""; len(c.Found) < mostFound; {
		next, err := first(ctx, v.s.reader, "look", scanText, `
			SELECT coalesce(min(hour), '')
			FROM (
			  SELECT substr(min(at), 1, 13) AS hour FROM events WHERE stream = ?1 AND type = ?2 AND at >= ?3
			  UNION ALL
			  SELECT min(hour) FROM tallies WHERE stream = ?1 AND type = ?2 AND hour >= ?3)`, t.stream, t.kind, from)
		if err != nil || next == "" {
			return err
		}
		to, err := hoursAfter(next)
		if err != nil {
			return err
		}
		if err := v.add(ctx, c, `
			SELECT 'stream ' || ?1 || ', ' || ?2 || ', ' || hour || ': ' || coalesce(t.events, 0) || ' events by the figure, ' || coalesce(e.events, 0) || ' by a count'
			FROM (SELECT substr(at, 1, 13) AS hour, count(*) AS events FROM events WHERE stream = ?1 AND type = ?2 AND at >= ?3 AND at < ?4 GROUP BY 1) e
			FULL JOIN (SELECT hour, events FROM tallies WHERE stream = ?1 AND type = ?2 AND hour >= ?3 AND hour < ?4) t USING (hour)
			WHERE e.events IS NOT t.events`, t.stream, t.kind, next, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// halfDay is how much is counted in one read.
const halfDay = 12 * time.Hour

// hoursAfter is the hour after a stretch that begins with this one.
func hoursAfter(hour string) (string, error) {
	const form = "2006-01-02T15"
	t, err := time.Parse(form, hour)
	if err != nil {
		return "", fmt.Errorf("the hour %q cannot be read", hour)
	}
	if t = t.Add(halfDay); t.Year() > 9999 {
		return "9999-12-31T24", nil
	}
	return t.Format(form), nil
}

// checkFile reads the file as a whole, in one read. Beside a daemon that is only done where it is short.
func (v *verifier) checkFile(ctx context.Context, c *Check) (err error) {
	size, err := sizeOf(v.s.path)
	if err != nil {
		return err
	}
	if size >= smallFile && !v.x.Alone {
		c.Not = "the file is too large to be read in one go beside a daemon: make a copy with seek-poller backup, and verify that with --database"
		return nil
	}
	db := openPool(v.s.path, proving)
	defer func() { err = errors.Join(err, db.Close()) }()
	found, err := list(ctx, db, "look", scanText, fmt.Sprintf("PRAGMA integrity_check(%d)", mostFound))
	if len(found) == 1 && found[0] == "ok" {
		found = nil
	}
	c.Found = append(c.Found, found...)
	return err
}
