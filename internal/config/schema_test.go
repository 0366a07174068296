package config_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"

	"seekpoller/internal/config"
)

// reflector reads the structs and their comments. Everything is written where it is used: editors and people find it there.
func reflector(t *testing.T) *jsonschema.Reflector {
	t.Helper()
	r := &jsonschema.Reflector{FieldNameTag: "yaml", RequiredFromJSONSchemaTags: true, DoNotReference: true, Anonymous: true, Mapper: scalarSchema}
	if err := r.AddGoComments("seekpoller/internal/config", "./", jsonschema.WithFullComment()); err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	number   = `([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)`
	length   = `([0-9]+d|\+?` + number + `)(` + number + `)*`
	here     = `([Ll][Oo][Cc][Aa][Ll][Hh][Oo][Ss][Tt]|127\.[0-9]+\.[0-9]+\.[0-9]+|\[[0:]+1\])` // this machine
	rest     = `([/?][^#]*)?$`                                                                 // of a URL
	local    = `^http://` + here + `(:[0-9]*)?` + rest
	anywhere = `^https?://[^/?#@]+` + rest
	secure   = local + `|^https://[^/?#@]+` + rest
)

// forms are patterns too long for a struct's tag, by the end of the key's path.
var forms = map[string]string{
	"endpoint": secure, "token_url": secure, "heartbeat.url": "^$|" + secure, "webhook.url": anywhere, "oauth2.token_url": anywhere,
	"proxy": `^$|^(https?|socks5)://[^/?#@]+` + rest, "listen": "^$|^" + here + ":[0-9]+$", "name": config.GoodName,
}

// modes as editors read them that take 0640 for a number: YAML 1.2 for 640, YAML 1.1 for 416.
var modes = []any{600, 604, 620, 624, 640, 644, 660, 664, 0o600, 0o604, 0o620, 0o624, 0o640, 0o644, 0o660, 0o664}

// scalarSchema is the schema of the types that are text in the file and something else in the program.
func scalarSchema(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[config.Duration](): // every one is above 0
		return &jsonschema.Schema{Type: "string", Pattern: "^" + length + "$", AllOf: []*jsonschema.Schema{{Pattern: "[1-9]"}}}
	case reflect.TypeFor[config.Schedule]():
		return &jsonschema.Schema{Type: "string", Pattern: `^\s*(@(yearly|annually|monthly|weekly|daily|midnight|hourly|every\s+` + length + `)|[^\s@=]+(\s+[^\s=]+){4})\s*$`}
	case reflect.TypeFor[config.Start]():
		return &jsonschema.Schema{Type: "string", Pattern: `^(earliest|now|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2}))$`}
	case reflect.TypeFor[config.FileMode]():
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Type: "string", Pattern: "^0?6[0246][04]$"}, {Type: "integer", Enum: modes}}}
	}
	return nil
}

func schemaText(t *testing.T) string {
	t.Helper()
	text, err := json.MarshalIndent(schema(t), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// schema is what reflection makes of the structs, and what the loader takes and refuses beyond it.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	root := reflector(t).Reflect(&config.Config{})
	root.Title = "seek-poller.yaml"
	for _, k := range keysOf(t) {
		s := at(root, k.path)
		s.Description, s.Default = k.meaning, k.preset
		if k.limits != "" && k.limits != limitsOf(s) {
			s.Description += " Limits: " + k.limits + "."
		}
		refine(s, k)
	}
	exactlyOne(at(root, "destinations").Items, "webhook", "exec", "directory")
	exactlyOne(at(root, "destinations[].webhook.auth"), "basic", "oauth2")
	needs(at(root, "destinations[].webhook"), "previous_secret_file", "format", &jsonschema.Schema{Const: "standard"})
	needs(at(root, "admin"), "token_file", "listen", &jsonschema.Schema{Type: "string", MinLength: new(uint64(1))})
	root.Else = ofSEEK()
	root.If = onThisMachine()
	root.Then = jsonschema.TrueSchema
	return root
}

// at is the schema of a key; of a list, its own.
func at(s *jsonschema.Schema, path string) *jsonschema.Schema {
	for part := range strings.SplitSeq(path, ".") {
		name, inside := strings.CutSuffix(part, "[]")
		s, _ = s.Properties.Get(name)
		if inside && part != path[strings.LastIndex(path, ".")+1:] {
			s = s.Items
		}
	}
	return s
}

// refine says what the loader accepts beyond the type: a number where text is wanted, and nothing where nothing means none.
func refine(s *jsonschema.Schema, k key) {
	switch last := k.path[strings.LastIndex(k.path, ".")+1:]; {
	case last == "env":
		s.AdditionalProperties = &jsonschema.Schema{}
		types(s.AdditionalProperties, "string", "number", "boolean", "null")
		s.PropertyNames = &jsonschema.Schema{Pattern: "^[^=]+$"}
		types(s, "object", "null")
	case last == "event_types":
		s.Items = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{{Enum: anys(config.EventTypes)}, {Type: "string", Pattern: config.GoodType}}}
		types(s, "array", "null")
	case s.Type == "array":
		if last == "streams" && k.path != "streams" || last == "hirers" {
			s.Items.MinLength = new(uint64(1))
		}
		if s.Items.Type == "string" {
			types(s.Items, "string", "number", "boolean")
		}
		if last == "command" { // nothing is an empty argument
			types(s.Items, "string", "number", "boolean", "null")
		}
		if s.MinItems == nil {
			types(s, "array", "null")
		}
	case s.Type == "object" && len(s.Required) == 0:
		types(s, "object", "null")
	case s.Type == "string":
		text(s, k)
	}
}

