package admin

import (
	"encoding/json"

	"seekpoller/store"
)

// What lists consist of. Every key is always there, and null where nothing is known. A payload is in none of them.

// Event is one stored event.
type Event struct {
	Seq         int64           `json:"seq"` // order of arrival
	ID          string          `json:"id"`
	Stream      string          `json:"stream"`
	Type        string          `json:"type"`
	Scheme      string          `json:"scheme"`
	Source      string          `json:"source"` // live, backfill or reconcile
	CreatedAt   Time            `json:"created_at"`
	StreamedAt  Time            `json:"streamed_at"`
	ReceivedAt  Time            `json:"received_at"`
	HirerID     Text            `json:"hirer_id"`
	Identifiers json.RawMessage `json:"identifiers"` // an object of SEEK's names
	Refused     json.RawMessage `json:"refused"`     // an array of fields that SEEK withheld
	Unreadable  Text            `json:"unreadable"`
	QueryID     int64           `json:"query_id"`
	SeenAgain   int64           `json:"seen_again"`
	LastSeenAt  Time            `json:"last_seen_at"`
}

func newEvent(e store.Event) Event {
	return Event{
		Seq: e.Seq, ID: e.ID, Stream: e.Stream, Type: e.Type, Scheme: e.Scheme, Source: e.Source, CreatedAt: Time{e.CreatedAt}, StreamedAt: Time{e.StreamedAt},
		ReceivedAt: Time{e.ReceivedAt}, HirerID: Text(e.HirerID), Identifiers: e.Identifiers, Refused: e.Refused, Unreadable: Text(e.Unreadable), QueryID: e.QueryID,
		SeenAgain: e.SeenAgain, LastSeenAt: Time{e.LastSeenAt},
	}
}

// Delivery is one event for one destination.
type Delivery struct {
	Seq            int64  `json:"seq"`
	EventID        string `json:"event_id"`
	Stream         string `json:"stream"`
	Type           string `json:"type"`
	Destination    string `json:"destination"`
	State          string `json:"state"` // pending, retrying, parked, delivered, dead or discarded
	Attempts       int    `json:"attempts"`
	DueAt          Time   `json:"due_at"`
	CreatedAt      Time   `json:"created_at"`
	FirstAttemptAt Time   `json:"first_attempt_at"` // since it was last owed anew
	DeliveredAt    Time   `json:"delivered_at"`
	DeadAt         Time   `json:"dead_at"`
	DiscardedAt    Time   `json:"discarded_at"`
	Action         Number `json:"action"`      // the deed that last settled it, or had it owed anew
	LastStatus     Number `json:"last_status"` // of HTTP, or of the process
	LastDetail     Text   `json:"last_detail"` // may quote the receiver
}

func newDelivery(d store.DeliveryRow) Delivery {
	return Delivery{
		Seq: d.Seq, EventID: d.EventID, Stream: d.Stream, Type: d.Type, Destination: d.Destination, State: d.State, Attempts: d.Attempts, DueAt: Time{d.DueAt},
		CreatedAt: Time{d.CreatedAt}, FirstAttemptAt: Time{d.FirstAttemptAt}, DeliveredAt: Time{d.DeliveredAt}, DeadAt: Time{d.DeadAt}, DiscardedAt: Time{d.DiscardedAt},
		Action: Number(d.Action), LastStatus: Number(d.LastStatus), LastDetail: Text(d.LastDetail),
	}
}

// Attempt is one try at a delivery.
type Attempt struct {
	Destination string `json:"destination"`
	Attempt     int    `json:"attempt"` // 1 is the first
	StartedAt   Time   `json:"started_at"`
	LatencyMS   int64  `json:"latency_ms"`
	Outcome     string `json:"outcome"` // delivered, retry, dead or parked
	Status      Number `json:"status"`
	RequestID   Text   `json:"request_id"`
	Batch       int    `json:"batch"`  // events in the same request
	Detail      Text   `json:"detail"` // may quote the receiver
}

func newAttempt(a store.Attempt) Attempt {
	return Attempt{a.Destination, a.Number, Time{a.StartedAt}, a.Latency.Milliseconds(), a.Outcome, Number(a.Status), Text(a.RequestID), a.Batch, Text(a.Detail)}
}

// Action is what somebody did.
type Action struct {
	ID       int64  `json:"id"`
	At       Time   `json:"at"`
	EndedAt  Time   `json:"ended_at"` // null: it did not finish
	Actor    string `json:"actor"`
	Verb     string `json:"verb"`
	Reason   string `json:"reason"`
	Selector Text   `json:"selector"`
	Rows     int64  `json:"rows"`
	Undo     Text   `json:"undo"`
}

