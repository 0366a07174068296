// Command watermill hands on messages of Watermill, in SQLite. It hands on one message of a topic at a time, so there are as many topics as
// there may be requests at one time.
package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill-sqlite/wmsqlitezombiezen"
	"github.com/ThreeDotsLabs/watermill/message"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"seekpoller/bench/corpus"
	"seekpoller/bench/task"
)

func main() { task.Main(prepare, run) }

func topic(n int) string { return fmt.Sprintf("deliveries%d", n) }

func prepare(_ context.Context, t task.Task) error {
	conn, err := sqlite.OpenConn(t.Database)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := checkDurable(conn); err != nil {
		return err
	}
	publisher, err := wmsqlitezombiezen.NewPublisher(conn, wmsqlitezombiezen.PublisherOptions{InitializeSchema: true})
	if err != nil {
		return err
	}
	for n := range t.Events {
		if err := publisher.Publish(topic(n%t.Parallel), message.NewMessage(watermill.NewUUID(), corpus.Body(n))); err != nil {
			return err
		}
	}
	return publisher.Close()
}

// checkDurable reads back what Watermill gives no way to set on its own connections: they have the driver's defaults.
func checkDurable(conn *sqlite.Conn) error {
	for pragma, want := range map[string]string{"synchronous": "2", "journal_mode": "wal"} {
		got := ""
		err := sqlitex.ExecuteTransient(conn, "PRAGMA "+pragma, &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
			got = row.ColumnText(0)
			return nil
		}})
		if err != nil || got != want {
			return fmt.Errorf("%s is %s and not %s: %w", pragma, got, want, err)
		}
	}
	return nil
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	subscriber, err := wmsqlitezombiezen.NewSubscriber(t.Database, wmsqlitezombiezen.SubscriberOptions{
		PollInterval: time.Millisecond, InitializeSchema: true,
	})
	if err != nil {
		return 0, err
	}
	hc, done := task.NewPoster(t.Parallel), task.NewCountdown(t.Events)
	began := time.Now()
	for n := range t.Parallel {
		messages, err := subscriber.Subscribe(ctx, topic(n))
		if err != nil {
			return 0, err
		}
		go handOn(ctx, messages, hc, t.URL, done)
	}
	<-done.Done
	err = subscriber.Close()
	return time.Since(began), err
}

func handOn(ctx context.Context, messages <-chan *message.Message, hc *http.Client, url string, done *task.Countdown) {
	for m := range messages {
		if err := task.Post(ctx, hc, url, m.Payload); err != nil {
			m.Nack()
			continue
		}
		m.Ack()
		done.Happened(1)
	}
}
