package store

import (
	"context"
	"database/sql"
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

// Write is one writing transaction.
func (s *Store) Write(do func(*sql.Tx) error) error { return s.write(context.Background(), "test", do) }
