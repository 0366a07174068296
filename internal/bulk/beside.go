package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"seekpoller/store"
)

// long is how one long piece of work did, and how those fared who wrote beside it.
type long struct {
	Work    string  `json:"work"`
	Rows    int64   `json:"rows"`
	Seconds float64 `json:"seconds"`
	Bytes   int64   `json:"bytes,omitempty"`
	Held    waits   `json:"held"`          // by each transaction of the work: for so long nobody else could write
	Small   waits   `json:"small_writes"`  // of one row, from the call to the commit: the wait for the writer and one sync
	Daemon  waits   `json:"daemon_writes"` // slots, pages of 100, claims and settles, their own work included
}

// waits is how long writes took.
type waits struct {
	Count   int          `json:"count"`
	Median  milliseconds `json:"median_ms"`
	P99     milliseconds `json:"p99_ms"`
	Longest milliseconds `json:"longest_ms"`
}

func waitsOf(took []milliseconds) waits {
	n := len(took)
	if n == 0 {
		return waits{}
	}
	slices.Sort(took)
	return waits{Count: n, Median: took[n/2], P99: took[n*99/100], Longest: took[n-1]}
}

func (w waits) String() string {
	return fmt.Sprintf("%6d: median %6.1f ms, p99 %6.1f, longest %6.1f", w.Count, w.Median, w.P99, w.Longest)
}

func (l long) String() string {
	return fmt.Sprintf("%-26s %8d rows %8.1f s\n  its own transactions    %v\n  small writes beside it  %v\n  a daemon's writes       %v\n", l.Work, l.Rows, l.Seconds, l.Held, l.Small, l.Daemon)
}

// holds is how long the transactions of deeds and of upkeep had the writer.
type holds struct {
	mu   sync.Mutex // guards took
	took []milliseconds
}

func (h *holds) timed(transaction string) (ended func()) {
	if transaction != "deed" && transaction != "upkeep" {
		return func() {}
	}
	begun := time.Now()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.took = append(h.took, inMilliseconds(time.Since(begun)))
	}
}

// take gives what was held since it was last asked.
func (h *holds) take() []milliseconds {
	h.mu.Lock()
	defer h.mu.Unlock()
	took := h.took
	h.took = nil
	return took
}

// beside does the work while others write: one as a daemon does, one that knocks every few milliseconds.
func (h *holds) beside(ctx context.Context, s *store.Store, name string, do func(context.Context) (int64, int64, error)) (l long, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	daemon := &load{Pause: time.Second}
	var knocks []milliseconds
	var wrote, knocked error
	var wg sync.WaitGroup
	wg.Go(func() { wrote = daemon.work(ctx, s) })
	wg.Go(func() { knocks, knocked = knock(ctx, s) })
	h.take()
	begun := time.Now()
	l = long{Work: name}
	l.Rows, l.Bytes, err = do(ctx)
	l.Seconds = time.Since(begun).Seconds()
	cancel()
	wg.Wait()
	l.Held, l.Small, l.Daemon = waitsOf(h.take()), waitsOf(knocks), waitsOf(daemon.took)
	return l, errors.Join(err, wrote, knocked)
}

// knock makes a write of one row again and again, and says how long each took.
func knock(ctx context.Context, s *store.Store) (took []milliseconds, err error) {
	write := context.WithoutCancel(ctx)
	for ctx.Err() == nil && err == nil {
		begun := time.Now()
		err = s.HoldDestination(write, destination(0), begun)
		took = append(took, inMilliseconds(time.Since(begun)))
		time.Sleep(20 * time.Millisecond)
	}
	return took, err
}
