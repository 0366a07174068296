package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

const prefix = "SEEK_POLLER_"

// environment lays SEEK_POLLER_ variables over the file. CONFIG and SOCKET stand
// for command line flags and are read elsewhere.
func (l *loader) environment(env []string) {
	scalars := overridable(reflect.ValueOf(l.cfg).Elem(), "")
	for _, entry := range env {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, prefix) || name == prefix+"CONFIG" || name == prefix+"SOCKET" {
			continue
		}
		i := slices.IndexFunc(scalars, func(s override) bool { return s.variable == name })
		if i < 0 {
			l.unknownVariable(name, scalars)
			continue
		}
		l.override(scalars[i], text)
	}
}

// override is a scalar that a variable can set.
type override struct {
	variable, path string
	value          reflect.Value
}

// overridable lists the scalars that are not inside a list.
func overridable(v reflect.Value, path string) []override {
	var all []override
	for f := range fields(v.Type()) {
		at, value := join(path, f.Tag.Get("yaml")), v.FieldByIndex(f.Index)
		switch {
		case isSection(f.Type):
			all = append(all, overridable(value, at)...)
		case f.Type.Kind() != reflect.Slice:
			all = append(all, override{variableFor(at), at, value})
		}
	}
	return all
}

func variableFor(path string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

// override replaces what the file said. From here on the key's origin is the
// variable; a complaint that the file's own value earned stays.
func (l *loader) override(o override, text string) {
	l.origins[o.path] = origin{variable: o.variable}
	delete(l.bad, o.path)
	delete(l.looks, o.path)
	l.value(o.path, &yaml.Node{Kind: yaml.ScalarNode, Value: text}, o.value)
}

func (l *loader) unknownVariable(name string, scalars []override) {
	short := strings.TrimPrefix(name, prefix)
	known := make([]string, len(scalars))
	for i, s := range scalars {
		known[i] = strings.TrimPrefix(s.variable, prefix)
	}
	p := Problem{File: "environment", Key: printable(name)}
	best := nearest(short, known)
	switch {
	case slices.Contains(known, short+"_FILE"):
		p.Message = fmt.Sprintf("is not a variable, because secrets are read from files only; unset it, and set %s_FILE to the name of a file", name)
	case strings.HasPrefix(short, "STREAMS") || strings.HasPrefix(short, "DESTINATIONS"):
		p.Message = "is not a variable, because lists are read from the file only; unset it and edit the file"
	case best != "":
		p.Message = fmt.Sprintf("is not a variable; did you mean %s%s? Otherwise unset it", prefix, best)
	default:
		p.Message = "is not a variable; unset it, or set one such as SEEK_POLLER_SEEK_CLIENT_ID (the key's path in capitals)"
	}
	l.problems = append(l.problems, p)
}

// lookup is the value of a variable in a list like os.Environ's, or "". As in a
// process, the last one counts.
func lookup(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
