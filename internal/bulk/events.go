package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	perPage = 100
	minute  = time.Minute
	ahead   = 24 * time.Hour // of boot clock before the first query
)

// queryRow is a page's row in the ledger.
type queryRow struct {
	id             int
	stream         string
	sent, ended    time.Time
	before, after  any
	first, events  int
	more           bool
	newestStreamed time.Time
}

// pageRows are the rows of a page, ready to be put in.
type pageRows struct {
	query  queryRow
	args   []any // of the query
	events []any
}

// events writes the pages one after the other, as a daemon would have got them: at most one query a minute, each from where the last ended.
// The next pages are made while one is written.
func (f *filler) events(ctx context.Context, z size, cursors map[string]int64) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	pages := make(chan pageRows, 50)
	go makePages(ctx, z, cursors, pages)
	last := map[string]queryRow{}
	w, err := f.writer(ctx)
	if err != nil {
		return err
	}
	for p := range pages {
		if err := w.write(ctx, p); err != nil {
			return errors.Join(err, w.abandon())
		}
		last[p.query.stream] = p.query
		if p.query.id%5000 == 0 {
			f.say("%d of %d events", p.query.id*perPage, z.Events)
		}
	}
	if err := errors.Join(ctx.Err(), w.close()); err != nil {
		return err
	}
	return f.cursors(ctx, cursors, last)
}

func makePages(ctx context.Context, z size, cursors map[string]int64, pages chan<- pageRows) {
	defer close(pages)
	r := rand.New(rand.NewPCG(1, 2))
	length := max(time.Duration(z.Days)*24*time.Hour, time.Duration(z.Events/perPage)*(minute+2*time.Second))
	c := calendar{z.Now.Add(-length), length - length/1000, z.Events}
	last := map[string]queryRow{}
	ended := c.begin
	for page := range (z.Events + perPage - 1) / perPage {
		q := nextQuery(page, z, c, ended, last, r)
		last[q.stream], ended = q, q.ended
		select {
		case pages <- rowsOf(q, cursors[q.stream], c, r):
		case <-ctx.Done():
			return
		}
	}
}

func nextQuery(page int, z size, c calendar, ended time.Time, last map[string]queryRow, r *rand.Rand) queryRow {
	q := queryRow{id: page + 1, stream: streamOf(page).name, first: page * perPage, events: min(perPage, z.Events-page*perPage), more: page%7 > 0}
	q.newestStreamed = c.at(q.first + q.events - 1)
	q.sent = q.newestStreamed.Add(2 * time.Second)
	if free := ended.Add(minute + time.Duration(r.IntN(200))*time.Millisecond); q.sent.Before(free) {
		q.sent = free
	}
	q.ended = q.sent.Add(time.Second).Truncate(time.Second).Add(time.Duration(250+r.IntN(600)) * time.Millisecond)
	q.after = tail("cursor", page)
	if before, ok := last[q.stream]; ok {
		q.before = before.after
	}
	return q
}

const insertQuery = `
	INSERT INTO queries (id, cursor_id, sent_at, ended_at, outcome, status, events, fresh, known, conflicts, more, request_id, selection, first,
	                     cursor_before, cursor_after, interval_ms, timeout_ms, sent_boot_ms, ended_boot_ms, boot_id, started_boot_ms)
	VALUES (?, ?, ?, ?, 'answered', 200, ?, ?, 0, 0, ?, ?, 'ids', 100, ?, ?, 60000, 30000, ?, ?, 'bulk', 3600000)`

func rowsOf(q queryRow, cursor int64, c calendar, r *rand.Rand) pageRows {
	boot := func(t time.Time) int64 { return t.Sub(c.begin.Add(-ahead)).Milliseconds() }
	p := pageRows{query: q, events: make([]any, 0, 12*q.events)}
	p.args = []any{q.id, cursor, stamp(q.sent), stamp(q.ended), q.events, q.events, q.more, tail("request", q.id), q.before, q.after, boot(q.sent), boot(q.ended)}
	for n := q.first; n < q.first+q.events; n++ {
		p.events = appendEvent(p.events, n, q, c, r)
	}
	return p
}

// insertEvents has room for so many rows.
func insertEvents(rows int) string {
	row := "(?,?,?,?,'seekAnz','live',?,?,?,?,?,?,?,?)"
	return `
		INSERT INTO events (seq, id, stream, type, scheme, source, created_at, streamed_at, received_at, hirer_id, identifiers, cursor, query_id, node)
		VALUES ` + row + strings.Repeat(","+row, rows-1)
}

func appendEvent(args []any, n int, q queryRow, c calendar, r *rand.Rand) []any {
	streamed := c.at(n)
	created := streamed.Add(-time.Duration(200+r.IntN(60_000)) * time.Millisecond)
	kind, id := streamOf(q.id-1).pick(r), "seekAnz:event:events:"+tail("event", n)
	ids, hirer := identifiers(kind, subjectOf(n, r), r)
	var known any
	if hirer != "" {
		known = hirer
	}
	edge := tail("edge", n)
	if n == q.first+q.events-1 {
		edge, _ = q.after.(string)
	}
	return append(args, n+1, id, q.stream, kind, stamp(created), stamp(streamed), stamp(q.ended), known, ids, edge, q.id, node(kind, id, ids, hirer, created, streamed))
}

// cursors brings the cursors to where their last pages ended.
func (f *filler) cursors(ctx context.Context, cursors map[string]int64, last map[string]queryRow) error {
	for stream, q := range last {
		_, err := f.db.ExecContext(ctx, `
			UPDATE cursors
			SET state = 'caught up', position = ?1, last_event_at = ?2, caught_up_at = ?3, last_query_at = ?4, last_answer_at = ?3,
			    next_query_at = ?5, last_query_id = ?6, last_selection = 'ids',
			    pages = (SELECT count(*) FROM queries WHERE cursor_id = ?7),
			    events = (SELECT sum(fresh) FROM queries WHERE cursor_id = ?7),
			    seen = (SELECT sum(events) FROM queries WHERE cursor_id = ?7),
			    wait_ms = 900000, wait_from = ?3, wait_boot_ms = 0, wait_boot_id = 'bulk'
			WHERE id = ?7`, q.after, stamp(q.newestStreamed), stamp(q.ended), stamp(q.sent), stamp(q.ended.Add(15*time.Minute)), q.id, cursors[stream])
		if err != nil {
			return err
		}
	}
	return nil
}
