package config

import (
	"bytes"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// longest is how long a part of a URL's path may be before it is taken for a secret, as receivers make them.
const longest = 15 // characters

// YAML is the config in force: the file with the environment over it, the defaults under it, and its paths resolved. Load takes it again.
// It shows no secret: of those in files only the names, and hidden is written for the values of exec.env and for what may be one in a URL.
// What the file or a variable has set has its place beside it.
func (c *Config) YAML() ([]byte, error) {
	root, err := c.shown(reflect.ValueOf(c).Elem(), "")
	if err != nil {
		return nil, err
	}
	root.HeadComment = "In force by " + c.file + ", its variables and the defaults. Secrets are hidden."
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err = enc.Encode(root)
	return out.Bytes(), err
}

// Values is what YAML shows, as maps, lists, text, numbers and booleans.
func (c *Config) Values() (map[string]any, error) {
	root, err := c.shown(reflect.ValueOf(c).Elem(), "")
	if err != nil {
		return nil, err
	}
	var all map[string]any
	err = root.Decode(&all)
	return all, err
}

// shown is a section. What is empty by default and in force is left out.
func (c *Config) shown(v reflect.Value, path string) (*yaml.Node, error) {
	section := &yaml.Node{Kind: yaml.MappingNode}
	presets := reflect.New(v.Type()).Elem()
	presetAll(presets)
	for f := range fields(v.Type()) {
		value, preset := v.FieldByIndex(f.Index), presets.FieldByIndex(f.Index)
		if empty(value) && empty(preset) {
			continue
		}
		at := join(path, f.Tag.Get("yaml"))
		n, err := c.shownValue(value, at)
		if err != nil {
			return nil, fmt.Errorf("show %s: %w", at, err)
		}
		section.Content = append(section.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.Tag.Get("yaml")}, n)
	}
	return section, nil
}

func empty(v reflect.Value) bool {
	return v.Kind() != reflect.Bool && (v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 || v.Kind() == reflect.Map && v.Len() == 0)
}

func (c *Config) shownValue(v reflect.Value, path string) (*yaml.Node, error) {
	switch {
	case v.Kind() == reflect.Pointer:
		return c.shown(v.Elem(), path)
	case isSection(v.Type()):
		return c.shown(v, path)
	case v.Kind() == reflect.Slice && isSection(v.Type().Elem()):
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range v.Len() {
			n, err := c.shown(v.Index(i), item(path, i))
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, n)
		}
		return list, nil
	}
	n := &yaml.Node{}
	err := n.Encode(c.harmless(v, path))
	n.LineComment = c.place(path)
	if n.Kind != yaml.ScalarNode {
		n.Style = yaml.FlowStyle
	}
	return n, err
}

// place is where a value was set; "" is a default.
func (c *Config) place(path string) string {
	switch o := c.origins[path]; {
	case o.variable != "":
		return o.variable
	case o.line > 0:
		return fmt.Sprintf("line %d", o.line)
	}
	return ""
}

// harmless is a value as it may be shown.
func (c *Config) harmless(v reflect.Value, path string) any {
	_, name := split(path)
	switch x := v.Interface().(type) {
	case fmt.Stringer:
		return x.String()
	case map[string]string:
		all := map[string]string{}
		for k := range x {
			all[k] = hidden
		}
		return all
	case string:
		if file := c.secrets[path]; file != "" {
			return file
		}
		if strings.HasSuffix(name, "url") || name == "endpoint" || name == "proxy" {
			return harmlessURL(x, path == "heartbeat.url")
		}
	}
	return v.Interface()
}

// harmlessURL hides the values of a URL's query, and of its path all, or what is long.
func harmlessURL(raw string, all bool) string {
	u, err := url.Parse(raw)
	if err != nil {
		return hidden
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, part := range parts {
		if part != "" && (all || len(part) > longest) {
			parts[i] = hidden
		}
	}
	shown := u.Scheme + "://" + u.Host + strings.Join(parts, "/")
	for i, pair := range strings.Split(u.RawQuery, "&") {
		if u.RawQuery == "" {
			break
		}
		key, _, valued := strings.Cut(pair, "=")
		if !valued || all { // it may all be one secret
			key = hidden
		} else {
			key += "=" + hidden
		}
		shown += string("?&"[min(i, 1)]) + key
	}
	return shown
}
