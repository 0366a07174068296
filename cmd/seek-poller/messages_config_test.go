package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wrongConfigs is the catalogue of internal/config, whose words are compared there, as the program says them.
func wrongConfigs(t *testing.T) chapter {
	c := chapter{title: "The config", about: "Said by `check`, by `run`, and in the log by a reload, which then leaves the old config in force. A line that begins with - was taken out of a config that is " +
		"right, and those with + put in its place."}
	const catalogue = "../../internal/config/testdata"
	base, err := os.ReadFile(catalogue + "/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(catalogue + "/bad/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no catalogue: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range strings.Split("\n"+string(text), "\n== ")[1:] {
			wrong, body, _ := strings.Cut(entry, "\n")
			if m, ok := configMessage(t, string(base), wrong, body); ok {
				c.messages = append(c.messages, m)
			}
		}
	}
	return c
}

// configMessage makes one mistake of the catalogue in a directory like that of the catalogue's own test. A config that would be right for a user without
// rights is of no interest here.
func configMessage(t *testing.T, base, wrong, body string) (spoken, bool) {
	t.Helper()
	marked := map[byte][]string{}
	var changes []string
	for _, line := range strings.Split(body, "\n") {
		if line == "" {
			continue
		}
		marked[line[0]] = append(marked[line[0]], line[1:])
		if line[0] != '!' {
			changes = append(changes, string(line[0])+" "+strings.TrimSpace(line[1:]))
		}
	}
	text := strings.Join(marked['+'], "\n") + "\n"
	if out := strings.Join(marked['-'], "\n") + "\n"; out != "\n" {
		text = strings.Replace(base, out, text, 1)
	} else if text == "\n" {
		text = base
	}
	b := configMishap(t)
	b.write("seek-poller.yaml", text)
	for _, variable := range marked['$'] {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(strings.TrimSpace(name), value)
		defer os.Unsetenv(strings.TrimSpace(name))
	}
	said := b.oneMistake(wrong, "check --config DIR/seek-poller.yaml")
	said.typed = short(strings.Join(changes, " | "))
	for _, want := range marked['!'] {
		if want = strings.TrimSpace(want); said.code != exitConfig || !strings.Contains(said.said, lastWords(want)) {
			t.Errorf("%s: ended with %d and said\n%s, which lacks %q", wrong, said.code, said.said, want)
		}
	}
	return said, true
}

// lastWords is a message of the catalogue less the file, and less what the program puts on a line of its own.
func lastWords(message string) string {
	_, words, _ := strings.Cut(message, ": ")
	_, todo, _ := strings.Cut(words, "; ")
	return todo
}

func short(text string) string {
	if r := []rune(text); len(r) > 150 {
		return string(r[:150]) + "…"
	}
	return inert(text)
}

// configMishap has the secrets that the catalogue names, good and bad.
func configMishap(t *testing.T) mishap {
	t.Helper()
	const word = "c4n4ry-of-a-secret"
	b := newMishap(t, nil)
	for name, content := range map[string]string{
		"seek-client-secret": word + "\n", "ats-secret": word + "-0123456789", "standard-secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", "open-secret": word,
		"empty-secret": "\n", "short-secret": "c4n4ry\n", "long-secret": word + strings.Repeat("x", 300), "lines-secret": word + "\n\n", "spaced-secret": word + " \n",
		"huge-secret": word + strings.Repeat("x", 70<<10), "plain.txt": "not a certificate\n",
	} {
		b.write(name, content)
	}
	b.must(os.Chmod(filepath.Join(b.dir, "open-secret"), 0o644))
	b.must(os.Mkdir(filepath.Join(b.dir, "folder"), 0o700))
	b.link("loop", "loop")
	return b
}
