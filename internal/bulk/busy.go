package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"seekpoller/store"
)

const (
	askers     = 3                     // who ask at the same time
	workPause  = 2 * time.Second       // between two pages; a real daemon has a minute
	askPause   = 20 * time.Millisecond // of each who asks, between two requests
	watchPause = 5 * time.Millisecond
)

// load is what a busy daemon did, and how it fared.
type load struct {
	Pages    int            `json:"pages"`
	Settled  int            `json:"settled"`
	Stall    milliseconds   `json:"longest_write_ms"` // of one transaction, its wait for the disk included
	Pause    time.Duration  `json:"-"`                // between two pages
	took     []milliseconds // of every transaction
	WAL      atomic.Int64   `json:"-"`
	WALBytes int64          `json:"wal_bytes_at_most"`
	Longest  milliseconds   `json:"longest_request_ms"` // no read transaction can have lasted longer
}

// measureBusy asks the routes while a writer in the same process saves pages and settles deliveries, many times as fast as SEEK allows.
func measureBusy(ctx context.Context, path string, d time.Duration, out io.Writer) (err error) {
	samples, err := readSamples(ctx, path, 50)
	if err != nil {
		return err
	}
	begun := time.Now()
	s, err := store.Open(ctx, path, store.Options{Started: store.ReadClock()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Fprintf(out, "opened after %.1f s\n", time.Since(begun).Seconds())
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	l := &load{Pause: workPause}
	var wrote error
	var wg sync.WaitGroup
	wg.Go(func() { wrote = l.work(ctx, s) })
	wg.Go(func() { l.watch(ctx, path+"-wal") })
	figures := askAll(ctx, server(s).Inside("bulk"), samples)
	wg.Wait()
	l.WALBytes = l.WAL.Load()
	fmt.Fprint(out, heading)
	for _, f := range figures {
		l.Longest = max(l.Longest, f.Longest)
		fmt.Fprint(out, f)
	}
	enc := json.NewEncoder(out)
	return errors.Join(wrote, enc.Encode(figures), enc.Encode(l))
}

// askAll asks every route in turn, several at a time, until ctx ends.
func askAll(ctx context.Context, h http.Handler, samples []sample) []figure {
	figures := make([]figure, len(routes))
	var mu sync.Mutex // guards figures
	var wg sync.WaitGroup
	for asker := range askers {
		wg.Go(func() {
			for n := asker; ctx.Err() == nil; n++ {
				at := n % len(routes)
				one := figure{Statuses: map[int]int{}}
				took := one.ask(context.WithoutCancel(ctx), h, routes[at].address(samples[n/len(routes)%len(samples)]))
				mu.Lock()
				figures[at].add(one, routes[at].name, took)
				mu.Unlock()
				time.Sleep(askPause)
			}
		})
	}
	wg.Wait()
	for i := range figures {
		figures[i].sum()
	}
	return figures
}

func (f *figure) add(one figure, name string, took milliseconds) {
	f.Route = name
	if f.Statuses == nil {
		f.Statuses = map[int]int{}
	}
	for status, n := range one.Statuses {
		f.Statuses[status] += n
	}
	f.Bytes = max(f.Bytes, one.Bytes)
	f.took = append(f.took, took)
}

// watch keeps the largest size of the log.
func (l *load) watch(ctx context.Context, wal string) {
	for ctx.Err() == nil {
		if info, err := os.Stat(wal); err == nil {
			l.WAL.Store(max(l.WAL.Load(), info.Size()))
		}
		time.Sleep(watchPause)
	}
}
