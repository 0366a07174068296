package store_test

import (
	"context"
	"testing"

	"seekpoller/store"
)

// TestStatementRunsToItsEnd: what fails behind the first row is an error too.
func TestStatementRunsToItsEnd(t *testing.T) {
	path := newWorld(t).path
	for statement, fails := range map[string]bool{
		"SELECT 1 UNION ALL SELECT 2":                         false,
		"SELECT 1 UNION ALL SELECT abs(-9223372036854775808)": true, // an overflow
		"SELECT abs(-9223372036854775808)":                    true,
		"PRAGMA busy_timeout = 1":                             false,
	} {
		if err := store.RunToEnd(context.Background(), path, statement); (err != nil) != fails {
			t.Errorf("%s: %v", statement, err)
		}
	}
}
