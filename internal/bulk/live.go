package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	pageEvery    = 2 * time.Second // SEEK permits thirty times fewer
	newEvents    = 100             // between two pages
	reportBreath = 20 * time.Millisecond
)

// measureLive asks the real daemon, as people do, while it saves pages and settles deliveries in FILE, which grows.
func measureLive(ctx context.Context, binary, file string, requests int, out io.Writer) (err error) {
	samples, err := readSamples(ctx, file, requests)
	if err != nil {
		return err
	}
	p, err := startProgram(ctx, binary, surroundings{database: file, interval: pageEvery, quiet: pageEvery, events: newEvents})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	for i := range samples {
		samples[i].live = p.stream
	}
	fmt.Fprintf(out, "ready after %.0f ms\n", inMilliseconds(p.ready))
	fed, stop := context.WithCancel(ctx)
	var feeding sync.WaitGroup
	feeding.Go(func() { p.feed(fed) })
	defer feeding.Wait()
	defer stop()
	l := live{p: p, file: file, samples: samples}
	fmt.Fprint(out, heading)
	var figures []figure
	for _, route := range routes {
		f, err := l.ask(ctx, route.name, func(s sample, f *figure) error { return p.fetch(ctx, route.address(s), f) })
		if err != nil {
			return err
		}
		figures = append(figures, f)
		fmt.Fprint(out, f)
	}
	for _, v := range verbs {
		f, err := l.ask(ctx, v.name, func(s sample, f *figure) error { return p.run(ctx, v.args(s), f) })
		if err != nil {
			return err
		}
		figures = append(figures, f)
		fmt.Fprint(out, f)
	}
	report := p.seek.Report()
	fmt.Fprintf(out, "meanwhile SEEK gave %d pages\n", report.Requests["events"])
	return json.NewEncoder(out).Encode(figures)
}

// feed has SEEK get new events all the time.
func (p *program) feed(ctx context.Context) {
	for ctx.Err() == nil {
		p.seek.Add(newEvents)
		time.Sleep(pageEvery)
	}
}

// live is how a running daemon is asked.
type live struct {
	p       *program
	file    string
	samples []sample
}

// ask asks for each sample, first a few times cold, and then warm.
func (l live) ask(ctx context.Context, name string, once func(sample, *figure) error) (figure, error) {
	f := figure{Route: name, Statuses: map[int]int{}}
	timed := func(s sample) (milliseconds, error) {
		begun := time.Now()
		err := errors.Join(once(s, &f), ctx.Err())
		return inMilliseconds(time.Since(begun)), err
	}
	var cold []milliseconds
	for i := range coldRequests {
		if err := forget(l.file); err != nil {
			return f, err
		}
		took, err := timed(l.samples[i%len(l.samples)])
		if err != nil {
			return f, err
		}
		cold = append(cold, took)
	}
	f.Cold = medianOf(cold)
	if _, err := timed(l.samples[0]); err != nil {
		return f, err
	}
	for _, s := range l.samples {
		took, err := timed(s)
		if err != nil {
			return f, err
		}
		f.took = append(f.took, took)
		time.Sleep(reportBreath)
	}
	f.sum()
	return f, nil
}

// fetch asks by the socket.
func (p *program) fetch(ctx context.Context, address string, f *figure) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+address, http.NoBody)
	if err != nil {
		return err
	}
	response, err := p.people.Do(request)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, response.Body)
	f.Statuses[response.StatusCode]++
	f.Bytes = max(f.Bytes, int(n))
	return errors.Join(err, response.Body.Close())
}

// run runs a verb; the time of its process counts.
func (p *program) run(ctx context.Context, args []string, f *figure) error {
	out, err := p.verb(ctx, args...)
	f.Bytes = max(f.Bytes, len(out))
	f.Statuses[0]++
	return err
}