func newAction(a store.Action) Action {
	return Action{a.ID, Time{a.At}, Time{a.EndedAt}, a.Actor, a.Verb, a.Reason, Text(a.Selector), a.Rows, Text(a.Undo)}
}

// Cursor is a place reached, or that was reached, in a stream.
type Cursor struct {
	ID            int64    `json:"id"`
	Stream        string   `json:"stream"`
	Kind          string   `json:"kind"` // live, backfill or reconcile
	State         string   `json:"state"`
	LastEventAt   Time     `json:"last_event_at"`
	CaughtUpAt    Time     `json:"caught_up_at"`
	LastQueryAt   Time     `json:"last_query_at"`
	NextQueryAt   Time     `json:"next_query_at"`
	Since         Time     `json:"since"`
	Until         Time     `json:"until"`
	CreatedAt     Time     `json:"created_at"`
	EndedAt       Time     `json:"ended_at"`
	Events        int64    `json:"events"` // that were new
	Seen          int64    `json:"seen"`   // known ones too
	Pages         int64    `json:"pages"`
	Failures      int      `json:"failures"` // in a row
	ErrorKind     Text     `json:"error_kind"`
	Error         Text     `json:"error"`
	ErrorAt       Time     `json:"error_at"`
	LastRequestID Text     `json:"last_request_id"` // what SEEK's support asks for
	Position      Text     `json:"position"`        // SEEK's cursor
	Types         []string `json:"types"`           // of a stretch; null: the stream's
	MadeBy        Number   `json:"made_by"`         // the action; null: the daemon
	EndedBy       Number   `json:"ended_by"`        // the action; null: its last page
}

func newCursor(c store.Cursor, last store.Query) Cursor {
	return Cursor{
		ID: c.ID, Stream: c.Stream, Kind: c.Kind, State: string(c.State), LastEventAt: Time{c.LastEventAt}, CaughtUpAt: Time{c.CaughtUpAt}, LastQueryAt: Time{c.LastQueryAt},
		NextQueryAt: Time{c.NextQueryAt}, Since: Time{c.Since}, Until: Time{c.Until}, CreatedAt: Time{c.CreatedAt}, EndedAt: Time{c.EndedAt}, Events: c.Events, Seen: c.Seen, Pages: c.Pages,
		Failures: c.Failures, ErrorKind: Text(c.LastErrorKind), Error: Text(c.LastError), ErrorAt: Time{c.LastErrorAt}, LastRequestID: Text(last.RequestID), Position: Text(c.Position),
		Types: c.Types, MadeBy: Number(c.MadeBy), EndedBy: Number(c.EndedBy),
	}
}

// Query is one query of the ledger.
type Query struct {
	ID           int64  `json:"id"`
	CursorID     int64  `json:"cursor_id"`
	Stream       string `json:"stream"`
	Kind         string `json:"kind"` // live, backfill or reconcile
	RequestID    string `json:"request_id"`
	SentAt       Time   `json:"sent_at"`
	EndedAt      Time   `json:"ended_at"` // null: still under way, or its process died
	Outcome      Text   `json:"outcome"`  // answered, or the kind of error
	Error        Text   `json:"error"`
	Status       Number `json:"status"`
	Events       int    `json:"events"`
	Fresh        int    `json:"fresh"` // of them, new ones
	Known        int    `json:"known"`
	Conflicts    int    `json:"conflicts"` // known ones that came with another content
	More         bool   `json:"more"`      // SEEK said that there are more pages
	Selection    string `json:"selection"`
	First        int    `json:"first"`
	CursorBefore Text   `json:"cursor_before"`
	CursorAfter  Text   `json:"cursor_after"`
	RetryAfterMS Number `json:"retry_after_ms"`
}

func newQuery(q store.Query) Query {
	return Query{
		ID: q.ID, CursorID: q.Cursor.ID, Stream: q.Cursor.Stream, Kind: q.Cursor.Kind, RequestID: q.RequestID, SentAt: Time{q.SentAt.Wall}, EndedAt: Time{q.EndedAt},
		Outcome: Text(q.Outcome), Error: Text(q.Error), Status: Number(q.Status), Events: q.Events, Fresh: q.Fresh, Known: q.Known, Conflicts: q.Conflicts, More: q.More,
		Selection: q.Selection, First: q.First, CursorBefore: Text(q.CursorBefore), CursorAfter: Text(q.CursorAfter), RetryAfterMS: Number(q.RetryAfter.Milliseconds()),
	}
}

// rowsOf makes the rows of a list; an empty list is [] in JSON.
func rowsOf[S, R any](found []S, row func(S) R) []R {
	rows := make([]R, len(found))
	for i, f := range found {
		rows[i] = row(f)
	}
	return rows
}
