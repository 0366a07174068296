package poller

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"seekpoller/graphql"
	"seekpoller/store"
)

// translate turns the words of the wire into the words of the disk; nobody else knows both. It decides where the cursor goes: SEEK's
// endCursor, or where it is if the page has none (a null endCursor means "nothing new", never "from the start"). A page that claims to
// have more but leads nowhere new is saved and not followed.
func (p *Poller) translate(ctx context.Context, q store.Query, page *graphql.Page, ended store.Instant) (store.Page, error) {
	stream, _ := p.streamOf(q.Cursor)
	out := store.Page{Position: q.Cursor.Position, More: page.HasNextPage, Status: page.Status, Suspect: wider(q, page)}
	for _, edge := range page.Edges {
		out.Events = append(out.Events, p.event(q, stream, edge))
	}
	if page.EndCursor != "" {
		out.Position = page.EndCursor
	}
	if !page.HasNextPage {
		out.State, out.Wait = store.Ended, p.quiet()
		if q.Cursor.Kind == "live" {
			out.State, out.NextQueryAt = store.CaughtUp, stream.nextQuery(ended.Wall, out.Wait)
		}
		return out, nil
	}
	led, err := p.leadsOn(ctx, q, out.Position)
	if err != nil {
		return store.Page{}, err
	}
	if !led {
		out.Alarm = fmt.Sprintf("SEEK says that there are more events, but its cursor does not lead on; asked again every %s", p.slow())
		out.Position, out.State, out.Wait = q.Cursor.Position, store.Stuck, p.slow()
		out.NextQueryAt = ended.Wall.Add(out.Wait)
		return out, nil
	}
	out.State, out.NextQueryAt = store.Behind, ended.Wall.Add(p.interval())
	if out.Suspect == bareAll {
		out.Alarm = "SEEK refuses the whole query, so only id, type and time of events are fetched: look for a new version"
	}
	return out, nil
}

// leadsOn reports whether position is a place where this run of pages has not been yet.
func (p *Poller) leadsOn(ctx context.Context, q store.Query, position string) (bool, error) {
	if position == q.Cursor.Position {
		return false, nil
	}
	seen, err := p.Store.SeenPosition(ctx, q.Cursor.ID, position)
	if err != nil {
		return false, fmt.Errorf("look for a circle of cursors: %w", err)
	}
	return !seen, nil
}

// event keeps the node as it came beside what can be read of it. An event without an id is kept under its place in the stream, so that an
// odd event neither stops the stream nor is lost.
func (p *Poller) event(q store.Query, stream Stream, edge graphql.Edge) store.Event {
	if q.Selection == string(graphql.Places) {
		return lost(stream, edge)
	}
	read := edge.Event()
	e := store.Event{
		ID:         read.ID,
		Type:       read.Type,
		Scheme:     read.Scheme,
		Cursor:     edge.Cursor,
		HirerID:    read.HirerID,
		CreatedAt:  read.CreatedAt,
		StreamedAt: edge.StreamDateTime,
		Unreadable: read.Unreadable,
		Node:       edge.Node,
	}
	if read.Identifiers != nil {
		e.Identifiers = mustJSON(read.Identifiers)
	}
	if e.ID == "" {
		e.ID = "cursor:" + edge.Cursor
	}
	if e.Type == "" {
		e.Type = "unreadable"
	}
	if len(edge.Refused) > 0 {
		e.Refused = mustJSON(refusals(edge.Refused))
	}
	if q.Selection == string(graphql.Interface) && e.Unreadable == "" {
		e.Unreadable = "SEEK could give only what every event has: id, type and time"
	}
	p.route(&e, q.Cursor)
	return e
}

// missing is the type of a row that stands for an event which SEEK has and cannot give. Nobody is told of it, because there is nothing to tell;
// it is counted, and the status shows it.
const missing = "missing"

func lost(stream Stream, edge graphql.Edge) store.Event {
	return store.Event{
		ID:         "cursor:" + edge.Cursor,
		Type:       missing,
		Scheme:     stream.Scheme,
		Cursor:     edge.Cursor,
		StreamedAt: edge.StreamDateTime,
		Unreadable: "SEEK had an event here that it could not give",
	}
}

// refusal is graphql.Refusal as the disk and the receivers spell it.
type refusal struct {
	Path    string `json:"path"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func refusals(refused []graphql.Refusal) []refusal {
	out := make([]refusal, len(refused))
	for i, r := range refused {
		out[i] = refusal(r)
	}
	return out
}

// route names the destinations that take an event. One whose hirer SEEK does not tell goes to all hirers' destinations: to the wrong one it is
// an id that means nothing, but to lose it is to lose an application. A stretch may be for some destinations only, or for none.
func (p *Poller) route(e *store.Event, c store.Cursor) {
	for _, d := range p.Destinations {
		if !admits(d.Streams, c.Stream) || !admits(d.Types, e.Type) || e.HirerID != "" && !admits(d.Hirers, e.HirerID) {
			continue
		}
		if c.Deliver != nil && !slices.Contains(c.Deliver, d.Name) {
			continue
		}
		e.Destinations = append(e.Destinations, d.Name)
		if d.Again && !askedAgain(c, e) {
			e.Again = append(e.Again, d.Name)
		}
	}
}

// askedAgain says that an event comes because we asked for it again, by a stretch or after a rewind, and not because SEEK has sent it twice.
func askedAgain(c store.Cursor, e *store.Event) bool {
	return c.Kind != "live" || c.MadeBy != 0 && !e.StreamedAt.After(c.LastEventAt)
}

func admits(list []string, word string) bool { return len(list) == 0 || slices.Contains(list, word) }

// mustJSON encodes maps and slices of strings, which cannot fail.
func mustJSON(v any) json.RawMessage {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}
