// Command river hands on jobs of River, in SQLite.
package main

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver that River's documentation names

	"seekpoller/bench/corpus"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

type delivery struct {
	Body []byte `json:"body"`
}

func (delivery) Kind() string { return "delivery" }

type worker struct {
	river.WorkerDefaults[delivery]
	hc   *http.Client
	url  string
	done *task.Countdown
}

func (w *worker) Work(ctx context.Context, job *river.Job[delivery]) error {
	err := task.Post(ctx, w.hc, w.url, job.Args.Body)
	if err == nil {
		w.done.Happened(1)
	}
	return err
}

// open gives River one connection, as its driver's documentation asks for.
func open(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)&_txlock=immediate")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func prepare(ctx context.Context, t task.Task) error {
	db, err := open(t.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	migrator, err := rivermigrate.New(riversqlite.New(db), nil)
	if err != nil {
		return err
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	client, err := river.NewClient(riversqlite.New(db), &river.Config{})
	if err != nil {
		return err
	}
	jobs := make([]river.InsertManyParams, t.Events)
	for n := range jobs {
		jobs[n].Args = delivery{Body: corpus.Body(n)}
	}
	_, err = client.InsertMany(ctx, jobs)
	return err
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	db, err := open(t.Database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	done := task.NewCountdown(t.Events)
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{hc: task.NewPoster(t.Parallel), url: t.URL, done: done})
	client, err := river.NewClient(riversqlite.New(db), &river.Config{
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: t.Parallel}},
		Workers:           workers,
		FetchCooldown:     river.FetchCooldownMin,
		FetchPollInterval: river.FetchPollIntervalMin,
		Logger:            slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := client.Start(ctx); err != nil {
		return 0, err
	}
	<-done.Done
	err = client.Stop(ctx) // returns when the last completion is written
	return time.Since(began), err
}
