// Command benthos acquires with Benthos: http_client into SQLite. A trigger makes the outbox's rows, so that they are in the transaction of
// their events. The cursor follows in one of its own, because an output writes to one table.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	_ "github.com/benthosdev/benthos/v4/public/components/io"       // http_client
	_ "github.com/benthosdev/benthos/v4/public/components/pure"     // the processors
	_ "github.com/benthosdev/benthos/v4/public/components/sql/base" // sql_insert
	"github.com/benthosdev/benthos/v4/public/service"
	_ "modernc.org/sqlite" // the driver that Benthos comes with

	"seekpoller/bench/corpus"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

const schema = `
	CREATE TABLE events (id TEXT PRIMARY KEY, type TEXT NOT NULL, created_at TEXT NOT NULL, streamed_at TEXT NOT NULL, node TEXT NOT NULL);
	CREATE TABLE outbox (id TEXT NOT NULL, destination TEXT NOT NULL, due_at TEXT, PRIMARY KEY (id, destination));
	CREATE TABLE cursors (stream TEXT PRIMARY KEY, position TEXT NOT NULL);
	CREATE TRIGGER owed AFTER INSERT ON events BEGIN
	  INSERT INTO outbox VALUES (new.id, 'bench', strftime('%FT%TZ'));
	END;`

const config = `
input:
  http_client:
    url: "{{.URL}}graphql"
    verb: POST
    headers:
      Content-Type: application/json
      Authorization: Bearer bench
    payload: |
      {"query": "query($after: String, $first: Int!) { events(schemeId: \"seekAnz\", after: $after, first: $first) { edges { cursor streamDateTime node { __typename id { value } typeCode schemeId createDateTime } } pageInfo { endCursor hasNextPage } } }", "variables": {"first": 100, "after": ${! json("data.events.pageInfo.endCursor").catch("").quote() }}}
pipeline:
  threads: 1
  processors:
    - mapping: root = this.data.events.edges
    - unarchive:
        format: json_array
output:
  broker:
    pattern: fan_out_sequential
    outputs:
      - sql_insert:
          driver: sqlite
          dsn: "{{.DSN}}"
          table: events
          columns: [id, type, created_at, streamed_at, node]
          args_mapping: |
            root = [this.node.id.value, this.node.typeCode, this.node.createDateTime, this.streamDateTime, this.node.format_json(no_indent: true).string()]
          suffix: ON CONFLICT DO NOTHING
          max_in_flight: 1
      - sql_insert:
          driver: sqlite
          dsn: "{{.DSN}}"
          table: cursors
          columns: [stream, position]
          args_mapping: |
            root = ["bench", this.cursor]
          suffix: ON CONFLICT (stream) DO UPDATE SET position = excluded.position
          max_in_flight: 1
        processors:
          - mapping: |
              root = if batch_index() == batch_size() - 1 { this } else { deleted() }
logger:
  level: ERROR
`

func dsn(path string) string {
	return "file:" + path + "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate"
}

func prepare(_ context.Context, t task.Task) error {
	db, err := sql.Open("sqlite", dsn(t.Database))
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(schema)
	return err
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	db, err := sql.Open("sqlite", dsn(t.Database))
	if err != nil {
		return 0, err
	}
	defer db.Close()
	stream, err := build(t)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	began := time.Now()
	ended := make(chan error, 1)
	go func() { ended <- stream.Run(ctx) }()
	for position := ""; position != corpus.Cursor(t.Events-1); {
		select {
		case err := <-ended:
			return 0, fmt.Errorf("the stream ended early: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
		if err := db.QueryRow("SELECT coalesce(max(position), '') FROM cursors").Scan(&position); err != nil {
			return 0, err
		}
	}
	return time.Since(began), count(db, t.Events)
}

func build(t task.Task) (*service.Stream, error) {
	builder := service.NewStreamBuilder()
	text := strings.NewReplacer("{{.URL}}", t.URL, "{{.DSN}}", dsn(t.Database)).Replace(config)
	if err := builder.SetYAML(text); err != nil {
		return nil, err
	}
	return builder.Build()
}

func count(db *sql.DB, want int) error {
	got := 0
	if err := db.QueryRow("SELECT count(*) FROM outbox").Scan(&got); err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%d of %d events are there", got, want)
	}
	return nil
}
