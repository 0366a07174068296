package simulator

import (
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

// execution answers one operation over objects in memory, as the GraphQL specification says
// (https://spec.graphql.org/October2021/#sec-Execution): fragments, aliases, @skip and @include, null propagation, and
// an error with a path for each field that could not be answered.
type execution struct {
	schema *ast.Schema
	vars   map[string]any
	errors []gqlError
}

// gqlError is an error as it is written in an answer.
type gqlError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path,omitempty"`
	Extensions map[string]any `json:"extensions,omitempty"`
}

func newError(code, message string, path ...any) gqlError {
	return gqlError{Message: message, Path: path, Extensions: map[string]any{"code": code}}
}

// answer is an object of an answer: its members in the order of the selection.
type answer []member

type member struct {
	key   string
	value any
}

// root resolves a field of Query.
type root func(field *ast.Field, vars map[string]any) any

// run answers an operation. Data is nil if a null went up all the way.
func (x *execution) run(op *ast.OperationDefinition, resolve root) any {
	query := x.schema.Query
	fields := object{"__typename": query.Name}
	var out answer
	for _, f := range x.collect(op.SelectionSet, fields, query, nil) {
		first := f[0]
		value := any(query.Name)
		if first.Name != "__typename" {
			value = resolve(first, x.vars)
		}
		done, ok := x.complete(first.Definition.Type, f, value, []any{first.Alias})
		if !ok {
			return nil
		}
		out = append(out, member{first.Alias, done})
	}
	return out
}

// collect gathers the fields that apply to an object, those of one response key together.
func (x *execution) collect(set ast.SelectionSet, o object, static *ast.Definition, into [][]*ast.Field) [][]*ast.Field {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if x.included(s.Directives) {
				into = appendField(into, s)
			}
		case *ast.InlineFragment:
			if x.included(s.Directives) && x.applies(s.TypeCondition, o, static) {
				into = x.collect(s.SelectionSet, o, static, into)
			}
		case *ast.FragmentSpread:
			if x.included(s.Directives) && x.applies(s.Definition.TypeCondition, o, static) {
				into = x.collect(s.Definition.SelectionSet, o, static, into)
			}
		}
	}
	return into
}

func appendField(into [][]*ast.Field, f *ast.Field) [][]*ast.Field {
	for i := range into {
		if into[i][0].Alias == f.Alias {
			into[i] = append(into[i], f)
			return into
		}
	}
	return append(into, []*ast.Field{f})
}

func (x *execution) included(ds ast.DirectiveList) bool {
	if d := ds.ForName("skip"); d != nil && d.ArgumentMap(x.vars)["if"] == true {
		return false
	}
	d := ds.ForName("include")
	return d == nil || d.ArgumentMap(x.vars)["if"] == true
}

// applies says whether a fragment is for this object. An object of a type that the schema does not have is taken for
// an implementation of the interface where it stands: that is how a type from the future looks to a client.
func (x *execution) applies(condition string, o object, static *ast.Definition) bool {
	name, _ := o["__typename"].(string)
	if condition == "" || condition == name || condition == static.Name {
		return true
	}
	for _, possible := range x.schema.PossibleTypes[condition] {
		if possible.Name == name {
			return true
		}
	}
	return false
}

// complete turns a value into what is written. It is not ok if a null must go further up.
func (x *execution) complete(t *ast.Type, fields []*ast.Field, value any, path []any) (any, bool) {
	value = force(value)
	if r, ok := value.(refusal); ok {
		x.errors = append(x.errors, newError(r.code, r.message, clone(path)...))
		return nil, !t.NonNull
	}
	if value == nil {
		if t.NonNull {
			x.errors = append(x.errors, newError("INTERNAL_SERVER_ERROR", "cannot return null for a non-nullable field", clone(path)...))
		}
		return nil, !t.NonNull
	}
	var done any
	ok := true
	switch v := value.(type) {
	case []any:
		done, ok = x.completeList(t, fields, v, path)
	case object:
		done, ok = x.completeObject(t, fields, v, path)
	case time.Time:
		done = wireTime(v)
	default:
		done = v
	}
	if !ok {
		return nil, !t.NonNull
	}
	return done, true
}

func (x *execution) completeList(t *ast.Type, fields []*ast.Field, list []any, path []any) (any, bool) {
	out := make([]any, 0, len(list))
	for i, v := range list {
		done, ok := x.complete(t.Elem, fields, v, append(path, i))
		if !ok {
			return nil, false
		}
		out = append(out, done)
	}
	return out, true
}

func (x *execution) completeObject(t *ast.Type, fields []*ast.Field, o object, path []any) (any, bool) {
	static := x.schema.Types[t.Name()]
	var groups [][]*ast.Field
	for _, f := range fields {
		groups = x.collect(f.SelectionSet, o, static, groups)
	}
	out := make(answer, 0, len(groups))
	for _, g := range groups {
		f := g[0]
		if f.Name == "__typename" {
			out = append(out, member{f.Alias, o["__typename"]})
			continue
		}
		done, ok := x.complete(f.Definition.Type, g, o[f.Name], append(path, f.Alias))
		if !ok {
			return nil, false
		}
		out = append(out, member{f.Alias, done})
	}
	return out, true
}

// clone keeps a path from being overwritten by its neighbours, which share its memory.
func clone(path []any) []any { return append([]any(nil), path...) }

// wireTime is SEEK's form of a DateTime: RFC 3339 at UTC with milliseconds.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
