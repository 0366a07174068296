package main

import (
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

const someGo = `package sample

func f(a, b int, done bool) (sum int) {
	if a < b && !done {
		sum = a + b
		g(
			a * b)
	}
	defer g(a % b)
	return sum
}

func g(n int) string {
	switch {
	case n > 3:
		n++
	}
	return "%d" + "x"
}
`

// TestMutations: each of them is Go, alone and in the program that holds all, and text that is put together is left alone.
func TestMutations(t *testing.T) {
	all, err := mutationsOf("sample.go", someGo)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range all {
		if want := map[bool]int{true: 14, false: m.line}[m.line == 15]; m.runs != want {
			t.Errorf("%s is run with line %d, want %d", m, m.runs, want)
		}
		got = append(got, m.String())
		texts := []string{m.text}
		if m.switched != "" {
			texts = append(texts, with(someGo, m, "7"))
		}
		for _, text := range texts {
			if _, err := parser.ParseFile(token.NewFileSet(), "", text, 0); err != nil {
				t.Errorf("%s: %v\n%s", m, err, text)
			}
		}
	}
	slices.Sort(got)
	want := []string{
		"sample.go:15: > becomes <=: case n > 3:", "sample.go:15: > becomes >=: case n > 3:",
		"sample.go:4: && becomes ||: if a < b && !done {", "sample.go:4: < becomes <=: if a < b && !done {", "sample.go:4: < becomes >=: if a < b && !done {",
		"sample.go:5: + becomes -: sum = a + b", "sample.go:5: a statement is left out: sum = a + b",
		"sample.go:6: a statement is left out: g(", "sample.go:7: * becomes /: a * b)", "sample.go:9: a statement is left out: defer g(a % b)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
