package main

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
)

// mutantVariable of the environment names the mutant that is on in a program that holds many.
const mutantVariable = "SEEK_POLLER_MUTANT"

const mutantSwitch = `package %s

import "os"

var mutantName = os.Getenv("` + mutantVariable + `")

func mutantIs(name string) bool { return mutantName == name }

func mutantOr[T any](name string, changed, same T) T {
	if mutantIs(name) {
		return changed
	}
	return same
}

var _ = mutantOr[int]
`

// together are the files of a room with all of the mutants in them, none of which is on unless it is named; and which mutants have a place there, by name.
// To compile takes longer than to test, so it is done once for all.
func together(c *checker, room string, chosen []mutation) (texts map[string]string, in map[string]mutation) {
	switchFile := filepath.Join(room, "zz_mutant.go")
	texts, in = map[string]string{switchFile: fmt.Sprintf(mutantSwitch, filepath.Base(room))}, map[string]mutation{}
	byFile := map[string][]string{}
	for i, m := range chosen {
		name := strconv.Itoa(i)
		overlaps := slices.ContainsFunc(byFile[m.file], func(other string) bool { return m.from < in[other].to && in[other].from < m.to })
		if m.switched == "" || overlaps || c.check(map[string]string{switchFile: texts[switchFile], m.file: with(c.texts[m.file], m, name)}) != nil {
			continue
		}
		byFile[m.file], in[name] = append(byFile[m.file], name), m
	}
	for file, names := range byFile {
		slices.SortFunc(names, func(a, b string) int { return cmp.Compare(in[b].from, in[a].from) })
		text := c.texts[file]
		for _, name := range names { // from the end to the beginning, so that the places hold
			text = with(text, in[name], name)
		}
		texts[file] = text
	}
	return texts, in
}

func with(text string, m mutation, name string) string {
	return text[:m.from] + fmt.Sprintf(m.switched, name) + text[m.to:]
}

// compileAll makes the program that holds all of the mutants, and sees that it passes the quick tests while none is on.
func (b *bench) compileAll(ctx context.Context, texts map[string]string) (program string, err error) {
	overlay, err := writeOverlay(b.dir, texts)
	if err != nil {
		return "", err
	}
	program = filepath.Join(b.dir, "all.test")
	if out, err := b.compile(ctx, program, "-overlay", overlay); err != nil {
		return "", fmt.Errorf("compile all mutants: %w\n%s", err, out)
	}
	by, err := b.run(ctx, program, "", b.tests[:b.quick(b.tests)])
	if err == nil && by != "" {
		err = fmt.Errorf("with all mutants in it and none on, %s fails", by)
	}
	return program, err
}
