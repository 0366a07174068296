package outbox

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf8"

	"seekpoller/store"
)

// envelope is the one JSON object of every form but SEEK's own. Its members are always there, null where nothing is known, except
// unreadable and node.
type envelope struct {
	ID          string          `json:"id"`             // SEEK's event id; what receivers deduplicate by
	Seq         int64           `json:"seq"`            // order of arrival in this database
	Source      string          `json:"source"`         // live, backfill or reconcile
	Stream      string          `json:"stream"`         // as configured
	Type        string          `json:"type"`           // SEEK's type code; open-ended
	Scheme      string          `json:"schemeId"`       // seekAnz, …
	CreatedAt   *string         `json:"createDateTime"` // of the event
	StreamedAt  *string         `json:"streamDateTime"` // when SEEK added it to the stream
	HirerID     *string         `json:"hirerId"`        // null: unknown
	Identifiers json.RawMessage `json:"identifiers"`    // object, SEEK's names
	Refused     json.RawMessage `json:"refused"`        // array of {path, code, message}: fields that SEEK withheld
	Unreadable  string          `json:"unreadable,omitempty"`
	Node        json.RawMessage `json:"node,omitempty"` // the event as SEEK sent it; absent once purged
}

// Envelope is the JSON object that destinations other than SEEK's format receive, on one line without a newline at its end. It is
// the same bytes for every attempt. The node carries identifiers only, unless its stream selects details. White space between
// the node's tokens is dropped and bytes that are not UTF-8 become U+FFFD (RFC 8259 allows no others); nothing else is changed.
func Envelope(d store.Delivery) []byte {
	e := d.Event
	v := envelope{
		ID: e.ID, Seq: e.Seq, Source: e.Source, Stream: e.Stream, Type: e.Type, Scheme: e.Scheme,
		CreatedAt: instant(e.CreatedAt), StreamedAt: instant(e.StreamedAt),
		Identifiers: e.Identifiers, Refused: e.Refused, Unreadable: e.Unreadable, Node: e.Node,
	}
	if e.HirerID != "" {
		v.HirerID = &e.HirerID
	}
	if len(v.Identifiers) == 0 {
		v.Identifiers = json.RawMessage("{}")
	}
	if len(v.Refused) == 0 {
		v.Refused = json.RawMessage("[]")
	}
	body, err := v.line()
	if err != nil { // the encoder checks what it is given as JSON
		v.Identifiers, v.Refused, v.Node = validOr(v.Identifiers, "{}"), validOr(v.Refused, "[]"), validOr(v.Node, "")
		body, err = v.line()
	}
	if err != nil {
		panic(err) // cannot be: strings, numbers and JSON that was just checked
	}
	return body
}

func (v envelope) line() ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(v.Node) + 512)
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // it would rewrite the node's strings
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	body := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	if utf8.Valid(body) {
		return body, nil
	}
	return bytes.ToValidUTF8(body, []byte("\uFFFD")), nil
}

// instant is RFC 3339 in UTC with milliseconds, the precision of SEEK's own samples; nil for an unreadable time.
func instant(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := rfc3339(t)
	return &s
}

func rfc3339(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func validOr(raw []byte, otherwise string) json.RawMessage {
	if json.Valid(raw) {
		return raw
	}
	return json.RawMessage(otherwise)
}