// text may be a number where it has no form of its own. A name has one that a number fits.
func text(s *jsonschema.Schema, k key) {
	if s.Enum != nil {
		return
	}
	for _, end := range slices.SortedFunc(maps.Keys(forms), func(a, b string) int { return len(a) - len(b) }) {
		if strings.HasSuffix("."+k.path, "."+end) {
			s.Pattern = forms[end]
		}
	}
	all := []string{"string"}
	if s.Pattern == "" || k.name() == "name" {
		all = append(all, "number", "boolean")
	}
	if s.MinLength == nil && (s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString("")) {
		all = append(all, "null")
	}
	if len(all) > 1 {
		types(s, all...)
	}
}

func types(s *jsonschema.Schema, all ...string) {
	s.Type = ""
	s.Extras = map[string]any{"type": all}
}

func exactlyOne(s *jsonschema.Schema, keys ...string) {
	s.Extras, s.Type = nil, "object"
	for _, k := range keys {
		s.OneOf = append(s.OneOf, &jsonschema.Schema{Required: []string{k}})
	}
}

// needs says that with key, another key must be as wanted.
func needs(s *jsonschema.Schema, key, other string, wanted *jsonschema.Schema) {
	p := jsonschema.NewProperties()
	p.Set(other, wanted)
	rule := &jsonschema.Schema{Properties: p}
	if other == "format" { // its default is another
		rule.Required = []string{other}
	}
	s.DependentSchemas = map[string]*jsonschema.Schema{key: rule}
}

// onThisMachine is where SEEK's names are not the only ones.
func onThisMachine() *jsonschema.Schema {
	const loopback = `^https?://` + here + `(:[0-9]*)?` + rest
	seek := jsonschema.NewProperties()
	seek.Set("endpoint", &jsonschema.Schema{Pattern: loopback})
	seek.Set("token_url", &jsonschema.Schema{Pattern: loopback})
	seek.Set("proxy", &jsonschema.Schema{Enum: []any{"", nil}})
	return under("seek", &jsonschema.Schema{Properties: seek, Required: []string{"endpoint", "token_url"}})
}

// ofSEEK pairs audiences with schemes; the first pair is the default.
func ofSEEK() *jsonschema.Schema {
	audiences, schemes := config.Environments()
	all := under("seek", under("audience", &jsonschema.Schema{Enum: audiences}))
	playground := under("audience", &jsonschema.Schema{Const: audiences[1]})
	playground.Required = []string{"audience"}
	all.If = under("seek", playground)
	all.Then = under("streams", &jsonschema.Schema{Items: under("scheme", &jsonschema.Schema{Enum: schemes[1:2]})})
	all.Else = under("streams", &jsonschema.Schema{Items: under("scheme", &jsonschema.Schema{Enum: schemes[:1]})})
	return all
}

func under(key string, s *jsonschema.Schema) *jsonschema.Schema {
	p := jsonschema.NewProperties()
	p.Set(key, s)
	return &jsonschema.Schema{Properties: p}
}

func anys(ss []string) []any {
	var all []any
	for _, s := range ss {
		all = append(all, s)
	}
	return all
}
