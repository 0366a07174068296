package poller

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptrace"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"seekpoller/graphql"
	"seekpoller/store"
)

// Step makes at most one events query and returns how long to wait before the next step can do anything; 0: at once. The order is the
// promise: a token first, so that no slot is wasted without one; then the slot, durable before the query is sent; then the query, exactly
// one request; then the page, in one transaction. A crash between slot and page costs one query and never an event.
func (p *Poller) Step(ctx context.Context) (time.Duration, error) {
	if err := p.reconcile(ctx, p.Now()); err != nil {
		return 0, err
	}
	wait, err := p.untilWork(ctx, p.Now())
	if err != nil || wait > 0 {
		return wait, err
	}
	p.alive(p.Timeout)
	token, err := p.Tokens.Token(ctx)
	if err != nil {
		return 0, p.noToken(ctx, err)
	}
	p.alive(p.interval())
	if err := p.gate.Wait(ctx); err != nil {
		return 0, err
	}
	q, wait, err := p.takeSlot(ctx)
	if err != nil || wait > 0 {
		p.closeGate(0) // nothing was sent
		return wait, err
	}
	p.alive(p.Timeout)
	p.pulse.begins(q)
	page, ended, err := p.ask(ctx, token, q)
	p.pulse.ended = ended
	p.alive(0)
	p.closeGate(p.interval())
	if err != nil {
		return 0, p.fail(ctx, token, q, err, ended)
	}
	p.Tokens.Accepted(token)
	return 0, p.save(ctx, q, page, ended)
}

// takeSlot chooses the cursor after all waiting is over, so that the most urgent one goes first, and takes the slot for it.
func (p *Poller) takeSlot(ctx context.Context) (store.Query, time.Duration, error) {
	cursors, err := p.Store.OpenCursors(ctx)
	if err != nil {
		return store.Query{}, 0, fmt.Errorf("read cursors: %w", err)
	}
	now := p.Now()
	c, wait := p.choose(cursors, now)
	if wait > 0 {
		return store.Query{}, wait, nil
	}
	stream, _ := p.streamOf(c)
	selection, first := p.shape(stream, c.Suspect)
	q, err := p.Store.TakeSlot(ctx, store.Ask{
		CursorID:  c.ID,
		RequestID: uuid.NewString(),
		Selection: string(selection),
		First:     first,
		Interval:  p.interval(),
		Timeout:   p.Timeout,
	}, now)
	if tooSoon := (*store.TooSoonError)(nil); errors.As(err, &tooSoon) {
		return q, max(tooSoon.Wait, time.Millisecond), nil
	}
	if errors.Is(err, store.ErrCursorMoved) {
		return p.takeSlot(ctx) // it ended since it was chosen, so it is not chosen again
	}
	if store.Temporary(err) {
		p.Log.Error("no query is made while the database cannot be written", zap.Error(err), zap.Duration("again_in", diskWait))
		return q, diskWait, nil
	}
	return q, 0, err
}

// errOverslept is a query that was not sent.
var errOverslept = errors.New("the machine or this process stood still after the slot was taken, so the query was not sent")

// ask sends the query, unless the slot was overslept. The exchange ends when this returns: with the last byte of the answer, or with its error.
func (p *Poller) ask(ctx context.Context, token string, q store.Query) (*graphql.Page, store.Instant, error) {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(p.Grace, cancel) })()
	stream, _ := p.streamOf(q.Cursor)
	query := graphql.Query{
		RequestID: q.RequestID,
		Scheme:    stream.Scheme,
		Types:     stream.Types,
		After:     q.Cursor.Position,
		First:     q.First,
		Selection: graphql.Selection(q.Selection),
	}
	if q.Cursor.Kind != "live" || q.Cursor.Position == "" {
		query.Since, query.Until = q.Cursor.Since, q.Cursor.Until
	}
	overslept := false
	look := p.lastLook(q, func() { overslept = true; cancel() })
	page, err := p.Client.Events(httptrace.WithClientTrace(asking, look), token, query)
	if overslept {
		err = errOverslept
	}
	return page, p.Now(), err
}

