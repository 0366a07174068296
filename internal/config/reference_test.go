package config_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"seekpoller/internal/config"
)

// key is all that is told of one key of the file.
type key struct {
	path     string // such as streams[].name
	kind     string // in a person's words
	section  bool   // there are keys below it
	required bool
	preset   any    // its default; nil: none
	limits   string // "": none that its kind does not have
	meaning  string
	variable string // of the environment; "": none
	restart  bool   // SIGHUP does not take a change over
}

// name is the last word of the path.
func (k key) name() string { return k.path[strings.LastIndex(k.path, ".")+1:] }

// keysOf lists every key, a section before what is in it. A key without a meaning fails the test, and with it `go generate`.
func keysOf(t *testing.T) []key {
	t.Helper()
	r := reflector(t)
	reflected := r.Reflect(&config.Config{})
	var all []key
	walk(reflect.TypeFor[config.Config](), "", func(path string, owner reflect.Type, f reflect.StructField, preset reflect.Value) {
		k := key{path: path, limits: f.Tag.Get("limits"), variable: config.Variables()[path], restart: needsRestart(t, path)}
		k.required = strings.Contains(","+f.Tag.Get("jsonschema")+",", ",required,")
		k.meaning = r.CommentMap[typeName(owner)+"."+f.Name]
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		if isStruct(inner) {
			k.section, k.kind = true, "section"
			k.meaning = sectionMeaning(r.CommentMap[typeName(inner)], inner.Name())
		} else {
			k.kind, k.preset = kindOf(f), presetOf(preset)
		}
		k.section = k.section || k.kind == "list of sections"
		k.meaning = strings.Join(strings.Fields(k.meaning), " ")
		if k.meaning == "" || !strings.HasSuffix(strings.TrimSuffix(k.meaning, ")"), ".") {
			t.Errorf("%s has no meaning that ends with a full stop: comment its field (it is %q)", path, k.meaning)
		}
		if k.limits == "" {
			k.limits = limitsOf(at(reflected, path))
		}
		all = append(all, k)
	})
	return all
}

func walk(t reflect.Type, prefix string, visit func(path string, owner reflect.Type, f reflect.StructField, preset reflect.Value)) {
	v := reflect.New(t).Elem()
	config.Preset(v)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("yaml")
		if tag == "" || tag == "-" {
			continue
		}
		path := strings.TrimPrefix(prefix+"."+tag, ".")
		visit(path, t, f, v.Field(i))
		switch inner := f.Type; {
		case isStruct(inner):
			walk(inner, path, visit)
		case inner.Kind() == reflect.Pointer:
			walk(inner.Elem(), path, visit)
		case inner.Kind() == reflect.Slice && isStruct(inner.Elem()):
			walk(inner.Elem(), path+"[]", visit)
		}
	}
}

// isStruct knows sections from values that happen to be structs.
func isStruct(t reflect.Type) bool { return t.Kind() == reflect.Struct && scalarSchema(t) == nil }

func typeName(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// sectionMeaning is a type's comment without the type's name, which people who write the file do not know.
func sectionMeaning(comment, name string) string {
	text := strings.TrimPrefix(strings.TrimPrefix(comment, name+" "), "is ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func kindOf(f reflect.StructField) string {
	pattern, name := f.Tag.Get("jsonschema"), f.Tag.Get("yaml")
	switch t := f.Type; {
	case t == reflect.TypeFor[config.FileMode]():
		return "file mode"
	case t == reflect.TypeFor[config.Duration](), t == reflect.TypeFor[config.Schedule](), t == reflect.TypeFor[config.Start]():
		return strings.ToLower(t.Name())
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Int:
		return "number"
	case t.Kind() == reflect.Map:
		return "names and values"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "list of text"
	case t.Kind() == reflect.Slice:
		return "list of sections"
	case strings.HasSuffix(name, "url"), name == "endpoint", name == "proxy":
		return "URL"
	case strings.Contains(pattern, "[^~]"):
		return "path"
	}
	return "text"
}

// presetOf is the default as the file would have it; nil: there is none.
func presetOf(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case fmt.Stringer:
		if v.IsZero() {
			return nil
		}
		return x.String()
	case bool:
		return x
	case int:
		return x
	case string:
		if x != "" {
			return x
		}
	}
	return nil
}

// limitsOf says in words what a schema has as limits.
func limitsOf(s *jsonschema.Schema) string {
	switch {
	case len(s.Enum) > 0:
		words := make([]string, len(s.Enum))
		for i, e := range s.Enum {
			words[i] = fmt.Sprint(e)
		}
		return strings.Join(words, ", ")
	case s.Maximum != "":
		return fmt.Sprintf("%s to %s", s.Minimum, s.Maximum)
	case s.MinItems != nil:
		return fmt.Sprintf("at least %d", *s.MinItems)
	}
	return ""
}

// needsRestart asks NeedsRestart itself about a config in which nothing but the key is different.
func needsRestart(t *testing.T, path string) bool {
	t.Helper()
	was, is := specimen(), specimen()
	change(t, reflect.ValueOf(is).Elem(), path)
	return len(was.NeedsRestart(is)) > 0
}

func specimen() *config.Config {
	return &config.Config{
		Streams: []config.Stream{{Reconcile: &config.Reconcile{}}},
		Destinations: []config.Destination{{
			Webhook: &config.Webhook{Auth: &config.Auth{Basic: &config.Basic{}, OAuth2: &config.OAuth2{}}},
			Exec:    &config.Exec{}, Directory: &config.Directory{},
		}},
	}
}

// change makes the value at path another; of a section, its first value.
func change(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	name, rest, _ := strings.Cut(path, ".")
	name, _ = strings.CutSuffix(name, "[]")
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if tag := f.Tag.Get("yaml"); tag == name || name == "" && tag != "" && tag != "-" {
			changeValue(t, v.Field(i), rest)
			return
		}
	}
	t.Fatalf("no field for %s", path)
}

func changeValue(t *testing.T, v reflect.Value, rest string) {
	t.Helper()
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice && rest != "" {
		v = v.Index(0)
	}
	switch {
	case v.Type() == reflect.TypeFor[config.Schedule](), v.Type() == reflect.TypeFor[config.Start]():
		v.Field(0).SetString("other")
	case v.Kind() == reflect.Struct:
		change(t, v, rest)
	case v.Kind() == reflect.String:
		v.SetString("other")
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), v.Len()+1, v.Len()+1))
	case v.Kind() == reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"OTHER": "x"}))
	case v.Kind() == reflect.Uint32:
		v.SetUint(7)
	default:
		v.SetInt(7)
	}
}
