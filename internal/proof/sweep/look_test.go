package sweep_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"os"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// shell opens SQLite as it comes, with nothing of the store's.
type shell struct{ dsn string }

func (c shell) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }
func (c shell) Driver() driver.Driver                        { return &sqlite3.SQLiteDriver{} }

// sight is what the judge sees in a file.
type sight struct {
	rows    string // every row of every table
	meaning string // what matters to people, whenever it was done: no times, no attempts, no numbers of queries
	broken  string // "" if it is sound
}

// look reads a database with SQLite alone.
func look(path string) (s sight, err error) {
	if _, err := os.Stat(path); os.IsNotExist(err) {
		return sight{rows: "no database", meaning: "no database"}, nil
	}
	db := sql.OpenDB(shell{"file:" + path + "?mode=rw&_busy_timeout=5000"})
	defer db.Close()
	db.SetMaxOpenConns(1)
	tables, err := table(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
	if err != nil {
		return s, err
	}
	queries := []string{"PRAGMA user_version"}
	for name := range strings.Lines(tables) {
		queries = append(queries, "SELECT * FROM "+strings.TrimSpace(name))
	}
	if s.rows, err = all(db, queries...); err != nil {
		return s, err
	}
	if strings.HasPrefix(s.rows, "1\n") { // of the first version
		s.meaning = s.rows
		s.broken, err = all(db, sound[:2]...)
		return s, err
	}
	if s.meaning, err = all(db, meaning...); err != nil {
		return s, err
	}
	s.broken, err = all(db, sound...)
	return s, err
}

// sound are queries that find nothing in a database that is sound.
var sound = []string{
	"SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
	"SELECT 'refers to nothing', * FROM pragma_foreign_key_check",
	"SELECT 'gap', * FROM gaps",
	"SELECT 'hurry', * FROM hurries",
	"SELECT 'event without its deliveries', id FROM events e WHERE purged_at IS NULL AND (SELECT count(*) FROM outbox WHERE seq = e.seq) <> (SELECT count(*) FROM destinations)",
	"SELECT 'owed', name FROM destinations WHERE owed_now <> (SELECT count(*) FROM outbox WHERE destination = name AND due_at IS NOT NULL)",
	"SELECT 'dead', name FROM destinations WHERE dead_now <> (SELECT count(*) FROM outbox WHERE destination = name AND dead_at IS NOT NULL)",
	"SELECT 'hours', sum(events) FROM tallies HAVING coalesce(sum(events), 0) <> (SELECT count(*) FROM events)",
	"SELECT 'answer', id FROM queries q WHERE outcome = 'answered' AND fresh <> (SELECT count(*) FROM events WHERE query_id = q.id) AND (SELECT min(seq) FROM events) = 1",
}

var meaning = []string{
	"PRAGMA user_version",
	"SELECT stream, position, state, events, pages FROM cursors",
	"SELECT id, stream, type, node, identifiers, purged_at IS NOT NULL FROM events ORDER BY id",
	`SELECT e.id, o.destination, iif(due_at IS NOT NULL, 'owed', iif(delivered_at IS NOT NULL, 'delivered', iif(dead_at IS NOT NULL, 'dead', 'discarded')))
	 FROM outbox o JOIN events e ON e.seq = o.seq ORDER BY 1, 2`,
	"SELECT name, delivered, dead, owed_now, dead_now FROM destinations",
	"SELECT name FROM chores",
	"SELECT DISTINCT verb, rows FROM actions",
}

func all(db *sql.DB, queries ...string) (string, error) {
	var text strings.Builder
	for _, query := range queries {
		rows, err := table(db, query)
		if err != nil {
			return "", fmt.Errorf("%s: %w", query, err)
		}
		text.WriteString(rows)
	}
	return text.String(), nil
}

// table is the answer to a query as text.
func table(db *sql.DB, query string) (string, error) {
	rows, err := db.Query(query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for rows.Next() {
		row := make([]any, len(columns))
		for i := range row {
			row[i] = new(sql.NullString)
		}
		if err := rows.Scan(row...); err != nil {
			return "", err
		}
		for i, v := range row {
			if i > 0 {
				text.WriteByte('|')
			}
			text.WriteString(v.(*sql.NullString).String)
		}
		text.WriteByte('\n')
	}
	return text.String(), rows.Err()
}
