// Package mattn opens a database for the peers that leave the choice of the driver to their users: with the product's driver, as durable as
// the product's own.
package mattn

import (
	"database/sql"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// Open opens or makes the database at path.
func Open(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", "file:"+path+"?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000&_txlock=immediate")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}
