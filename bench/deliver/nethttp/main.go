// Command nethttp posts the bodies and keeps no record of it: the limit of what can be delivered from Go.
package main

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"seekpoller/bench/corpus"
	"seekpoller/bench/task"
)

func main() { task.Main(nil, run) }

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	bodies := make([][]byte, min(t.Events, 1000))
	for n := range bodies {
		bodies[n] = corpus.Body(n)
	}
	hc := task.NewPoster(t.Parallel)
	work := make(chan []byte)
	posting, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for range t.Parallel {
		posting.Go(func() error {
			for body := range work {
				if err := task.Post(ctx, hc, t.URL, body); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for n := range t.Events {
		select {
		case work <- bodies[n%len(bodies)]:
		case <-ctx.Done():
		}
	}
	close(work)
	err := posting.Wait()
	return time.Since(began), err
}
