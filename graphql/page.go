package graphql

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// connection is the `events` of an answer, decoded in one strict pass. What may be null only
// because the answer has errors (a node, the edges, the whole) is noted, not refused, so
// that those errors get their say; what has the wrong type or a doubtful name is refused.
type connection struct {
	seen      bool
	edges     []Edge
	endCursor string
	hasNext   bool

	hasEdges, hasPageInfo bool
	lost                  string // what the page lacks; "": nothing
	lostNode              bool   // it lacks an event
	nodeless              int    // edges that do not even name a node
}

// missing names what keeps c from being a page.
func (c *connection) missing() string {
	if c.lost != "" {
		return c.lost
	}
	return "events"
}

func (c *connection) lose(what string) {
	if c.lost == "" {
		c.lost = what
	}
}

// decodeAnswer reads a GraphQL answer: its data into data, which may be nil to skip it, and its
// errors. The names are exact, each comes once, all text is UTF-8 and nothing follows.
// Inside of a node anything goes that is JSON. Other members of the answer are not ours and ignored.
// https://spec.graphql.org/October2021/#sec-Response-Format
func decodeAnswer(body []byte, data any) (faults []fault, err error) {
	// A decoder on a buffer reads in place, so that nodes can be cut out of body.
	d := jsontext.NewDecoder(newBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	given, err := object(d, "the answer", []string{"data", "errors"}, func(name string) error {
		if name == "errors" {
			faults, err = decodeFaults(d)
			return err
		}
		if data == nil {
			return d.SkipValue()
		}
		return json.UnmarshalDecode(d, data, json.RejectUnknownMembers(true), json.WithUnmarshalers(cutting(body)))
	})
	if err == nil && !given {
		err = malformed("the answer is null")
	}
	if err == nil {
		err = atEnd(d)
	}
	return faults, inOurWords(d, err)
}

// atEnd holds that nothing but space is left.
func atEnd(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return malformed("something follows the answer")
	}
	return nil
}

// cutting decodes a connection whose nodes are slices of body.
func cutting(body []byte) *json.Unmarshalers {
	return json.UnmarshalFromFunc(func(d *jsontext.Decoder, c *connection) error {
		if c.seen {
			return malformed("events comes twice")
		}
		c.seen = true
		return c.decode(d, body)
	})
}

func (c *connection) decode(d *jsontext.Decoder, body []byte) error {
	given, err := object(d, "events", []string{"edges", "pageInfo"}, func(name string) error {
		if name == "edges" {
			return c.decodeEdges(d, body)
		}
		return c.decodePageInfo(d)
	})
	switch {
	case err != nil:
	case !given:
		c.lose("events")
	case !c.hasEdges:
		c.lose("edges")
	case !c.hasPageInfo:
		c.lose("pageInfo")
	}
	return err
}

func (c *connection) decodeEdges(d *jsontext.Decoder, body []byte) error {
	c.hasEdges = d.PeekKind() == '['
	return array(d, "edges", func(n int) error {
		e, has, err := decodeEdge(d, body)
		if !has.node {
			c.nodeless++
		}
		if !has.cursor || has.node && e.Node == nil {
			c.lose(fmt.Sprintf("the event at edge %d", n))
			c.lostNode = true
		}
		c.edges = append(c.edges, e)
		return err
	})
}

// parts tells which members of an edge are there.
type parts struct {
	cursor bool // and not null
	node   bool // perhaps null
}

func decodeEdge(d *jsontext.Decoder, body []byte) (e Edge, has parts, err error) {
	_, err = object(d, "edge", []string{"cursor", "node", "streamDateTime"}, func(name string) error {
		switch name {
		case "cursor":
			has.cursor = d.PeekKind() == '"'
			e.Cursor, err = text(d, "cursor")
		case "node":
			has.node = true
			e.Node, err = cut(d, body)
		default:
			e.StreamDateTime, err = readTime(d)
		}
		return err
	})
	return e, has, err
}

// cut reads any value and gives its bytes as they are in body; nil for null.
func cut(d *jsontext.Decoder, body []byte) (Node, error) {
	null := d.PeekKind() == 'n'
	value, err := d.ReadValue()
	if err != nil || null {
		return nil, err
	}
	end := int(d.InputOffset())
	return Node(body[end-len(value) : end : end]), nil
}

// readTime reads a time for what it is worth: an odd one is no reason to lose a page.
func readTime(d *jsontext.Decoder) (time.Time, error) {
	value, err := d.ReadValue()
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(`"`+time.RFC3339+`"`, string(value))
	if err != nil {
		return time.Time{}, nil
	}
	return t.UTC(), nil
}

func (c *connection) decodePageInfo(d *jsontext.Decoder) error {
	flag := false
	given, err := object(d, "pageInfo", []string{"endCursor", "hasNextPage"}, func(name string) (err error) {
		if name == "endCursor" {
			c.endCursor, err = text(d, "endCursor")
			return err
		}
		c.hasNext, flag, err = boolean(d, "hasNextPage")
		return err
	})
	c.hasPageInfo = given
	if given && !flag {
		c.lose("hasNextPage")
	}
	return err
}
