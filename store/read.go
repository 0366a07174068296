package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
)

// list reads all rows of one SELECT, and so ends its read transaction before anything is done with them: an open one would keep the
// log from being shortened.
func list[T any](ctx context.Context, db *sql.DB, what string, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	found, err := collect(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return found, nil
}

// collect reads rows to their end and closes them.
func collect[T any](rows *sql.Rows, scan func(scanner) (T, error)) ([]T, error) {
	defer rows.Close()
	var found []T
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// first reads the only row of one SELECT; none is ErrNotFound.
func first[T any](ctx context.Context, db *sql.DB, what string, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	var none T
	found, err := list(ctx, db, what, scan, query, args...)
	if err != nil {
		return none, err
	}
	if len(found) == 0 {
		return none, fmt.Errorf("%s: %w", what, ErrNotFound)
	}
	return found[0], nil
}

func scanBool(row scanner) (bool, error) {
	var b bool
	err := row.Scan(&b)
	return b, err
}

// limited is a number of rows within reason: 100 if not said, never over 1000.
func limited(limit int) int {
	if limit <= 0 {
		return 100
	}
	return min(limit, 1000)
}

// before is where a page of rows, newest first, begins; 0 is the newest of all.
func before(id int64) int64 {
	if id == 0 {
		return math.MaxInt64
	}
	return id
}
