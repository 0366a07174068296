package store

import (
	"encoding/json"
	"time"
)

// Event is one SEEK event as it is stored.
type Event struct {
	Seq                   int64  // order of arrival; given by SavePage
	ID                    string // SEEK's own
	Stream, Source        string // the cursor's stream and kind (live, backfill, reconcile); given by SavePage
	Type, Scheme          string
	Cursor                string          // of its edge
	HirerID               string          // "" unknown
	CreatedAt, StreamedAt time.Time       // SEEK's; zero: unreadable
	ReceivedAt            time.Time       // given by SavePage: when the page's exchange ended
	Identifiers           json.RawMessage // an object of SEEK's names: {"candidateId":"…"}; nil: none
	Refused               json.RawMessage // an array of {"path","code","message"}: fields that SEEK withheld; nil: none
	Unreadable            string          // why the node could not be decoded fully; "" if it could
	Node                  []byte          // byte for byte as SEEK sent it; nil: purged
	QueryID               int64           // that brought it; given by SavePage
	SeenAgain             int64           // how often it came again
	LastSeenAt            time.Time       // when it last did; zero: never
	Destinations          []string        // for SavePage only: who takes it
	Again                 []string        // for SavePage only: who of them takes it again when it is known already
}

// At is when SEEK put the event on its stream, or, where that is unreadable, when it was received: the column at.
func (e Event) At() time.Time {
	if e.StreamedAt.IsZero() {
		return e.ReceivedAt
	}
	return e.StreamedAt
}

const eventColumns = `
	e.seq, e.id, e.stream, e.source, e.type, e.scheme, coalesce(e.cursor, ''), coalesce(e.hirer_id, ''),
	e.created_at, e.streamed_at, e.received_at, e.identifiers, e.refused, coalesce(e.unreadable, ''), e.node,
	e.query_id, e.seen_again, e.last_seen_at`

// eventFields are where eventColumns are scanned to.
func (e *Event) fields() []any {
	return []any{&e.Seq, &e.ID, &e.Stream, &e.Source, &e.Type, &e.Scheme, &e.Cursor, &e.HirerID,
		at{&e.CreatedAt}, at{&e.StreamedAt}, at{&e.ReceivedAt}, raw{(*[]byte)(&e.Identifiers)}, raw{(*[]byte)(&e.Refused)}, &e.Unreadable, raw{&e.Node},
		&e.QueryID, &e.SeenAgain, at{&e.LastSeenAt}}
}

func scanEvent(row scanner) (Event, error) {
	var e Event
	err := row.Scan(e.fields()...)
	return e, err
}

// raw is where a text that may be NULL is scanned to, byte for byte.
type raw struct{ to *[]byte }

// Scan copies, because the driver's bytes are only lent.
func (r raw) Scan(v any) error {
	switch v := v.(type) {
	case string:
		*r.to = []byte(v)
	case []byte:
		*r.to = append([]byte(nil), v...)
	default:
		*r.to = nil
	}
	return nil
}
