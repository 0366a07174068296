package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// long is how one long piece of work did, and how the pages fared that were saved beside it.
type long struct {
	Work    string       `json:"work"`
	Rows    int64        `json:"rows"`
	Seconds float64      `json:"seconds"`
	Writes  int          `json:"writes_beside"` // slots, pages, claims and settles, their wait for the writer included
	Median  milliseconds `json:"write_median_ms"`
	P99     milliseconds `json:"write_p99_ms"`
	Longest milliseconds `json:"write_longest_ms"`
	Bytes   int64        `json:"bytes,omitempty"`
}

func (l long) String() string {
	return fmt.Sprintf("%-42s %9d rows %8.1f s; beside it %4d writes: median %6.1f ms, p99 %6.1f, longest %6.1f\n", l.Work, l.Rows, l.Seconds, l.Writes, l.Median, l.P99, l.Longest)
}

// measureDeeds does what takes long, in FILE, which is changed: a replay and a purge of so many events, a round of retention, a verification, a backup.
// Meanwhile pages are saved as ever.
func measureDeeds(ctx context.Context, path string, events int64, out io.Writer) (err error) {
	s, err := store.Open(ctx, path, store.Options{Started: store.ReadClock()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var all []long
	for _, work := range []struct {
		name string
		do   func(context.Context, *store.Store, int64) (rows, bytes int64, err error)
	}{
		{"nothing, for ten seconds", rests},
		{"what a purge by time would do", looksAtPurge},
		{"purge by time", purges},
		{"wiping after it", wipes},
		{"replay", replays},
		{"retention, of what is not old", retains},
		{"verify", verifies},
		{"backup", backsUp},
	} {
		l, err := beside(ctx, s, work.name, func(ctx context.Context) (int64, int64, error) { return work.do(ctx, s, events) })
		if err != nil {
			return fmt.Errorf("%s: %w", work.name, err)
		}
		all = append(all, l)
		fmt.Fprint(out, l)
	}
	return json.NewEncoder(out).Encode(all)
}

// beside does the work while another goroutine writes as a daemon does.
func beside(ctx context.Context, s *store.Store, name string, do func(context.Context) (int64, int64, error)) (l long, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writer, wrote := &load{Pause: 200 * time.Millisecond}, make(chan error, 1)
	go func() { wrote <- writer.work(ctx, s) }()
	begun := time.Now()
	l = long{Work: name}
	l.Rows, l.Bytes, err = do(ctx)
	l.Seconds = time.Since(begun).Seconds()
	cancel()
	err = errors.Join(err, <-wrote)
	slices.Sort(writer.took)
	if n := len(writer.took); n > 0 {
		l.Writes, l.Median, l.P99, l.Longest = n, writer.took[n/2], writer.took[n*99/100], writer.took[n-1]
	}
	return l, err
}

func rests(ctx context.Context, _ *store.Store, _ int64) (int64, int64, error) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	return 0, 0, ctx.Err()
}

func deedOf(verb string) store.Deed {
	return store.Deed{Actor: "bulk", Verb: verb, Reason: "measured", At: time.Now().UTC()}
}

// replays what follows on what was purged.
func replays(ctx context.Context, s *store.Store, events int64) (int64, int64, error) {
	until, err := timeOf(ctx, s, 2*events)
	if err != nil {
		return 0, 0, err
	}
	a, err := s.Replay(ctx, deedOf("events replay"), store.Replay{Destination: destination(0), Events: store.EventFilter{Until: until}, Rate: 1000})
	return a.Rows, 0, err
}

// timeOf is when the nth event was on the stream, more or less.
func timeOf(ctx context.Context, s *store.Store, n int64) (time.Time, error) {
	rows, err := s.Feed(ctx, store.FeedFilter{}, n-1, 1)
	if err != nil || len(rows.Events) == 0 {
		return time.Time{}, errors.Join(err, fmt.Errorf("there are no %d events", n))
	}
	return rows.Events[0].StreamedAt, nil
}

// looksAtPurge only counts.
func looksAtPurge(ctx context.Context, s *store.Store, events int64) (int64, int64, error) {
	p, err := purgeOf(ctx, s, events)
	if err != nil {
		return 0, 0, err
	}
	found, err := s.PreviewPurge(ctx, p)
	return found.Events, 0, err
}

func purgeOf(ctx context.Context, s *store.Store, events int64) (store.Purge, error) {
	before, err := timeOf(ctx, s, events)
	return store.Purge{Before: before}, err
}

func purges(ctx context.Context, s *store.Store, events int64) (int64, int64, error) {
	p, err := purgeOf(ctx, s, events)
	if err != nil {
		return 0, 0, err
	}
	found, err := s.PreviewPurge(ctx, p)
	if err != nil {
		return 0, 0, err
	}
	_, emptied, err := s.Purge(ctx, deedOf("purge"), p, found, time.Now)
	return emptied, 0, err
}

func wipes(ctx context.Context, s *store.Store, _ int64) (int64, int64, error) {
	return 0, 0, admin.KeepUp(ctx, s.NewWiping(time.Now))
}

func retains(ctx context.Context, s *store.Store, _ int64) (int64, int64, error) {
	u := s.NewUpkeep(store.Retention{Payloads: 90 * 24 * time.Hour, Records: 400 * 24 * time.Hour}, time.Now().UTC(), time.Now)
	err := admin.KeepUp(ctx, u)
	return u.Cleared.Events, 0, err
}

func verifies(ctx context.Context, s *store.Store, _ int64) (rows, _ int64, err error) {
	checks, err := s.Verify(ctx, store.Examination{Now: time.Now().UTC()})
	for _, c := range checks {
		if len(c.Found) > 0 && c.Name != "query spacing" {
			err = errors.Join(err, fmt.Errorf("%s: %v", c.Name, c.Found[0]))
		}
	}
	return int64(len(checks)), 0, err
}

func backsUp(ctx context.Context, s *store.Store, _ int64) (int64, int64, error) {
	b, err := s.Backup(ctx, os.Getenv("BULK_COPY"))
	if err != nil {
		return 0, 0, err
	}
	return 0, b.Bytes, b.Close()
}
