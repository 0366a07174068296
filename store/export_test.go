package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

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

// ReadingAhead are the statements that read what a deed will touch.
var ReadingAhead = []string{entriesByPerson + " WHERE e.seq IN " + chosenSeqs, entriesByID + " WHERE e.seq IN " + chosenSeqs}

// Removing does what removes something of settled events, a transaction each, and has a look before it ends.
func (s *Store) Removing(now time.Time, look func(what string)) error {
	u := s.NewUpkeep(Retention{Payloads: 1, Records: 1}, now, time.Now)
	u.rows, u.look = mostRows, mostRows
	for _, r := range []removal{u.emptyPurged(), u.removePayloads(), u.removeRecords()} {
		do := r.do
		r.do = func(u *Upkeep, tx *sql.Tx, seqs []int64) error {
			err := do(u, tx, seqs)
			look(r.what)
			return err
		}
		u.after = 0
		if _, _, err := r.step(u, context.Background()); err != nil {
			return err
		}
	}
	return nil
}

// AddHours adds up hours of a stream.
const AddHours = addHours

// Within narrows a range of events to those of a time.
func (s *Store) Within(f EventFilter, after, last int64) (int64, int64, error) {
	return s.within(context.Background(), f, after, last)
}

// ReachOf finds where the events of a time lie.
const ReachOf = reachOf

// SentSince counts the newest queries.
const SentSince = sentSince

// TallyFresh is the statement of a page that counts its events by hour.
const TallyFresh = tallyFresh

// Relaying are the statements that each delivery goes through.
var Relaying = map[string]string{"select": selectDue, "claim": claimThese, "settle": settleOne, "release": releaseOne, "owe": oweThese}

// PlacesOfPage is the statement that reads ahead of a page.
const PlacesOfPage = placesOfPage

// ReadPlaces reads ahead of a page, however small the database.
func (s *Store) ReadPlaces(events []Event) error { return s.readPlaces(context.Background(), events) }

// CountDead finds the dead among deliveries that are owed anew.
const CountDead = countDead

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
