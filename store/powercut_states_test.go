package store_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/powercut"
)

// outside is a connection that knows nothing of the store.
func outside(path string) *sql.DB {
	db := sql.OpenDB(shellConnector{"file:" + path + "?mode=rw&_busy_timeout=5000"})
	db.SetMaxOpenConns(1)
	return db
}

// allOf is all that the database says, schema and version too, as a sum.
func allOf(db *sql.DB) (string, error) {
	sum := sha256.New()
	tables, err := column(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		return "", err
	}
	queries := []string{"SELECT type, name, sql FROM sqlite_schema ORDER BY name", "PRAGMA user_version", "PRAGMA application_id"}
	for _, table := range tables {
		queries = append(queries, "SELECT * FROM "+table)
	}
	for _, query := range queries {
		fmt.Fprintln(sum, query)
		if err := printRows(db, sum.Write, query); err != nil {
			return "", fmt.Errorf("%s: %w", query, err)
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

func printRows(db *sql.DB, write func([]byte) (int, error), query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, places := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		places[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return err
		}
		write(fmt.Appendf(nil, "%q\n", values))
	}
	return rows.Err()
}

func column(db *sql.DB, query string) (all []string, err error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// state is what the database said to whoever worked on it, as of a sync.
type state struct {
	op  int
	sum string // "": there was none
}

// statesOf are the states that the database went through while it was recorded, read from outside.
func statesOf(t *testing.T, b *powercut.Bench, r *powercut.Recording) (all []state) {
	t.Helper()
	for op, image := range r.Seen() {
		dir, err := os.MkdirTemp(b.Dir, "state-*")
		must(t, err)
		must(t, image.WriteTo(dir))
		s := state{op: op}
		if len(image.Files[recorded]) > 0 {
			db := outside(filepath.Join(dir, recorded))
			s.sum, err = allOf(db)
			must(t, err)
			must(t, db.Close())
		}
		must(t, os.RemoveAll(dir))
		all = append(all, s)
	}
	return all
}

// noted is what the recorded process held for done.
type noted struct {
	op         int
	law, query string
}

func notesOf(r *powercut.Recording) (all []noted) {
	for i, op := range r.Ops {
		if op.Call == powercut.Note {
			law, query, _ := strings.Cut(string(op.Data), "\t")
			all = append(all, noted{i, law, query})
		}
	}
	return all
}
