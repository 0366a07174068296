package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// shellConnector opens SQLite as it comes, with nothing of the store's.
type shellConnector struct{ dsn string }

func (c shellConnector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }
func (c shellConnector) Driver() driver.Driver                        { return &sqlite3.SQLiteDriver{} }

// shell is a second connection to the database, as a person's sqlite3 shell would be.
func (w *world) shell() *sql.DB {
	w.t.Helper()
	db := sql.OpenDB(shellConnector{"file:" + w.path + "?mode=rw&_busy_timeout=5000"})
	w.t.Cleanup(func() { db.Close() })
	return db
}

func (w *world) exec(statement string) {
	w.t.Helper()
	_, err := w.shell().Exec(statement)
	w.must(err)
}

func (w *world) count(query string) int {
	w.t.Helper()
	var n int
	w.must(w.shell().QueryRow(query).Scan(&n))
	return n
}

// check is what must hold after everything.
func (w *world) check() {
	w.t.Helper()
	ctx := context.Background()
	gaps, err := w.s.Gaps(ctx)
	w.must(err)
	if len(gaps) != 0 {
		w.t.Errorf("gaps: %+v", gaps)
	}
	hurries, err := w.s.Hurries(ctx)
	w.must(err)
	if len(hurries) != 0 {
		w.t.Errorf("hurries: %+v", hurries)
	}
	var sound string
	w.must(w.shell().QueryRow("PRAGMA integrity_check").Scan(&sound))
	if sound != "ok" {
		w.t.Errorf("integrity_check: %s", sound)
	}
	if n := w.count("SELECT count(*) FROM pragma_foreign_key_check"); n != 0 {
		w.t.Errorf("%d rows refer to nothing", n)
	}
}

// dump is every row of every table as text.
func (w *world) dump() string {
	w.t.Helper()
	var all strings.Builder
	for _, table := range []string{"cursors", "queries", "events", "destinations", "outbox", "attempts", "actions"} {
		rows, err := w.shell().Query("SELECT * FROM " + table)
		w.must(err)
		columns, err := rows.Columns()
		w.must(err)
		for rows.Next() {
			row := make([]any, len(columns))
			for i := range row {
				row[i] = new(sql.NullString)
			}
			w.must(rows.Scan(row...))
			all.WriteString(table)
			for _, v := range row {
				all.WriteString(" | " + v.(*sql.NullString).String)
			}
			all.WriteString("\n")
		}
		w.must(rows.Err())
	}
	return all.String()
}
