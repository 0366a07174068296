package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// checker tells, much sooner than the compiler, whether a changed room would compile.
type checker struct {
	room  string
	texts map[string]string // of its files, as they are
	files *token.FileSet
	known map[string]*ast.File
	from  types.Importer
}

func newChecker(ctx context.Context, room string) (*checker, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", "./"+room).Output()
	if err != nil {
		return nil, fmt.Errorf("find what %s imports: %w", room, err)
	}
	compiled := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		compiled[name] = file
	}
	c := &checker{room: room, texts: map[string]string{}, files: token.NewFileSet(), known: map[string]*ast.File{}}
	c.from = importer.ForCompiler(c.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(compiled[path]) })
	names, err := sources(room)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		c.texts[name] = string(text)
		if c.known[name], err = parser.ParseFile(c.files, name, text, 0); err != nil {
			return nil, err
		}
	}
	return c, c.check(nil)
}

// sources are the files of a room without its tests.
func sources(room string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(room, "*.go"))
	return slices.DeleteFunc(all, func(name string) bool { return strings.HasSuffix(name, "_test.go") }), err
}

// check is the first mistake in the room with some files changed or added.
func (c *checker) check(changed map[string]string) error {
	parsed := maps.Clone(c.known)
	for name, text := range changed {
		file, err := parser.ParseFile(c.files, name, text, 0)
		if err != nil {
			return err
		}
		parsed[name] = file
	}
	config := types.Config{Importer: c.from, Sizes: types.SizesFor("gc", "amd64")}
	_, err := config.Check("seekpoller/"+c.room, c.files, slices.Collect(maps.Values(parsed)), nil)
	return err
}
