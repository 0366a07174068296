package config

import (
	"encoding"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// scalar decodes one plain value. Text that looks like a number or a time is
// still text, so a client id of digits needs no quotes.
func (l *loader) scalar(path string, n *yaml.Node, v reflect.Value) {
	switch {
	case n.Kind != yaml.ScalarNode:
		l.problem(path, "is %s; %s", kindOf(n), wanted(v.Type()))
	case !plainTag(n):
		l.problem(path, "has a YAML tag (!name); remove the tag, and put a value that begins with ! in quotes")
	case isNull(n) && v.Kind() == reflect.String:
		v.SetString("") // not the default: `listen:` with nothing after it means none
	case isNull(n) && v.Type() == reflect.TypeFor[Start](): // the rule about a missing start says more
	case isNull(n):
		remove := "remove the line"
		if l.origins[path].variable != "" {
			remove = "unset it"
		}
		l.problem(path, "has no value; %s, or %s", wanted(v.Type()), remove)
	default:
		l.leaf(path, n, v)
	}
}

func (l *loader) leaf(path string, n *yaml.Node, v reflect.Value) {
	if t, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := t.UnmarshalText([]byte(n.Value)); err != nil {
			l.problem(path, "%v", err)
		}
		return
	}
	quoted := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch err := n.Decode(v.Addr().Interface()); {
	case v.Kind() == reflect.String && !quoted && kindOf(n) != "text" && l.origins[path].variable == "":
		l.looks[path] = kindOf(n)
	case v.Kind() == reflect.Int && err == nil && n.ShortTag() != "!!int": // yaml.v3 would cut 1.5 down to 1
		l.problem(path, "is a number with a fraction; %s", wanted(v.Type()))
	case v.Kind() != reflect.String && quoted: // YAML would take "yes" for a bool, and not "true"
		l.problem(path, "is text in quotes; %s, without quotes", wanted(v.Type()))
	case err != nil:
		l.problem(path, "is %s; %s", kindOf(n), wanted(v.Type()))
	}
}

// wanted says what to write for a value of type t.
func wanted(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Duration]():
		return "write a duration such as 30s, 15m or 90d"
	case reflect.TypeFor[Schedule]():
		return `write a schedule such as "*/15 * * * *"`
	case reflect.TypeFor[Start]():
		return "write earliest, now or a time such as 2026-01-31T09:00:00Z"
	case reflect.TypeFor[FileMode]():
		return "write a file mode such as 0640"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "write true or false"
	case reflect.Int:
		return "write a whole number"
	}
	return "write text on one line"
}

// isNull is a key with nothing after it, or ~ or null.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

func plainTag(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp":
		return true
	}
	return false
}

// kindOf names what was written, without repeating it.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a set of keys"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "a YAML alias"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	case "!!null":
		return "empty"
	case "!!timestamp":
		return "a time"
	}
	return "text"
}
