package config

import (
	"encoding"
	"reflect"
	"regexp"

	"go.yaml.in/yaml/v3"
)

// presetAll fills in defaults, before anything is read over them.
func presetAll(v reflect.Value) {
	if p, ok := v.Addr().Interface().(interface{ preset() }); ok {
		p.preset()
	}
	for i := range v.NumField() {
		if f := v.Field(i); v.Type().Field(i).IsExported() && isSection(f.Type()) {
			presetAll(f)
		}
	}
}

var textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()

// isSection says whether a type has keys of its own below it in the file.
func isSection(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(textUnmarshaler) && t != reflect.TypeFor[Secret]()
}

// value decodes n into v and complains about everything that does not fit.
func (l *loader) value(path string, n *yaml.Node, v reflect.Value) {
	switch {
	case n.Kind == yaml.AliasNode:
		l.problem(path, "is a YAML alias (*name); write the value out, or put it in quotes if it begins with *")
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		presetAll(v.Elem())
		l.section(path, n, v.Elem())
	case isSection(v.Type()):
		l.section(path, n, v)
	case v.Kind() == reflect.Slice:
		l.list(path, n, v)
	case v.Kind() == reflect.Map:
		l.table(path, n, v)
	default:
		l.scalar(path, n, v)
	}
}

// section accepts null: all keys below it may have been commented out.
func (l *loader) section(path string, n *yaml.Node, v reflect.Value) {
	switch {
	case isNull(n):
	case n.Kind != yaml.MappingNode:
		l.misshapen(path, "is %s; write its keys below it, indented", kindOf(n))
	default:
		l.mapping(path, n, v)
	}
}

func (l *loader) mapping(path string, n *yaml.Node, v reflect.Value) {
	for name, val := range l.pairs(path, n) {
		at := join(path, name.Value)
		field, ok := fieldOf(v, name.Value)
		if !ok {
			message, meant := unknownKey(path, name.Value)
			l.add(name.Line, join(path, printable(name.Value)), "%s", message)
			l.bad[join(path, meant)] = true // not missing as well
			continue
		}
		l.origins[at] = origin{line: name.Line}
		l.value(at, val, field)
	}
}

// pairs yields the keys of a mapping that are text and new.
func (l *loader) pairs(path string, n *yaml.Node) func(func(key, val *yaml.Node) bool) {
	return func(yield func(key, val *yaml.Node) bool) {
		first := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, val := n.Content[i], n.Content[i+1]
			if key.Kind != yaml.ScalarNode || isNull(key) {
				l.add(key.Line, path, "has a key that is %s; write a plain word, a colon and a space", kindOf(key))
				continue
			}
			if line := first[key.Value]; line > 0 {
				l.add(key.Line, join(path, printable(key.Value)), "is already set on line %d; keep one of the two", line)
				continue
			}
			first[key.Value] = key.Line
			if !yield(key, val) {
				return
			}
		}
	}
}

func (l *loader) list(path string, n *yaml.Node, v reflect.Value) {
	switch {
	case isNull(n):
		return
	case n.Kind != yaml.SequenceNode:
		l.misshapen(path, "is %s; write a list: [a, b], or one line for each item beginning with a hyphen", kindOf(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		at := item(path, i)
		l.origins[at] = origin{line: c.Line}
		if isSection(v.Type().Elem()) {
			presetAll(v.Index(i))
		}
		l.value(at, c, v.Index(i))
	}
}

// table reads a mapping of free names to text.
func (l *loader) table(path string, n *yaml.Node, v reflect.Value) {
	if isNull(n) {
		return
	}
	if n.Kind != yaml.MappingNode {
		l.misshapen(path, "is %s; write NAME: value below it, indented", kindOf(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for name, val := range l.pairs(path, n) {
		at := join(path, printable(name.Value))
		l.origins[at] = origin{line: name.Line}
		text := reflect.New(v.Type().Elem()).Elem()
		l.value(at, val, text)
		v.SetMapIndex(reflect.ValueOf(name.Value), text)
	}
}

// fieldOf is the field of struct v that the file calls key.
func fieldOf(v reflect.Value, key string) (reflect.Value, bool) {
	for i := range v.NumField() {
		if tag := v.Type().Field(i).Tag.Get("yaml"); tag == key && tag != "-" && tag != "" {
			return v.Field(i), true
		}
	}
	return reflect.Value{}, false
}

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_.-]{0,40}`)

// printable is as much of a key as can be shown. A forgotten space makes one key
// of `secret:value`, so nothing after the first odd character is repeated.
func printable(key string) string {
	if head := plainKey.FindString(key); head != key {
		return head + "…"
	}
	return key
}
