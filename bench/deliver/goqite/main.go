// Command goqite hands on messages of goqite, with its runner of jobs.
package main

import (
	"context"
	"database/sql"
	_ "embed"
	"time"

	"maragu.dev/goqite"
	"maragu.dev/goqite/jobs"

	"seekpoller/bench/corpus"
	"seekpoller/bench/mattn"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

//go:embed schema.sql
var schema string // goqite's own: its users are told to copy it

func queue(db *sql.DB) *goqite.Queue {
	return goqite.New(goqite.NewOpts{DB: db, Name: "deliveries", Timeout: time.Minute})
}

func prepare(ctx context.Context, t task.Task) error {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.Exec(schema); err != nil {
		return err
	}
	for n := range t.Events {
		if _, err := jobs.CreateTx(ctx, tx, queue(db), "post", goqite.Message{Body: corpus.Body(n)}); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	hc, done := task.NewPoster(t.Parallel), task.NewCountdown(t.Events)
	runner := jobs.NewRunner(jobs.NewRunnerOpts{Queue: queue(db), Limit: t.Parallel, PollInterval: time.Millisecond, Extend: time.Minute})
	runner.Register("post", func(ctx context.Context, body []byte) error {
		err := task.Post(ctx, hc, t.URL, body)
		if err == nil {
			done.Happened(1)
		}
		return err
	})
	ctx, stop := context.WithCancel(ctx)
	go func() { <-done.Done; stop() }()
	began := time.Now()
	runner.Start(ctx) // returns when the last job is deleted
	return time.Since(began), nil
}
