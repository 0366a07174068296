package store

import (
	"context"
	"fmt"
	"time"
)

// Check is one thing that Verify looked at.
type Check struct {
	Name   string
	Proves string   // what it proves where nothing is found
	Found  []string // what is off, in words; at most 20 places
	Not    string   // why it was not made here; "": it was
}

// Examination says how Verify goes about it.
type Examination struct {
	Now    time.Time
	Alone  bool        // nobody else works on the file: a large one may be read in one go
	Before func(Check) // called before each check; nil: nobody wants to know
}

const (
	mostFound   = 20
	rowsAtATime = 10_000 // in one read, so that none lasts
	surelyKept  = 100 * 24 * time.Hour
)

// Verify checks that what the database says of itself is true. It reads all of it, in reads of far less than a second, and works beside a
// daemon: what one read finds off was so at one moment.
func (s *Store) Verify(ctx context.Context, x Examination) ([]Check, error) {
	v := &verifier{s: s, x: x}
	if err := v.measure(ctx); err != nil {
		return nil, err
	}
	for _, c := range examinations {
		check := Check{Name: c.name, Proves: c.proves}
		if x.Before != nil {
			x.Before(check)
		}
		for _, look := range c.looks {
			if err := look(v, ctx, &check); err != nil {
				return nil, fmt.Errorf("verify: %s: %w", c.name, err)
			}
		}
		v.done = append(v.done, check)
	}
	return v.done, nil
}

// verifier is one Verify.
type verifier struct {
	s    *Store
	x    Examination
	done []Check

	queries, events reach
}

// reach is where the ids of a table begin and end.
type reach struct{ first, last int64 }

func (v *verifier) measure(ctx context.Context) error {
	return v.s.reader.QueryRowContext(ctx, `
		SELECT (SELECT coalesce(min(id), 0) FROM queries), (SELECT coalesce(max(id), 0) FROM queries),
		       (SELECT min(coalesce(min(e), 0), coalesce(min(o), 0), coalesce(min(a), 0)) FROM (
		         SELECT (SELECT min(seq) FROM events) AS e,
		                (SELECT min((SELECT min(seq) FROM outbox WHERE destination = name)) FROM destinations) AS o,
		                (SELECT min((SELECT min(seq) FROM attempts WHERE destination = name)) FROM destinations) AS a)),
		       (SELECT max(coalesce(max(e), 0), coalesce(max(o), 0), coalesce(max(a), 0)) FROM (
		         SELECT (SELECT max(seq) FROM events) AS e,
		                (SELECT max((SELECT max(seq) FROM outbox WHERE destination = name)) FROM destinations) AS o,
		                (SELECT max((SELECT max(seq) FROM attempts WHERE destination = name)) FROM destinations) AS a))`).
		Scan(&v.queries.first, &v.queries.last, &v.events.first, &v.events.last)
}

// look is one way to look for what is off.
type look func(v *verifier, ctx context.Context, c *Check) error

// once looks with one SELECT of what is off, in words.
func once(query string, args ...func(*verifier) any) look {
	return func(v *verifier, ctx context.Context, c *Check) error {
		var all []any
		for _, arg := range args {
			all = append(all, arg(v))
		}
		return v.add(ctx, c, query, all...)
	}
}

// overQueries and overEvents look with a SELECT of what is off behind ?1 and up to ?2, part by part. The rest of its arguments are args'.
func overQueries(query string, args ...func(*verifier) any) look {
	return func(v *verifier, ctx context.Context, c *Check) error { return v.over(ctx, c, v.queries, query, args) }
}

func overEvents(query string, args ...func(*verifier) any) look {
	return func(v *verifier, ctx context.Context, c *Check) error { return v.over(ctx, c, v.events, query, args) }
}

func (v *verifier) over(ctx context.Context, c *Check, r reach, query string, args []func(*verifier) any) error {
	for after := r.first - 1; after < r.last && len(c.Found) < mostFound; after += rowsAtATime {
		all := []any{after, min(r.last, after+rowsAtATime)}
		for _, arg := range args {
			all = append(all, arg(v))
		}
		if err := v.add(ctx, c, query, all...); err != nil {
			return err
		}
	}
	return nil
}

// add puts what a SELECT finds to a check.
func (v *verifier) add(ctx context.Context, c *Check, query string, args ...any) error {
	left := mostFound - len(c.Found)
	if left <= 0 {
		return nil
	}
	found, err := list(ctx, v.s.reader, "look", scanText, query+fmt.Sprintf(" LIMIT %d", left), args...)
	c.Found = append(c.Found, found...)
	return err
}

func scanText(row scanner) (text string, err error) {
	err = row.Scan(&text)
	return text, err
}

// keptSince is since when everything is surely still here: retention keeps records for at least so long.
func (v *verifier) keptSince() any { return stamp(v.x.Now.Add(-surelyKept)) }

// hourAgo is before any deed that may still be at work.
func (v *verifier) hourAgo() any { return stamp(v.x.Now.Add(-time.Hour)) }
