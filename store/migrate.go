package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

// applicationID marks the file as ours: "SKPL" (https://sqlite.org/pragma.html#pragma_application_id).
const applicationID = 0x534b504c

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations are the schema's files in order; the schema's version is how many of them were run. A file is never changed once released.
func migrations() []string {
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return names
}

// migrate runs the files that the database has not seen, each in one transaction with its version: a crash leaves the old version or the new.
func migrate(ctx context.Context, db *sql.DB) error {
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("read the version of the schema: %w", err)
	}
	names := migrations()
	for ; version < len(names); version++ {
		if err := migrateOne(ctx, db, names[version], version+1); err != nil {
			return fmt.Errorf("run %s: %w", names[version], err)
		}
	}
	return nil
}

func migrateOne(ctx context.Context, db *sql.DB, name string, version int) error {
	text, err := fs.ReadFile(migrationFiles, name)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// A process beside us may have been faster.
	var found int
	if err := tx.QueryRow("PRAGMA user_version").Scan(&found); err != nil || found >= version {
		return err
	}
	marks := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, version)
	for _, statements := range []string{string(text), marks} {
		if _, err := tx.Exec(statements); err != nil {
			return err
		}
	}
	return tx.Commit()
}
