package outbox

import (
	"bytes"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"seekpoller/store"
)

// envelope is the one JSON object of every form but SEEK's own. Its members are always there, null where nothing is known, except
// unreadable and node.
type envelope struct {
	ID          string         `json:"id"`             // SEEK's event id; what receivers deduplicate by
	Seq         int64          `json:"seq"`            // order of arrival in this database
	Source      string         `json:"source"`         // live, backfill or reconcile
	Stream      string         `json:"stream"`         // as configured
	Type        string         `json:"type"`           // SEEK's type code; open-ended
	Scheme      string         `json:"schemeId"`       // seekAnz, …
	CreatedAt   *string        `json:"createDateTime"` // of the event
	StreamedAt  *string        `json:"streamDateTime"` // when SEEK added it to the stream
	HirerID     *string        `json:"hirerId"`        // null: unknown
	Identifiers jsontext.Value `json:"identifiers"`    // object, SEEK's names
	Refused     jsontext.Value `json:"refused"`        // array of {path, code, message}: fields that SEEK withheld
	Unreadable  string         `json:"unreadable,omitempty"`
	Node        jsontext.Value `json:"node,omitzero"` // the event as SEEK sent it; absent once purged
}

// anyNode takes whatever RFC 8259 has for JSON, and keeps its strings as they are written.
var anyNode = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true)}

// Envelope is the JSON object that destinations other than SEEK's format receive, on one line without a newline at its end. It is
// the same bytes for every attempt. The node carries identifiers only, unless its stream selects details. White space between
// the node's tokens is dropped and bytes that are not UTF-8 become U+FFFD (RFC 8259 allows no others); nothing else is changed.
func Envelope(d store.Delivery) []byte {
	e := d.Event
	v := envelope{
		ID: e.ID, Seq: e.Seq, Source: e.Source, Stream: e.Stream, Type: e.Type, Scheme: e.Scheme,
		CreatedAt: instant(e.CreatedAt), StreamedAt: instant(e.StreamedAt),
		Identifiers: jsontext.Value(e.Identifiers), Refused: jsontext.Value(e.Refused), Unreadable: e.Unreadable, Node: e.Node,
	}
	if e.HirerID != "" {
		v.HirerID = &e.HirerID
	}
	if len(v.Identifiers) == 0 {
		v.Identifiers = jsontext.Value("{}")
	}
	if len(v.Refused) == 0 {
		v.Refused = jsontext.Value("[]")
	}
	body, err := v.line()
	if err != nil { // the encoder checks what it is given as JSON
		v.Identifiers, v.Refused, v.Node = validOr(v.Identifiers, jsontext.Value("{}")), validOr(v.Refused, jsontext.Value("[]")), validOr(v.Node, nil)
		body, err = v.line()
	}
	if err != nil {
		panic(err) // cannot be: strings, numbers and JSON that was just checked
	}
	return body
}

func (v envelope) line() ([]byte, error) {
	line, err := json.Marshal(v, anyNode...)
	if err != nil || utf8.Valid(line) {
		return line, err
	}
	return bytes.ToValidUTF8(line, []byte("\uFFFD")), nil
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

// validOr is raw if it can be written as it is.
func validOr(raw, otherwise jsontext.Value) jsontext.Value {
	if raw.IsValid(anyNode...) {
		return raw
	}
	return otherwise
}
