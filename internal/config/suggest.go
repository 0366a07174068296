package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// keys lists every key of the file as a path, list items as []: seek.client_id,
// streams[].name. It is read off the types, so it cannot fall behind them.
func keys(t reflect.Type, prefix string) []string {
	var all []string
	for f := range fields(t) {
		at := join(prefix, f.Tag.Get("yaml"))
		all = append(all, at)
		switch {
		case f.Type.Kind() == reflect.Slice && isSection(f.Type.Elem()):
			all = append(all, keys(f.Type.Elem(), at+"[]")...)
		case f.Type.Kind() == reflect.Pointer:
			all = append(all, keys(f.Type.Elem(), at)...)
		case isSection(f.Type):
			all = append(all, keys(f.Type, at)...)
		}
	}
	return all
}

// fields yields the fields of a struct that the file can set.
func fields(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			f := t.Field(i)
			if tag := f.Tag.Get("yaml"); tag != "" && tag != "-" && !yield(f) {
				return
			}
		}
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// unknownKey is the message for a key that does not exist under path: the rule
// that forbids it, where it belongs, what it resembles, or what there is. meant
// is the key beside it that was probably meant.
func unknownKey(path, key string) (message, meant string) {
	if why := forbidden(key); why != "" {
		return why, key
	}
	beside, near := neighbours(index.ReplaceAllString(path, "[]"))
	name := strings.ReplaceAll(strings.ToLower(key), "-", "_")
	if file := name + "_file"; slices.Contains(beside, file) {
		return fmt.Sprintf("is not a key, because secrets are read from files only; write %s: and the name of a file", file), file
	}
	if places := near[name]; len(places) > 0 {
		return "is not a key here; it belongs " + strings.Join(places, ", or "), key
	}
	if best := nearest(name, beside); best != "" {
		return fmt.Sprintf("is not a key; did you mean %s?", best), best
	}
	if strings.Contains(key, ":") {
		return "is not a key; put a space after the colon", key
	}
	return "is not a key; the keys here are " + strings.Join(beside, ", "), key
}

// forbidden explains keys that people expect and that will never exist.
func forbidden(key string) string {
	switch strings.ToLower(strings.ReplaceAll(key, "_", "")) {
	case "subscriptionid":
		return "does not exist here: SEEK does not permit events to be delivered by polling a webhook subscription " +
			"(https://developer.seek.com/events/polling); remove the key (a destination's webhook has one of that name)"
	case "hirerid", "hirerids":
		return "does not exist: SEEK cannot be asked by hirer (https://developer.seek.com/events/polling); " +
			"remove the key, and filter with hirers: under a destination"
	case "<<":
		return "is a YAML merge; write the keys out"
	}
	return ""
}

// neighbours gives the keys under parent, and the places one level up or down
// by the last word of their keys.
func neighbours(parent string) (beside []string, near map[string][]string) {
	near = map[string][]string{}
	grand, self := split(parent)
	for _, path := range keys(reflect.TypeFor[Config](), "") {
		section, name := split(path)
		up, down := split(section)
		switch {
		case section == parent:
			beside = append(beside, name)
		case section != "" && up == parent:
			near[name] = append(near[name], "under "+strings.TrimSuffix(down, "[]")+":")
		case parent != "" && section == grand:
			near[name] = append(near[name], "one level up, beside "+strings.TrimSuffix(self, "[]")+":")
		}
	}
	return beside, near
}

// split parts a key's path from its last word.
func split(path string) (section, name string) {
	i := strings.LastIndex(path, ".")
	return path[:max(i, 0)], path[i+1:]
}
