package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// rooms are the words of docs/proof.md for directories that have longer names.
var rooms = map[string]string{"program": "cmd/seek-poller", "status": "internal/admin", "config": "internal/config", "simulator": "internal/simulator", "sweep": "internal/proof/sweep"}

// proof is a test as docs/proof.md names it.
var proof = regexp.MustCompile("`([a-z]+): ((?:Test|Fuzz)\\w+)(?:/([^`]+))?`")

// TestProofNamesTests: every test that docs/proof.md names is there, each row names one or says why not, and no fault is listed twice.
func TestProofNamesTests(t *testing.T) {
	text, err := os.ReadFile("../../docs/proof.md")
	if err != nil {
		t.Fatal(err)
	}
	faultByFault, harnesses, found := strings.Cut(string(text), "\n## Harnesses\n")
	if !found {
		t.Error("there is nothing about harnesses")
	}
	known := map[string]map[string][]string{}
	for _, test := range proof.FindAllStringSubmatch(harnesses, -1) {
		holdNamed(t, known, test[1], test[2], test[3])
	}
	faults, named := map[string]bool{}, 0
	for line := range strings.Lines(faultByFault) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| fault") || strings.HasPrefix(line, "| ---") {
			continue
		}
		if len(cells) != 3 || faults[cells[0]] {
			t.Errorf("a row that is not of three cells, or a fault again: %s", line)
			continue
		}
		faults[cells[0]] = true
		tests := proof.FindAllStringSubmatch(cells[2], -1)
		if len(tests) == 0 && !strings.Contains(cells[1], "out of reach") {
			t.Errorf("neither a test nor a reason: %s", line)
		}
		if strings.Count(cells[2], "`") != 2*len(tests) {
			t.Errorf("not a test's name: %s", cells[2])
		}
		for _, test := range tests {
			named++
			holdNamed(t, known, test[1], test[2], test[3])
		}
	}
	if len(faults) < 90 || named < 150 {
		t.Errorf("%d faults and %d names found", len(faults), named)
	}
}

// holdNamed holds that a room has the test, and the test its subtest.
func holdNamed(t *testing.T, known map[string]map[string][]string, room, name, sub string) {
	t.Helper()
	if known[room] == nil {
		known[room] = testsOf(t, room)
	}
	words, there := known[room][name]
	if !there {
		t.Errorf("%s has no test %s", room, name)
		return
	}
	for _, word := range words {
		if word == sub {
			return
		}
	}
	if sub != "" {
		t.Errorf("%s: the file of %s has no case called %q", room, name, sub)
	}
}

// testsOf is the tests of a room, each with the texts that its file spells out, among which are the names of its cases.
func testsOf(t *testing.T, room string) map[string][]string {
	t.Helper()
	dir := room
	if long, ok := rooms[room]; ok {
		dir = long
	}
	files, err := filepath.Glob(filepath.Join("../..", dir, "*_test.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("room %s: %d test files, %v", room, len(files), err)
	}
	tests := map[string][]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		words := literals(parsed)
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[f.Name.Name] = words
			}
		}
	}
	return tests
}

func literals(in *ast.File) (words []string) {
	ast.Inspect(in, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if word, err := strconv.Unquote(lit.Value); err == nil {
				words = append(words, word)
			}
		}
		return true
	})
	return words
}
