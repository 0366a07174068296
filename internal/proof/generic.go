package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
)

// mutation is one small change of one place.
type mutation struct {
	file, what string
	line       int
	text       string // the whole file, changed
}

// generic changes operators and drops statements at random places of the rooms that must be right, and counts how many of the changes their own tests notice.
func generic(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("generic", flag.ExitOnError)
	each := flags.Int("n", 20, "mutants a room")
	seed := flags.Uint64("seed", rand.Uint64(), "the same seed makes the same mutants")
	only := flags.String("room", "", "only this room")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Printf("again with: go run ./internal/proof generic -n %d -seed %d\n", *each, *seed)
	rng := rand.New(rand.NewPCG(*seed, 1))
	for _, room := range mutated {
		all, err := mutations(room)
		if err != nil {
			return err
		}
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if *only != "" && *only != room {
			continue
		}
		chosen := all[:min(*each, len(all))]
		caught, valid := 0, 0
		for _, m := range chosen {
			verdict, err := m.try(ctx, room)
			if err != nil {
				return err
			}
			fmt.Printf("%-9s %s:%d: %s\n", verdict, m.file, m.line, m.what)
			if verdict != broken {
				valid++
			}
			if verdict == killed {
				caught++
			}
		}
		fmt.Printf("%s: %d of %d mutants killed (%d %%), of %d possible\n", room, caught, valid, 100*caught/max(valid, 1), len(all))
	}
	return nil
}

func (m mutation) try(ctx context.Context, room string) (string, error) {
	dir, err := os.MkdirTemp("", "seek-poller-mutant-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := writeOverlay(dir, map[string]string{m.file: m.text})
	if err != nil {
		return "", err
	}
	failed, out := test(ctx, overlay, "./"+room, "")
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "[setup failed]"):
		return broken, nil
	case failed:
		return killed, nil
	}
	return survived, nil
}

// mutations are all that can be made in a room.
func mutations(room string) (all []mutation, err error) {
	files, err := sources(room)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for i := range places(parse(text)) {
			m, err := mutate(file, text, i)
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
	}
	return all, nil
}

type parsed struct {
	files *token.FileSet
	file  *ast.File
}

func parse(text []byte) parsed {
	p := parsed{files: token.NewFileSet()}
	var err error
	if p.file, err = parser.ParseFile(p.files, "", text, parser.ParseComments); err != nil {
		panic(err) // it compiles
	}
	return p
}

// place is where a change can be made.
type place struct {
	pos    token.Pos
	what   string
	change func()
}

// others is what an operator becomes: the next boundary, the opposite, the other half.
var others = map[token.Token][]token.Token{
	token.LSS: {token.LEQ, token.GEQ}, token.LEQ: {token.LSS, token.GTR}, token.GTR: {token.GEQ, token.LEQ}, token.GEQ: {token.GTR, token.LSS},
	token.EQL: {token.NEQ}, token.NEQ: {token.EQL}, token.LAND: {token.LOR}, token.LOR: {token.LAND}, token.ADD: {token.SUB}, token.SUB: {token.ADD},
	token.MUL: {token.QUO}, token.QUO: {token.MUL},
}

func places(p parsed) (found []place) {
	ast.Inspect(p.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			for _, op := range others[n.Op] {
				found = append(found, place{n.OpPos, fmt.Sprintf("%v becomes %v", n.Op, op), func() { n.Op = op }})
			}
		case *ast.BlockStmt:
			for i, statement := range n.List {
				if droppable(statement) {
					found = append(found, place{statement.Pos(), "a statement is left out", func() { n.List = slices.Delete(n.List, i, i+1) }})
				}
			}
		}
		return true
	})
	return found
}

// droppable statements leave a program that compiles, mostly.
func droppable(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt:
		return true
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	}
	return false
}

// mutate makes the ith change of a file.
func mutate(file string, text []byte, i int) (mutation, error) {
	p := parse(text)
	at := places(p)[i]
	m := mutation{file: file, what: at.what, line: p.files.Position(at.pos).Line}
	at.change()
	var out bytes.Buffer
	err := format.Node(&out, p.files, p.file)
	m.text = out.String()
	return m, err
}
