package graphql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// salvage reads what can be read of a node that is not as it should be.
func (n Node) salvage() Event {
	var h header
	if err := n.decode(&h); err != nil {
		return Event{Unreadable: err.Error()}
	}
	event := h.event()
	fields := structOf(event.Typename)
	if fields == nil {
		event.amiss(fmt.Sprintf("events of type %s are not known to this version", plain(event.Typename)))
		return event
	}
	if err := n.decode(fields); err != nil {
		event.amiss(err.Error())
	}
	event.identify(fields) // after an error too: what came before it was read
	return event
}

// decode reads n into out, by exact names, without a quarrel over names that come twice and
// text that is not UTF-8: the node is kept as it is anyway.
func (n Node) decode(out any) error {
	err := json.Unmarshal(n, out, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err == nil {
		return nil
	}
	if where := fieldOf(err); where != "" {
		return malformed(plain(where) + " has the wrong type")
	}
	return malformed("the node is not an object")
}

// header is what each event has, each field as it came, so that an odd one costs only itself.
type header struct {
	Typename       jsontext.Value `json:"__typename"`
	CreateDateTime jsontext.Value `json:"createDateTime"`
	ID             jsontext.Value `json:"id"`
	SchemeID       jsontext.Value `json:"schemeId"`
	TypeCode       jsontext.Value `json:"typeCode"`
}

// event is what the header tells.
func (h *header) event() Event {
	var id struct {
		Value jsontext.Value `json:"value"`
	}
	e := Event{Type: word(h.TypeCode), Typename: word(h.Typename), Scheme: word(h.SchemeID)}
	if Node(h.ID).decode(&id) == nil {
		e.ID = word(id.Value)
	}
	e.complete(word(h.CreateDateTime))
	return e
}

// word is the text of a JSON string, "" if v is none or not UTF-8.
func word(v jsontext.Value) string {
	s, err := jsontext.AppendUnquote(nil, v)
	if err != nil {
		return ""
	}
	return string(s)
}

// fieldOf is the path of the field that a decoder stumbled over, "" if it was the value itself.
func fieldOf(err error) string {
	semantic, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return ""
	}
	return strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
}
