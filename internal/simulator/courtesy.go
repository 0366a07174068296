package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/uuid"
	"github.com/vektah/gqlparser/v2/ast"
)

// Everything in this file is asked of a single request, whatever came before it
// (https://developer.seek.com/graphql/in-practice).

var product = regexp.MustCompile(`^[^\s/]+/[^\s/]+`)

// checkHeaders looks at what SEEK's examples send with every request.
func (c *call) checkHeaders(r *http.Request) {
	h := r.Header
	if r.Method != http.MethodPost {
		c.breaks("headers", "method %s instead of POST", r.Method)
	}
	if r.URL.RawQuery != "" {
		c.breaks("headers", "the URL has a query string")
	}
	if !product.MatchString(h.Get("User-Agent")) || strings.HasPrefix(h.Get("User-Agent"), "Go-http-client/") {
		c.breaks("headers", "User-Agent does not name the software and its version")
	}
	if mime, _, _ := strings.Cut(h.Get("Content-Type"), ";"); strings.TrimSpace(mime) != "application/json" {
		c.breaks("headers", "Content-Type is not application/json")
	}
	if h.Get("Accept-Language") == "" {
		c.breaks("headers", "Accept-Language is missing")
	}
	if id, err := uuid.Parse(h.Get("X-Request-Id")); err != nil || id.Version() != 4 {
		c.breaks("headers", "X-Request-Id is not a UUID of version 4")
	}
	if _, err := uuid.Parse(h.Get("X-Session-Id")); err != nil {
		c.breaks("headers", "X-Session-Id is not a UUID")
	}
	if h.Get("Idempotency-Key") != "" {
		c.breaks("headers", "Idempotency-Key makes transports repeat the request")
	}
	c.request.RequestID, c.request.SessionID = h.Get("X-Request-Id"), h.Get("X-Session-Id")
	c.token, _ = strings.CutPrefix(h.Get("Authorization"), "Bearer ")
}

// checkVariables complains of nulls and of variables that the operation does not have: SEEK wants unused arguments
// omitted. It returns the values for coercion.
func (c *call) checkVariables(raw map[string]json.RawMessage) map[string]any {
	values := map[string]any{}
	for name, v := range raw {
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber() // a float64 would lose digits, and the coercion wants the literal
		var value any
		if err := d.Decode(&value); err != nil {
			continue // cannot be: it was valid as a part of the body
		}
		values[name] = value
		if hasNull(value) {
			c.breaks("arguments", "variable %s is or holds null instead of being left out", name)
		}
		if c.op.VariableDefinitions.ForName(name) == nil {
			c.breaks("arguments", "variable %s is sent but not declared", name)
		}
	}
	for _, d := range c.op.VariableDefinitions {
		if _, sent := raw[d.Variable]; !sent {
			c.breaks("arguments", "variable %s is declared but not sent", d.Variable)
		}
	}
	return values
}

func hasNull(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case map[string]any:
		for _, e := range v {
			if hasNull(e) {
				return true
			}
		}
	case []any:
		for _, e := range v {
			if hasNull(e) {
				return true
			}
		}
	}
	return false
}

// checkArguments wants every argument of a root field to come from a variable, and none to be there without a value.
func (c *call) checkArguments(f *ast.Field) {
	for _, a := range f.Arguments {
		if !parameterised(a.Value) {
			c.breaks("arguments", "argument %s of %s is written into the operation", a.Name, f.Name)
		}
	}
	args := f.ArgumentMap(c.vars)
	if after, sent := args["after"]; sent && after == "" {
		c.breaks("arguments", `argument after is "" instead of being left out`)
	}
	if filter, _ := args["filter"].(map[string]any); filter["subscriptionId"] != nil {
		c.breaks("arguments", "a stream of a webhook subscription is polled")
	}
}

func parameterised(v *ast.Value) bool {
	switch v.Kind {
	case ast.Variable:
		return true
	case ast.ObjectValue, ast.ListValue:
		for _, child := range v.Children {
			if !parameterised(child.Value) {
				return false
			}
		}
		return len(v.Children) > 0
	}
	return false
}

// selected says how much of the events is asked for: only their places, the interface's own fields, identifiers, or people.
func selected(set ast.SelectionSet) string {
	most := "places"
	walk(set, func(f *ast.Field) {
		switch {
		case most == "places" && f.Name == "node":
			most = "interface"
		case f.Name == "person":
			most = "details"
		case most == "interface" && f.ObjectDefinition != nil && implementsEvent(f.ObjectDefinition) && f.Name != "__typename":
			most = "ids"
		}
	})
	return most
}

func implementsEvent(d *ast.Definition) bool {
	for _, i := range d.Interfaces {
		if i == "Event" {
			return true
		}
	}
	return false
}

func walk(set ast.SelectionSet, visit func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			visit(s)
			walk(s.SelectionSet, visit)
		case *ast.InlineFragment:
			walk(s.SelectionSet, visit)
		case *ast.FragmentSpread:
			walk(s.Definition.SelectionSet, visit)
		}
	}
}
