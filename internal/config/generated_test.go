package config_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

var writing = flag.Bool("write", false, "write the generated files instead of comparing them")

// TestGenerated: schema, reference and man page are what the structs of the config say. `go generate` writes them with this test,
// so that none of it is in the program.
func TestGenerated(t *testing.T) {
	ks := keysOf(t)
	for name, text := range map[string]string{
		"deploy/config.schema.json":     schemaText(t),
		"docs/configure.md":             within(t, "docs/configure.md", markdown(ks)),
		"deploy/man/seek-poller.yaml.5": manPage(ks),
	} {
		path := filepath.Join("../..", name)
		if *writing {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s is not what the structs say (%v); run go generate ./internal/config", name, err)
		}
	}
}

// within is a document with the part between its two markers replaced.
func within(t *testing.T, name, part string) string {
	t.Helper()
	const begin, end = "<!-- generated from here by go generate ./internal/config -->\n", "<!-- to here -->\n"
	text, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		t.Fatalf("%s has lost its markers", name)
	}
	return before + begin + part + end + after
}

// TestEveryKeyIsDocumented in the words of the page itself, whoever wrote it.
func TestEveryKeyIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/configure.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range config.Keys() {
		section, name := path[:max(0, strings.LastIndex(path, "."))], path[strings.LastIndex(path, ".")+1:]
		heading := "\n### `" + section + "`\n"
		if section == "" {
			heading = "\n### The top of the file\n"
		}
		_, rest, found := strings.Cut(string(page), heading)
		rest, _, _ = strings.Cut(rest, "\n### ")
		if !found || !strings.Contains(rest, "\n| `"+name+"`") {
			t.Errorf("docs/configure.md does not have %s", path)
		}
	}
}
