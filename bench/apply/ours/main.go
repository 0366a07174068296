// Command ours applies pages of 100 fresh events with the product's store: SavePage, and nothing around it. `make` makes and fills a database.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"
	"time"

	"seekpoller/bench/corpus"
	"seekpoller/bench/fill"
	"seekpoller/bench/task"
)

func main() {
	flag.String("url", "", "not used")
	database := flag.String("database", "", "path of the database")
	from := flag.Int("from", 0, "the first event of the corpus")
	events := flag.Int("events", 0, "how many events")
	flag.Parse()
	s, err := fill.Open(context.Background(), *database, "bench")
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	if flag.Arg(0) == "make" {
		return
	}
	result, err := apply(context.Background(), s, *from, *events)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

func apply(ctx context.Context, s *fill.Store, from, events int) (task.Result, error) {
	var took, cpu time.Duration
	for n := 0; n < events; n += corpus.Page {
		page := fill.Page(from+n, corpus.Page, "bench")
		q, err := s.Take(ctx)
		if err != nil {
			return task.Result{}, err
		}
		began, used := time.Now(), task.CPU()
		if err := s.SaveFor(ctx, q, page); err != nil {
			return task.Result{}, err
		}
		took += time.Since(began)
		cpu += task.CPU() - used
	}
	return task.Result{Events: events, Seconds: took.Seconds(), CPUSeconds: cpu.Seconds()}, nil
}
