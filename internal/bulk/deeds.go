package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

// measureDeeds does what takes long, in FILE, which is changed: a replay and a purge of so many events, a round of retention, a verification, a backup.
// Meanwhile pages are saved as ever.
func measureDeeds(ctx context.Context, path string, events int64, only string, out io.Writer) (err error) {
	var h holds
	s, err := store.Open(ctx, path, store.Options{Started: store.ReadClock(), Timed: h.timed})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	j := &job{s: s, events: events}
	all := []long{}
	for _, work := range deeds {
		if only != "" && !slices.Contains(strings.Split(only, ","), work.name) {
			continue
		}
		l, err := h.beside(ctx, s, work.name, func(ctx context.Context) (int64, int64, error) { return work.do(j, ctx) })
		if err != nil {
			return fmt.Errorf("%s: %w", work.name, err)
		}
		all = append(all, l)
		fmt.Fprint(out, l)
	}
	if len(all) == 0 {
		return fmt.Errorf("none of the deeds is called %q", only)
	}
	return json.NewEncoder(out).Encode(all)
}

// job is what the deeds of one run are done to.
type job struct {
	s      *store.Store
	events int64
	purge  *store.Purge // looked at; nil: not yet
	found  store.PurgePreview
}

var deeds = []struct {
	name string
	do   func(*job, context.Context) (rows, bytes int64, err error)
}{
	{"nothing for ten seconds", (*job).rest},
	{"look at a purge", (*job).lookAtPurge},
	{"purge", (*job).doPurge},
	{"wiping", (*job).wipe},
	{"replay", (*job).replay},
	{"retention of nothing", (*job).retain},
	{"retention of payloads", (*job).retainPayloads},
	{"verify", (*job).verify},
	{"backup", (*job).backup},
	{"retention of records", (*job).retainRecords}, // of younger ones than any configuration allows, and so after verify
}

func (*job) rest(ctx context.Context) (int64, int64, error) {
	select {
	case <-ctx.Done():
	case <-time.After(10 * time.Second):
	}
	return 0, 0, ctx.Err()
}

func deedOf(verb string) store.Deed {
	return store.Deed{Actor: "bulk", Verb: verb, Reason: "measured", At: time.Now().UTC()}
}

// timeOf is when the nth event was on the stream, more or less.
func (j *job) timeOf(ctx context.Context, n int64) (time.Time, error) {
	rows, err := j.s.Feed(ctx, store.FeedFilter{}, n-1, 1)
	if err != nil || len(rows.Events) == 0 {
		return time.Time{}, errors.Join(err, fmt.Errorf("there are no %d events", n))
	}
	return rows.Events[0].StreamedAt, nil
}

// lookAtPurge only counts.
func (j *job) lookAtPurge(ctx context.Context) (int64, int64, error) {
	before, err := j.timeOf(ctx, j.events)
	if err != nil {
		return 0, 0, err
	}
	j.purge = &store.Purge{Before: before}
	j.found, err = j.s.PreviewPurge(ctx, *j.purge)
	return j.found.Events, 0, err
}

func (j *job) doPurge(ctx context.Context) (int64, int64, error) {
	if j.purge == nil {
		if _, _, err := j.lookAtPurge(ctx); err != nil {
			return 0, 0, err
		}
	}
	_, emptied, err := j.s.Purge(ctx, deedOf("purge"), *j.purge, j.found, time.Now)
	return emptied, 0, err
}

func (j *job) wipe(ctx context.Context) (int64, int64, error) {
	return 0, 0, admin.KeepUp(ctx, j.s.NewWiping(time.Now))
}

// replay has what follows on what was purged handed on again.
func (j *job) replay(ctx context.Context) (int64, int64, error) {
	until, err := j.timeOf(ctx, 2*j.events)
	if err != nil {
		return 0, 0, err
	}
	a, err := j.s.Replay(ctx, deedOf("events replay"), store.Replay{Destination: destination(0), Events: store.EventFilter{Until: until}, Rate: 1000}, time.Now)
	return a.Rows, 0, err
}

func (j *job) retain(ctx context.Context) (int64, int64, error) {
	return j.keepUp(ctx, store.Retention{Payloads: 90 * 24 * time.Hour, Records: 400 * 24 * time.Hour}, time.Now())
}

// retainPayloads looks at what was purged, passes what a replay has owed again, and removes the payloads of what follows.
func (j *job) retainPayloads(ctx context.Context) (int64, int64, error) {
	now := time.Now().UTC()
	before, err := j.timeOf(ctx, 3*j.events)
	if err != nil {
		return 0, 0, err
	}
	return j.keepUp(ctx, store.Retention{Payloads: now.Sub(before)}, now)
}

func (j *job) retainRecords(ctx context.Context) (int64, int64, error) {
	now := time.Now().UTC()
	before, err := j.timeOf(ctx, j.events)
	if err != nil {
		return 0, 0, err
	}
	return j.keepUp(ctx, store.Retention{Records: now.Sub(before)}, now)
}

func (j *job) keepUp(ctx context.Context, keep store.Retention, now time.Time) (int64, int64, error) {
	u := j.s.NewUpkeep(keep, now, time.Now)
	err := admin.KeepUp(ctx, u)
	return u.Cleared.Events + u.Cleared.Payloads, 0, err
}

func (j *job) verify(ctx context.Context) (rows, _ int64, err error) {
	checks, err := j.s.Verify(ctx, store.Examination{Now: time.Now().UTC()})
	for _, c := range checks {
		if len(c.Found) > 0 && c.Name != "query spacing" {
			err = errors.Join(err, fmt.Errorf("%s: %v", c.Name, c.Found[0]))
		}
	}
	return int64(len(checks)), 0, err
}

func (j *job) backup(ctx context.Context) (int64, int64, error) {
	b, err := j.s.Backup(ctx, os.Getenv("BULK_COPY"))
	if err != nil {
		return 0, 0, err
	}
	return 0, b.Bytes, b.Close()
}
