package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"seekpoller/internal/admin"
	"seekpoller/outbox"
	"seekpoller/store"
)

// coldRequests is how often each route is asked with nothing of the file in memory.
const coldRequests = 5

// figure is how one route did.
type figure struct {
	Route    string         `json:"route"`
	Statuses map[int]int    `json:"statuses"` // of HTTP, and how often
	Bytes    int            `json:"bytes"`    // of the largest answer
	Cold     milliseconds   `json:"cold_ms"`  // the median with nothing of the file in memory
	Median   milliseconds   `json:"median_ms"`
	P99      milliseconds   `json:"p99_ms"`
	Longest  milliseconds   `json:"longest_ms"`
	took     []milliseconds // warm
}

type milliseconds float64

// measure asks every route on a database that nobody writes to.
func measure(ctx context.Context, path string, requests int, out io.Writer) error {
	samples, err := readSamples(ctx, path, requests)
	if err != nil {
		return err
	}
	var figures []figure
	fmt.Fprint(out, heading)
	for _, route := range routes {
		f := figure{Route: route.name, Statuses: map[int]int{}}
		if f.Cold, err = measureCold(ctx, path, route, samples, &f); err != nil {
			return err
		}
		if err := withServer(ctx, path, func(h http.Handler) error { return f.measureWarm(ctx, h, route, samples) }); err != nil {
			return err
		}
		figures = append(figures, f)
		fmt.Fprint(out, f)
	}
	return json.NewEncoder(out).Encode(figures)
}

// withServer does something with the handler that people get, on the file alone.
func withServer(ctx context.Context, path string, do func(http.Handler) error) error {
	s, err := store.OpenReader(ctx, path)
	if err != nil {
		return err
	}
	return errors.Join(do(server(s).Inside("bulk")), s.Close())
}

func server(s *store.Store) *admin.Server {
	c := admin.Config{Store: s, Now: store.ReadClock, Version: "bulk", ReadOnly: s.ReadOnly()}
	c.Envelope = func(e store.Event) []byte { return outbox.Envelope(store.Delivery{Event: e}) }
	for _, stream := range streams {
		c.Streams = append(c.Streams, admin.ConfiguredStream{Name: stream.name, Scheme: "seekAnz", Fingerprint: "bulk"})
	}
	return admin.NewServer(c)
}

func measureCold(ctx context.Context, path string, route route, samples []sample, f *figure) (milliseconds, error) {
	var took []milliseconds
	for i := range coldRequests {
		if err := forget(path); err != nil {
			return 0, err
		}
		err := withServer(ctx, path, func(h http.Handler) error {
			took = append(took, f.ask(ctx, h, route.address(samples[i%len(samples)])))
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return medianOf(took), nil
}

func medianOf(took []milliseconds) milliseconds {
	slices.Sort(took)
	return took[len(took)/2]
}

// forget has the kernel drop what it holds of the file.
func forget(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return unix.Fadvise(int(file.Fd()), 0, 0, unix.FADV_DONTNEED)
}

// measureWarm asks each address once so that it is in memory, as it is for whoever looks a second time, and then measures.
func (f *figure) measureWarm(ctx context.Context, h http.Handler, route route, samples []sample) error {
	for range 2 {
		f.took = nil
		for _, s := range samples {
			f.took = append(f.took, f.ask(ctx, h, route.address(s)))
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	f.sum()
	return nil
}

func (f *figure) sum() {
	if len(f.took) == 0 {
		return
	}
	slices.Sort(f.took)
	f.Median, f.P99, f.Longest = f.took[len(f.took)/2], f.took[len(f.took)*99/100], f.took[len(f.took)-1]
}

// ask asks once, through the handler as a client within the process would.
func (f *figure) ask(ctx context.Context, h http.Handler, address string) milliseconds {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1"+address, http.NoBody)
	if err != nil {
		panic(err) // the addresses are ours
	}
	w := &answer{header: http.Header{}, status: http.StatusOK}
	begun := time.Now()
	h.ServeHTTP(w, r)
	took := milliseconds(float64(time.Since(begun)) / float64(time.Millisecond))
	f.Statuses[w.status]++
	f.Bytes = max(f.Bytes, w.body.Len())
	return took
}

type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

const heading = "                                    route  cold ms   median      p99  longest    bytes  statuses\n"

// String is a line of the table.
func (f figure) String() string {
	return fmt.Sprintf("%41s %8.1f %8.1f %8.1f %8.1f %8d  %v\n", f.Route, f.Cold, f.Median, f.P99, f.Longest, f.Bytes, f.Statuses)
}

// sample is an event that is asked for.
type sample struct {
	seq                                                         int64
	id, candidate, profile, position, hirer, stream, kind, from string
	live                                                        string // the stream of the daemon that is asked
}

// readSamples picks events from all over the database.
func readSamples(ctx context.Context, path string, n int) (samples []sample, err error) {
	db, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var newest int64
	if err := db.QueryRowContext(ctx, "SELECT coalesce(max(seq), 0) FROM events").Scan(&newest); err != nil || newest == 0 {
		return nil, errors.Join(err, errors.New("there are no events"))
	}
	random := rand.New(rand.NewPCG(5, 5))
	for range max(1, n) {
		s := sample{seq: 1 + random.Int64N(newest)}
		err := db.QueryRowContext(ctx, `
			SELECT id, coalesce(candidate_id, ''), coalesce(profile_id, ''), coalesce(position_id, ''), coalesce(hirer_id, ''), stream, type, substr(at, 1, 14) || '00:00Z'
			FROM events
			WHERE seq >= ? AND candidate_id IS NOT NULL AND hirer_id IS NOT NULL
			LIMIT 1`, s.seq).Scan(&s.id, &s.candidate, &s.profile, &s.position, &s.hirer, &s.stream, &s.kind, &s.from)
		if err == nil {
			samples = append(samples, s)
		}
	}
	if len(samples) == 0 {
		return nil, errors.New("there are no events to ask for")
	}
	return samples, nil
}

// route is a way of asking.
type route struct {
	name    string
	address func(sample) string
}

func fixed(address string) route { return route{address, func(sample) string { return address }} }

func of(name, path string, query func(sample) url.Values) route {
	return route{name, func(s sample) string { return path + "?" + query(s).Encode() }}
}
