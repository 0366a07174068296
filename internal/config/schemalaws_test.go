package config_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"seekpoller/internal/config"
)

// published is the schema as it is in the repository.
var published = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := os.Open("../../deploy/config.schema.json")
	if err != nil {
		return nil, err
	}
	defer text.Close()
	doc, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("config.schema.json")
})

// validate says what the schema has against a file, as an editor would; reading it as YAML comes first.
func validate(t *testing.T, text string) error {
	t.Helper()
	s, err := published()
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return err
	}
	var twice any // duplicate keys are seen only here
	if err := doc.Decode(&twice); err != nil {
		return err
	}
	return s.Validate(plain(&doc))
}

// plain is a node as an editor has it: of YAML 1.2, in which 0640 is the number 640 and a time is text.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.AliasNode:
		return plain(n.Alias)
	case yaml.SequenceNode:
		all := []any{}
		for _, c := range n.Content {
			all = append(all, plain(c))
		}
		return all
	case yaml.MappingNode:
		all := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			all[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return all
	}
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		return n.Value == "true"
	case "!!int", "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil {
			return f
		}
	}
	return n.Value
}

func checkSchema(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate(t, string(text)); err != nil {
		t.Errorf("the loader accepts this and the schema does not: %v\n%s", err, text)
	}
}

// TestSchemaAcceptsTheExample as it stands, and with all that it shows behind a #.
func TestSchemaAcceptsTheExample(t *testing.T) {
	if err := validate(t, example(t)); err != nil {
		t.Error(err)
	}
	if first, _, _ := strings.Cut(example(t), "\n"); first != "# yaml-language-server: $schema=deploy/config.schema.json" {
		t.Errorf("the first line is %q: no editor finds the schema", first)
	}
}

// TestSchemaIsNoStricter: whatever is written at a key, a file that the loader accepts the schema accepts too.
func TestSchemaIsNoStricter(t *testing.T) {
	if testing.Short() {
		t.Skip("loads thousands of files")
	}
	t.Parallel()
	dir := room(t)
	taken, both := 0, 0
	for _, k := range keysOf(t) {
		for _, text := range probes {
			whole := put(t, base(t)+oauth+full, k, text)
			path := write(t, dir, "seek-poller.yaml", whole, 0o600)
			_, err := config.Load(path, nil)
			if bad := validate(t, whole); err == nil && bad != nil {
				t.Errorf("%s: %s: the schema is stricter than the loader: %v", k.path, text, bad)
			} else if err != nil && bad != nil {
				both++
			}
			if err == nil {
				taken++
			}
		}
	}
	t.Logf("%d accepted, %d refused by both", taken, both)
	if taken < 100 || both < 300 {
		t.Errorf("%d accepted, %d refused by both: the probes do not reach the keys", taken, both)
	}
}

const oauth = `  - name: oauth
    webhook:
      url: http://127.0.0.1:9000/seek
      secret_file: ats-secret
      auth: {oauth2: {token_url: "https://id.example.com/token", client_id: x, client_secret_file: ats-secret}}
`

// places are where in that config the sections below a destination are.
var places = strings.NewReplacer("destinations[].webhook.auth.oauth2", "destinations.2.webhook.auth.oauth2", "destinations[].exec", "destinations.3.exec",
	"destinations[].webhook.auth", "destinations.4.webhook.auth", "destinations[].webhook.previous", "destinations.4.webhook.previous", "destinations[].directory", "destinations.1.directory", "[]", ".0")

var probes = []string{
	`""`, "", "~x", "7", "0", "65", "-1", "1000", "1001", "1.5", "true", `"true"`, "0640", "0600", "0777", `"0640"`, "640", "30s", "0s", "-5s", "+5s", "1d12h", "1.5h", ".5h", "5.s", "400d", "12d3",
	"x y", "x", "[]", "{}", "[x]", "[7]", "[null]", "[/bin/cat, 7, null, \"\"]", "{A: 1, B: null, C: true}", "http://localhost:1/", "https://x.example/y", "socks5://p:1", "ftp://x", "127.0.0.1:1",
	"info", "INFO", "json", "deliver", "standard", "earliest", "2026-01-31T09:00:00Z", "2026-01-31", "'@hourly'", "'@every 20m'", "'*/5 * * * *'", "' @daily '", "'* * *'", "seekAnz", "[CandidateApplicationCreated]",
}

// put writes text at a key of a config, in place of what is there.
func put(t *testing.T, whole string, k key, text string) string {
	t.Helper()
	var doc yaml.Node
	var value yaml.Node
	if err := yaml.Unmarshal([]byte(whole), &doc); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte("v: "+text), &value); err != nil {
		t.Fatal(err)
	}
	n := doc.Content[0]
	parts := strings.Split(places.Replace(k.path), ".")
	for _, part := range parts[:len(parts)-1] {
		n = member(n, part)
	}
	*member(n, parts[len(parts)-1]) = *value.Content[0].Content[1]
	out, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// member is a key's value, or a list's item; it is made where there is none.
func member(n *yaml.Node, name string) *yaml.Node {
	if n.Kind == 0 {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	if i, err := strconv.Atoi(name); err == nil {
		return n.Content[i]
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	value := &yaml.Node{}
	n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, value)
	return value
}

// TestSchemaSeesFaults: of the catalogue of bad files, the schema refuses all but those that are listed in blind.
func TestSchemaSeesFaults(t *testing.T) {
	reasons := map[string]string{}
	for reason, names := range blind {
		for _, name := range names {
			reasons[name] = reason
		}
	}
	refused, unseen := 0, 0
	for name, body := range catalogue(t) {
		switch err := validate(t, parseBad(t, body).text); {
		case err != nil && reasons[name] != "":
			t.Errorf("%q is listed as not seen because of %s, but it is refused: %v", name, reasons[name], err)
		case err != nil:
			refused++
		case reasons[name] == "":
			t.Errorf("the schema accepts %q: can it see the fault? If not, list it with its reason", name)
		}
		if reasons[name] != "" {
			unseen++
		}
		delete(reasons, name)
	}
	if len(reasons) > 0 {
		t.Errorf("listed, but not in the catalogue: %v", reasons)
	}
	t.Logf("%d bad files refused, %d not seen", refused, unseen)
}

// catalogue is the cases of testdata/bad by number of the file and name.
func catalogue(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d catalogues (%v), want some", len(files), err)
	}
	all := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(text), "\n== ")[1:] {
			name, body, _ := strings.Cut(c, "\n")
			all[filepath.Base(file)[:1]+": "+name] = body
		}
	}
	return all
}