// lastLook closes the connection that a query got for itself, before it is used, if by the clock that counts suspends the query should have
// ended by now. A slot that is used later than the ledger allows for would be over too soon for whoever starts after a crash.
func (p *Poller) lastLook(q store.Query, tooLate func()) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{GotConn: func(got httptrace.GotConnInfo) {
		if q.SentAt.Elapsed(p.Now(), p.started) > p.Timeout {
			tooLate()
			got.Conn.Close()
		}
	}}
}

// save makes the page durable. A page in hand is not thrown away because the disk is full or the file locked for a while: it was paid for
// with a slot, so the transaction is tried again until it holds or the process ends. No query is made meanwhile. The end of ctx does not
// cut short what is being done, it only ends the trying: an answer that came within Grace is saved.
func (p *Poller) save(ctx context.Context, q store.Query, page *graphql.Page, ended store.Instant) error {
	inHand := context.WithoutCancel(ctx)
	toSave, err := p.translate(inHand, q, page, ended)
	if err != nil {
		return err
	}
	for {
		saved, err := p.Store.SavePage(inHand, q, toSave, ended)
		switch {
		case err == nil, errors.Is(err, store.ErrAnswered): // the latter: a commit that held although it said otherwise
			p.tell(q, toSave, saved)
			p.asked(q, store.Answered, &toSave, saved.Fresh)
			return p.tellEnd(inHand, q, toSave)
		case errors.Is(err, store.ErrCursorMoved):
			return p.drop(ctx, q, toSave, ended)
		case !store.Temporary(err):
			return err
		}
		p.Log.Error("page not saved yet; it is kept and tried again", append(queryFields(q), zap.Error(err), zap.Duration("again_in", diskWait))...)
		if p.sleepFor(ctx, diskWait); ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// drop lets go of a page whose cursor was moved or cancelled by a person while it was under way. What was on it is asked for again from where
// the stream stands now.
func (p *Poller) drop(ctx context.Context, q store.Query, page store.Page, ended store.Instant) error {
	p.Log.Warn("page dropped: the cursor was moved or cancelled while it was under way", queryFields(q)...)
	f := store.Failure{Kind: string(graphql.Transient), Message: "the cursor was moved or cancelled while the query was under way"}
	if !page.More {
		f.Wait, f.NextQueryAt = p.quiet(), ended.Wall.Add(p.quiet())
	}
	err := p.untilWritten(ctx, func(ctx context.Context) error { return p.Store.Drop(ctx, q, f, ended) })
	return p.closed(q, f.Kind, err)
}

// diskWait is how long to wait before a database that could not be written is tried again.
const diskWait = 5 * time.Second

func (p *Poller) sleepFor(ctx context.Context, d time.Duration) {
	p.alive(d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// tell is the info line of a query, and the call that wakes whoever hands events on.
func (p *Poller) tell(q store.Query, page store.Page, saved store.Saved) {
	fields := append(queryFields(q), zap.Int("events", len(page.Events)), zap.Int("new", saved.Fresh), zap.Int("deliveries", saved.Deliveries),
		zap.Bool("more", page.More), zap.Time("next_query_at", page.NextQueryAt))
	if page.Alarm != "" {
		p.Log.Error("page saved, but a person should look: "+page.Alarm, fields...)
	} else {
		p.Log.Info("page saved", fields...)
	}
	for _, e := range page.Events {
		if e.Type == missing {
			p.Log.Error("an event is missing: SEEK could not give it, and the stream goes on without it", append(queryFields(q), zap.String("event", e.ID))...)
		}
	}
	if p.Saved != nil {
		p.Saved()
	}
}

func queryFields(q store.Query) []zap.Field {
	return []zap.Field{zap.String("stream", q.Cursor.Stream), zap.String("request_id", q.RequestID)}
}
