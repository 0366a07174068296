// Command backlite hands on tasks of Backlite.
package main

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"time"

	"github.com/mikestefanello/backlite"

	"seekpoller/bench/corpus"
	"seekpoller/bench/mattn"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

type delivery struct{ Body []byte }

func (delivery) Config() backlite.QueueConfig {
	return backlite.QueueConfig{Name: "deliveries", MaxAttempts: 3, Timeout: time.Minute}
}

func client(db *sql.DB, t task.Task, done *task.Countdown) (*backlite.Client, error) {
	c, err := backlite.NewClient(backlite.ClientConfig{DB: db, NumWorkers: t.Parallel, ReleaseAfter: time.Hour})
	if err != nil {
		return nil, err
	}
	hc := task.NewPoster(t.Parallel)
	c.Register(backlite.NewQueue(func(ctx context.Context, d delivery) error { return post(ctx, hc, t.URL, d, done) }))
	return c, nil
}

func post(ctx context.Context, hc *http.Client, url string, d delivery, done *task.Countdown) error {
	err := task.Post(ctx, hc, url, d.Body)
	if err == nil {
		done.Happened(1)
	}
	return err
}

func prepare(_ context.Context, t task.Task) error {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return err
	}
	defer db.Close()
	c, err := client(db, t, nil)
	if err != nil {
		return err
	}
	if err := c.Install(); err != nil {
		return err
	}
	all := make([]backlite.Task, t.Events)
	for n := range all {
		all[n] = delivery{Body: corpus.Body(n)}
	}
	_, err = c.Add(all...).Save()
	return err
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	db, err := mattn.Open(t.Database)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	done := task.NewCountdown(t.Events)
	c, err := client(db, t, done)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	c.Start(ctx)
	<-done.Done
	if !c.Stop(ctx) { // returns when the last task is deleted
		err = errors.New("a worker did not stop")
	}
	return time.Since(began), err
}
