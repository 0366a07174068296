package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// use is what a connection is for.
type use int

const (
	writing  use = iota // the one connection that writes
	reading             // beside our own writer
	visiting            // by itself: must be able to make SQLite's shared memory file, so the file is opened read-write
	drafting            // a new database
	copying             // the whole of it, into another file
	probing             // before anything is known of the file: changes nothing, not even its journal mode
	proving             // reads a whole file, and looks up each row in each index: the inner pages of these should stay in memory
)

// connector opens SQLite connections for one use, and proves of each one that its settings took: the driver ignores a misspelt
// parameter, and left alone it commits with synchronous=NORMAL, which loses commits when the power fails.
type connector struct {
	dsn  string
	on   []string // run on each new connection
	want []string // "pragma=value", read back
}

// openPool makes the pool of one use. It opens no connection yet.
func openPool(path string, u use) *sql.DB {
	db := sql.OpenDB(newConnector(path, u))
	conns := 1
	if u == reading || u == visiting {
		conns = 4
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db
}

func newConnector(path string, u use) connector {
	params := "mode=rw&_busy_timeout=5000&_synchronous=FULL&_foreign_keys=on"
	want := []string{"busy_timeout=5000", "synchronous=2", "foreign_keys=1"}
	var on []string
	switch u {
	case writing:
		params += "&_txlock=immediate&_journal_mode=WAL&_secure_delete=on&_cache_size=-4000&_stmt_cache_size=32"
		// A page of events changes some hundreds of pages of a large database. Until its commit they stay in memory, 16 MB of them; else they would be
		// written to the log, read again and written again.
		on = []string{"PRAGMA journal_size_limit=16777216", "PRAGMA cache_spill=2000"}
		want = append(want, "journal_mode=wal", "query_only=0", "secure_delete=1", "journal_size_limit=16777216", "cache_spill=2000")
	case reading:
		params = strings.Replace(params, "mode=rw", "mode=ro", 1) + "&_query_only=on&_cache_size=-1000&_stmt_cache_size=32"
		want = append(want, "journal_mode=wal", "query_only=1")
	case visiting:
		params += "&_query_only=on&_cache_size=-1000"
		want = append(want, "journal_mode=wal", "query_only=1")
	case drafting:
		// The page size can only be set before the first page is written, which switching to WAL does.
		params += "&_txlock=immediate"
		on = []string{"PRAGMA page_size=8192", "PRAGMA journal_mode=WAL"}
		want = append(want, "journal_mode=wal", "page_size=8192")
	case copying:
		params = strings.Replace(params, "mode=rw", "mode=ro", 1)
		want = append(want, "journal_mode=wal", "query_only=0")
	case probing:
		params += "&_query_only=on"
		want = append(want, "query_only=1")
	case proving:
		params += "&_query_only=on&_cache_size=-32000"
		want = append(want, "query_only=1", "cache_size=-32000")
	}
	file := url.URL{Scheme: "file", Path: path, RawQuery: params}
	return connector{dsn: file.String(), on: on, want: want}
}

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	opened, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	conn := opened.(*sqlite3.SQLiteConn)
	if err := c.ready(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

// ready runs what the parameters cannot say and reads every setting back.
func (c connector) ready(conn *sqlite3.SQLiteConn) error {
	for _, statement := range c.on {
		if err := runToEnd(conn, statement); err != nil {
			return fmt.Errorf("prepare a connection: %w", err)
		}
	}
	for _, want := range c.want {
		pragma, value, _ := strings.Cut(want, "=")
		got, err := readPragma(conn, pragma)
		if err != nil {
			return fmt.Errorf("read back %s: %w", pragma, err)
		}
		if got != value {
			return fmt.Errorf("prepare a connection: %s is %s and not %s", pragma, got, value)
		}
	}
	return nil
}

// runToEnd reads all that a statement answers. The driver's Exec stops at the first row, and keeps to itself what fails after it: the write, for
// one, with which a change of the journal mode ends.
func runToEnd(conn *sqlite3.SQLiteConn, statement string) error {
	rows, err := conn.Query(statement, nil)
	if err != nil {
		return err
	}
	row := make([]driver.Value, len(rows.Columns()))
	for err == nil {
		err = rows.Next(row)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, rows.Close())
}

func readPragma(conn *sqlite3.SQLiteConn, pragma string) (string, error) {
	rows, err := conn.Query("PRAGMA "+pragma, nil)
	if err != nil {
		return "", err
	}
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err != nil && !errors.Is(err, io.EOF) {
		return "", errors.Join(err, rows.Close())
	}
	return fmt.Sprint(value[0]), rows.Close()
}
