package graphql

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// fault is one entry of an answer's `errors`.
type fault struct {
	message string
	code    string   // extensions.code
	path    []string // list indexes in decimals; nil if there is none
}

// page puts each fault where it belongs: a field below an intact node is refused, anything
// else is the page's, and then there is no page.
func (x *exchange) page(c connection) (*Page, error) {
	var spoil []fault
	for _, f := range x.faults {
		if n, below := f.below(c.edges); below {
			c.edges[n].Refused = append(c.edges[n].Refused, f.refusal(x.token))
			continue
		}
		spoil = append(spoil, f)
	}
	if len(spoil) > 0 {
		return nil, worst(spoil)
	}
	if c.nodeless > 0 {
		c.lose("the events of its edges")
		c.lostNode = true
	}
	if c.lost != "" || !c.seen {
		return nil, &Error{Kind: Transient, Node: c.lostNode, Err: malformed("the answer lacks " + c.missing())}
	}
	return &Page{Edges: c.edges, EndCursor: c.endCursor, HasNextPage: c.hasNext, Status: x.status}, nil
}

// below is the index of the edge below whose node f lies, if that node is there.
func (f fault) below(edges []Edge) (n int, ok bool) {
	if len(f.path) < 5 || !f.inEdge() || f.path[3] != "node" {
		return 0, false
	}
	n, err := strconv.Atoi(f.path[2])
	return n, err == nil && n >= 0 && n < len(edges) && edges[n].Node != nil
}

// inEdge tells whether f lies at or below events.edges[n].
func (f fault) inEdge() bool {
	return len(f.path) >= 3 && f.path[0] == "events" && f.path[1] == "edges"
}

func (f fault) refusal(token string) Refusal {
	message := said{text: f.message}
	return Refusal{
		Path:    plain(strings.Join(f.path[4:], ".")),
		Code:    f.code,
		Message: plain(withoutToken(message, token).Error()),
	}
}

// kind is whose turn it is after f. One event that cannot be given is not the stream's
// want of rights nor the question's fault: asked for with less, the page may come.
func (f fault) kind() Kind {
	kind := kindOfCode(f.code)
	if f.inEdge() && f.code != "UNAUTHENTICATED" && kind != Throttled {
		return Transient
	}
	return kind
}

// apart are the fields of an event that may be null by themselves (schema.graphql): an error at
// or below one of them takes nothing else away. Any other takes its event, and that the page.
var apart = []string{"candidate", "candidateApplicationProfile", "candidateProfile", "hirer", "positionProfile"}

// harmless tells whether f would be a mere refusal if only the page were there.
func (f fault) harmless() bool {
	return f.kind() == Transient && f.inEdge() && len(f.path) > 4 && slices.Contains(apart, f.path[4])
}

// worst is the error of the fault that matters most: not one that took nothing away; then the
// one that the most has to be done about; then not a want of rights, which SEEK reports beside
// every other fault. The first of equals.
func worst(faults []fault) *Error {
	chosen := faults[0]
	for _, f := range faults[1:] {
		if slices.Compare(f.weight(), chosen.weight()) > 0 {
			chosen = f
		}
	}
	return &Error{
		Kind: chosen.kind(), // "" for an unknown code: then the status speaks
		Code: chosen.code,
		Node: chosen.inEdge(),
		Err:  chosen.describe(),
	}
}

func (f fault) weight() []int {
	one := map[bool]int{true: 1}
	rank := map[Kind]int{Unauthorized: 4, Throttled: 3, Rejected: 2, Transient: 1}
	return []int{one[!f.harmless()], rank[f.kind()], one[f.code != "FORBIDDEN"]}
}

// describe says what f is, and of which event.
func (f fault) describe() error {
	text, place := "no message", f.path
	if f.message != "" {
		text = plain(f.message)
	}
	if f.inEdge() {
		place = f.path[3:]
	}
	if len(place) > 0 {
		text += " at " + plain(strings.Join(place, "."))
	}
	if f.code != "" {
		text = f.code + ": " + text
	}
	if f.inEdge() {
		text = "SEEK could not resolve the event at edge " + plain(f.path[2]) + ": " + text
	}
	return errors.New(text)
}

// decodeFaults reads the answer's `errors`: a list, or null for none.
func decodeFaults(d *jsontext.Decoder) (faults []fault, err error) {
	return faults, array(d, "errors", func(int) error {
		f, err := decodeFault(d)
		faults = append(faults, f)
		return err
	})
}

func decodeFault(d *jsontext.Decoder) (f fault, err error) {
	_, err = object(d, "errors", []string{"message", "path", "extensions"}, func(name string) error {
		switch name {
		case "message":
			f.message, err = text(d, "errors.message")
		case "path":
			f.path, err = decodePath(d)
		default:
			f.code, err = decodeCode(d)
		}
		return err
	})
	return f, err
}

func decodePath(d *jsontext.Decoder) (path []string, err error) {
	return path, array(d, "errors.path", func(int) error {
		if d.PeekKind() == '0' {
			number, err := d.ReadValue()
			path = append(path, string(number))
			return err
		}
		step, err := text(d, "errors.path")
		path = append(path, step)
		return err
	})
}

// decodeCode reads extensions for its code. Extensions are anyone's: what is not an object
// with a word under `code` is no code, and no reason to lose the answer.
func decodeCode(d *jsontext.Decoder) (code string, err error) {
	if d.PeekKind() != '{' {
		return "", d.SkipValue()
	}
	_, err = object(d, "extensions", []string{"code"}, func(string) error {
		if d.PeekKind() != '"' {
			return d.SkipValue()
		}
		code, err = text(d, "extensions.code")
		return err
	})
	return plain(code), err
}
