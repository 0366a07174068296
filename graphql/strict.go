package graphql

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Reading JSON of which every name matters. The usual decoders take {"endCursor":"a",
// "ENDCURSOR":"b"} for b; here that is an error, as are names that come twice, text that is
// not UTF-8, and values of another type. Null stands for absent. Unknown names are skipped.

// malformed says how an answer is not what it should be, without quoting it.
type malformed string

func (m malformed) Error() string { return string(m) }

func newBuffer(body []byte) io.Reader { return bytes.NewBuffer(body) }

// object reads an object or null, called what in errors, and calls member for each of the known
// names it has; member must read the value. given is false for null.
func object(d *jsontext.Decoder, what string, known []string, member func(name string) error) (given bool, err error) {
	if open, err := enter(d, what, '{'); !open {
		return false, err
	}
	var met uint64
	for d.PeekKind() == '"' {
		i, err := readName(d, what, known)
		switch {
		case err != nil:
		case i < 0:
			err = d.SkipValue()
		case met&(1<<i) != 0:
			err = malformed(fmt.Sprintf("%s has %s twice", what, known[i]))
		default:
			met |= 1 << i
			err = member(known[i])
		}
		if err != nil {
			return true, err
		}
	}
	_, err = d.ReadToken() // '}', or the error of what stands there instead
	return true, err
}

// array reads an array or null and calls element for each element, which must read it.
func array(d *jsontext.Decoder, what string, element func(n int) error) error {
	if open, err := enter(d, what, '['); !open {
		return err
	}
	for n := 0; d.PeekKind() != ']'; n++ {
		if err := element(n); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// enter reads the opening token of kind, or null, which opens nothing.
func enter(d *jsontext.Decoder, what string, kind jsontext.Kind) (open bool, err error) {
	token, err := d.ReadToken()
	if err != nil || token.Kind() == 'n' {
		return false, err
	}
	if token.Kind() != kind {
		return false, malformed(what + " has the wrong type")
	}
	return true, nil
}

// readName reads a member's name and finds it among known: -1 for a name of others.
func readName(d *jsontext.Decoder, what string, known []string) (int, error) {
	raw, err := d.ReadValue()
	if err != nil {
		return -1, err
	}
	name, err := jsontext.AppendUnquote(make([]byte, 0, 32), raw)
	if err != nil {
		return -1, malformed(what + " has a name that is not UTF-8")
	}
	if i := slices.Index(known, string(name)); i >= 0 {
		return i, nil
	}
	if i := slices.IndexFunc(known, func(k string) bool { return strings.EqualFold(k, string(name)) }); i >= 0 {
		return -1, malformed(fmt.Sprintf("%s has %s in other letters", what, known[i]))
	}
	return -1, nil
}

// text reads a string, "" for null.
func text(d *jsontext.Decoder, what string) (string, error) {
	kind := d.PeekKind()
	raw, err := d.ReadValue()
	if err != nil || kind == 'n' {
		return "", err
	}
	if kind != '"' {
		return "", malformed(what + " has the wrong type")
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return "", malformed(what + " is not UTF-8")
	}
	return string(s), nil
}

// boolean reads true or false; given is false for null.
func boolean(d *jsontext.Decoder, what string) (value, given bool, err error) {
	token, err := d.ReadToken()
	if err != nil {
		return false, false, err
	}
	switch token.Kind() {
	case 't', 'f':
		return token.Bool(), true, nil
	case 'n':
		return false, false, nil
	}
	return false, false, malformed(what + " has the wrong type")
}

// inOurWords drops what a decoder says about the place, which may quote the answer.
func inOurWords(d *jsontext.Decoder, err error) error {
	if err == nil {
		return nil
	}
	if ours, ok := errors.AsType[malformed](err); ok {
		return ours
	}
	if errors.Is(err, io.EOF) { // before anything else came
		return malformed("the answer is empty")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed(fmt.Sprintf("the answer ends too early, after %d bytes", d.InputOffset()))
	}
	if _, ok := errors.AsType[*json.SemanticError](err); ok {
		return malformed("data is not what was asked for")
	}
	if d.InputOffset() == 0 {
		return malformed("the answer is not JSON")
	}
	return malformed(fmt.Sprintf("the answer is not JSON from byte %d on", d.InputOffset()))
}
