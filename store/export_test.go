package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/mattn/go-sqlite3"
)

// What the tests look at from inside.

func (s *Store) Pools() (writer, reader *sql.DB) { return s.writer, s.reader }

var (
	NetworkFS = networkFS
	Publish   = publish
	Obstacle  = obstacle
	Explain   = explain
)

// Migrations are the schema's files.
func Migrations() []string { return migrations() }

// CopyBefore makes the copy of an upgrade.
func CopyBefore(path string, u Upgrade) error {
	return (&Store{path: path}).copyBefore(context.Background(), u)
}

// Write is one writing transaction.
func (s *Store) Write(do func(*sql.Tx) error) error {
	return s.write(context.Background(), "test", "test", do)
}

// EventWalks is the query that finds the events of a filter, on two types.
func EventWalks(f EventFilter) (string, []any) {
	return f.along([]streamType{{"applications", "A"}, {"positions", "B"}})
}

// DeliveryWalks is the query that finds the deliveries of a filter, to two destinations.
func DeliveryWalks(f DeliveryFilter) (string, []any) {
	w, _ := f.walk()
	w.names, w.before = []string{"ats", "spool"}, f.Before
	return w.along(w.look, 0)
}

// TallyFresh is the statement of a page that counts its events by hour.
const TallyFresh = tallyFresh

// Relaying are the statements that each delivery goes through.
var Relaying = map[string]string{"select": selectDue, "claim": claimThese, "settle": settleOne, "release": releaseOne}

// Unused is the unused space of a page of the database file.
func Unused(page []byte, number int64) (cells, begin int) {
	header := 0
	if number == 0 {
		header = fileHeader
	}
	return unused(page, header)
}

// RunToEnd runs a statement on a connection of its own.
func RunToEnd(ctx context.Context, path, statement string) error {
	conn, err := newConnector(path, visiting).Connect(ctx)
	if err != nil {
		return err
	}
	return errors.Join(runToEnd(conn.(*sqlite3.SQLiteConn), statement), conn.Close())
}
