package simulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"
)

// call is one request to the GraphQL endpoint as it was read: what it asks, and what is wrong with it.
type call struct {
	arrived time.Time
	kind    string
	op      *ast.OperationDefinition
	vars    map[string]any // coerced
	asks    []selection    // one for each events field
	request Request
	token   string
	faults  []breach   // laws that it breaks by itself
	errors  []gqlError // why it cannot be executed
	status  int        // that goes with errors
}

// breach is a law broken, before it is known which query did it.
type breach struct{ law, detail string }

func (c *call) breaks(law, format string, args ...any) {
	c.faults = append(c.faults, breach{law, fmt.Sprintf(format, args...)})
}

func (c *call) refuse(status int, code, message string, path ...any) {
	c.status = status
	c.errors = append(c.errors, newError(code, message, path...))
}

// body is what a client sends. Variables must be an object, not text (SEEK's release notes of February 2024).
type body struct {
	Query         string                     `json:"query"`
	OperationName string                     `json:"operationName"`
	Variables     map[string]json.RawMessage `json:"variables"`
}

// readCall reads a request. It never fails: what is wrong is in the call.
func (s *Server) readCall(r *http.Request, arrived time.Time) *call {
	c := &call{arrived: arrived, kind: "invalid", status: http.StatusOK}
	c.checkHeaders(r)
	text, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	gone := err != nil // in the middle of it, as whoever is killed then: it counts, and nobody can say what it would have been
	var b body
	if err == nil {
		err = json.Unmarshal(text, &b)
	}
	if strings.Contains(b.Query, "events") || err != nil && strings.Contains(string(text), "events") {
		c.kind = kindEvents
	}
	if err != nil {
		if !gone {
			c.breaks("request", "the body is not a JSON object with query and variables")
		}
		c.refuse(http.StatusBadRequest, "BAD_REQUEST", "the request body could not be read")
	} else {
		s.parse(c, b)
	}
	c.request.Kind, c.request.At = c.kind, arrived
	return c
}

func (s *Server) parse(c *call, b body) {
	doc, wrong := s.parsed.document(s.schema, b.Query)
	if doc == nil {
		c.breaks("request", "the operation does not fit the schema: %s", wrong)
		c.refuse(http.StatusBadRequest, "GRAPHQL_VALIDATION_FAILED", wrong)
		return
	}
	c.op = doc.Operations.ForName(b.OperationName)
	if c.op == nil || c.op.Operation != ast.Query {
		c.refuse(http.StatusBadRequest, "BAD_USER_INPUT", "there is no such operation")
		return
	}
	c.kind = kindOf(c.op)
	raw := c.checkVariables(b.Variables)
	vars, err := validator.VariableValues(s.schema, c.op, raw)
	if err != nil {
		c.breaks("request", "the variables do not fit the operation: %s", err)
		c.refuse(http.StatusBadRequest, "BAD_USER_INPUT", err.Error())
		return
	}
	c.vars = vars
	s.readSelections(c)
}

// kindOf names an operation by its root fields; events wins, because it is what the limits are about.
func kindOf(op *ast.OperationDefinition) string {
	kind := "invalid"
	for _, f := range rootFields(op.SelectionSet) {
		if kind != kindEvents && f.Name != "__typename" {
			kind = f.Name
		}
	}
	return kind
}

func rootFields(set ast.SelectionSet) []*ast.Field {
	var fs []*ast.Field
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			fs = append(fs, s)
		case *ast.InlineFragment:
			fs = append(fs, rootFields(s.SelectionSet)...)
		case *ast.FragmentSpread:
			fs = append(fs, rootFields(s.Definition.SelectionSet)...)
		}
	}
	return fs
}

// readSelections reads the arguments of each events field, and says of the first what scripts and the log want to know.
func (s *Server) readSelections(c *call) {
	for _, f := range rootFields(c.op.SelectionSet) {
		c.checkArguments(f)
		if f.Name != "events" {
			continue
		}
		args := f.ArgumentMap(c.vars)
		if len(c.asks) == 0 {
			c.describe(f, args)
		}
		c.asks = append(c.asks, c.readSelection(f.Alias, args))
	}
	if len(c.asks) > 1 {
		c.breaks("spacing", "%d events fields in one request", len(c.asks))
	}
}

func (c *call) describe(f *ast.Field, args map[string]any) {
	filter, _ := args["filter"].(map[string]any)
	c.request.Scheme = text(args["schemeId"])
	c.request.After = text(args["after"])
	c.request.First = number(args["first"], 10)
	c.request.Types = texts(filter["eventTypeCodes"])
	c.request.Since, c.request.Until = text(filter["afterDateTime"]), text(filter["beforeDateTime"])
	c.request.Selection = selected(f.SelectionSet)
}

// readSelection checks the arguments as SEEK documents them (https://developer.seek.com/schema/query/events).
func (c *call) readSelection(alias string, args map[string]any) selection {
	filter, _ := args["filter"].(map[string]any)
	q := selection{scheme: text(args["schemeId"]), after: text(args["after"]), first: number(args["first"], 10), types: texts(filter["eventTypeCodes"])}
	q.since, q.until = c.date(alias, filter["afterDateTime"]), c.date(alias, filter["beforeDateTime"])
	if q.scheme != "seekAnz" && q.scheme != "seekAnzPublicTest" {
		c.refuse(http.StatusOK, "BAD_USER_INPUT", "the scheme does not exist", alias)
	}
	if q.first < 1 || q.first > 100 {
		c.breaks("arguments", "first is %d; pages have 1 to 100 events", q.first)
		c.refuse(http.StatusOK, "BAD_USER_INPUT", "argument 'first' must be from 1 to 100", alias)
	}
	return q
}

func (c *call) date(alias string, v any) time.Time {
	if v == nil {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, text(v))
	if err != nil {
		c.refuse(http.StatusOK, "BAD_USER_INPUT", "a date in argument 'filter' is not RFC 3339", alias)
	}
	return t
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func texts(v any) []string {
	if s, ok := v.(string); ok {
		return []string{s} // GraphQL takes a single value for a list of one
	}
	list, _ := v.([]any)
	var ss []string
	for _, e := range list {
		ss = append(ss, text(e))
	}
	return ss
}

// number reads an Int, which has as many Go types as it has ways into a query.
func number(v any, missing int) int {
	if v == nil {
		return missing
	}
	var n int
	if _, err := fmt.Sscan(fmt.Sprint(v), &n); err != nil {
		return -1
	}
	return n
}
