package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadFiles holds every message of the catalogue in testdata/bad, word for
// word. A case is a heading (==), lines of base.yaml to take out (-), lines to
// put in their place (+), variables ($) and the messages wanted (!). Without a
// line to take out, the lines are the whole file.
func TestBadFiles(t *testing.T) {
	total := 0
	eachBad(t, func(name, body string) {
		total++
		t.Run(name, func(t *testing.T) { checkBad(t, parseBad(t, body)) })
	})
	if total < 60 {
		t.Errorf("the catalogue has %d cases, want at least 60", total)
	}
}

// eachBad goes through the catalogue.
func eachBad(t testing.TB, do func(name, body string)) {
	t.Helper()
	files, err := filepath.Glob("testdata/bad/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d catalogues (%v), want some", len(files), err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range strings.Split("\n"+string(text), "\n== ")[1:] {
			name, body, _ := strings.Cut(c, "\n")
			do(name, body)
		}
	}
}

type badCase struct {
	text      string
	env, want []string
}

func parseBad(t testing.TB, body string) badCase {
	t.Helper()
	var c badCase
	marked := map[byte][]string{}
	for line := range strings.Lines(body) {
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			marked[line[0]] = append(marked[line[0]], line[1:])
		}
	}
	out, in := lines(marked['-']), lines(marked['+'])
	c.env = marked['$']
	for _, w := range marked['!'] {
		c.want = append(c.want, strings.TrimSpace(w))
	}
	switch c.text = base(t); {
	case out != "":
		if strings.Count(c.text, out) != 1 {
			t.Fatalf("base.yaml does not have these lines once:\n%s", out)
		}
		c.text = strings.Replace(c.text, out, in, 1)
	case in != "":
		c.text = in
	}
	return c
}

func lines(ss []string) string {
	if len(ss) == 0 {
		return ""
	}
	return strings.Join(ss, "\n") + "\n"
}

func checkBad(t *testing.T, c badCase) {
	t.Helper()
	_, got := load(t, c.text, c.env...)
	if g, w := lines(got), lines(c.want); g != w {
		t.Errorf("got\n%swant\n%s", g, w)
	}
}
