// Command naive acquires as one writes it in Go at first: encoding/json into structs, and a prepared statement a row.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"net/http"
	"time"

	"seekpoller/bench/mattn"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

const query = `query($after: String, $first: Int!) { events(schemeId: "seekAnz", after: $after, first: $first) {
  edges { cursor streamDateTime node { __typename id { value } typeCode schemeId createDateTime } } pageInfo { endCursor hasNextPage } } }`

const schema = `
	CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY, type TEXT NOT NULL, created_at TEXT NOT NULL, streamed_at TEXT NOT NULL, node TEXT NOT NULL);
	CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL, destination TEXT NOT NULL, due_at TEXT, PRIMARY KEY (id, destination));
	CREATE TABLE IF NOT EXISTS cursors (stream TEXT PRIMARY KEY, position TEXT NOT NULL);`

type events struct {
	Edges []struct {
		Cursor         string
		StreamDateTime string
		Node           map[string]any
	}
	PageInfo struct {
		EndCursor   string
		HasNextPage bool
	}
}

func prepare(_ context.Context, t task.Task) error {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(schema)
	return err
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	began := time.Now()
	for after, more := "", true; more; {
		page, err := fetch(ctx, t.URL, after)
		if err != nil {
			return 0, err
		}
		if err := save(ctx, db, page); err != nil {
			return 0, err
		}
		after, more = page.PageInfo.EndCursor, page.PageInfo.HasNextPage
	}
	return time.Since(began), nil
}

func fetch(ctx context.Context, url, after string) (*events, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"after": after, "first": 100}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct{ Data struct{ Events events } }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	return &answer.Data.Events, err
}

func save(ctx context.Context, db *sql.DB, page *events) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	event, err := tx.PrepareContext(ctx, "INSERT INTO events VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
	if err != nil {
		return err
	}
	defer event.Close()
	owed, err := tx.PrepareContext(ctx, "INSERT INTO outbox VALUES (?, 'bench', ?) ON CONFLICT DO NOTHING")
	if err != nil {
		return err
	}
	defer owed.Close()
	now := time.Now().UTC().Format(time.RFC3339)
	for _, edge := range page.Edges {
		node, err := json.Marshal(edge.Node)
		if err != nil {
			return err
		}
		id := edge.Node["id"].(map[string]any)["value"]
		if _, err := event.ExecContext(ctx, id, edge.Node["typeCode"], edge.Node["createDateTime"], edge.StreamDateTime, string(node)); err != nil {
			return err
		}
		if _, err := owed.ExecContext(ctx, id, now); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO cursors VALUES ('bench', ?) ON CONFLICT (stream) DO UPDATE SET position = excluded.position",
		page.PageInfo.EndCursor)
	if err != nil {
		return err
	}
	return tx.Commit()
}
