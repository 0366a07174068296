package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// apply races the page transaction against C: the same statements on the same SQLite and the same schema. With -fill it does so on a full
// database as well.
func apply(ctx context.Context, w *workshop, o options) (*race, error) {
	ours, err := w.build(ctx, "apply/ours")
	if err != nil {
		return nil, err
	}
	raw := w.compileRaw(ctx)
	r, err := newRace("C", o)
	if err != nil {
		return nil, err
	}
	oursRuns := contestant{Name: "ours", argv: []string{ours}, maker: ours, Note: "SavePage by itself"}
	rawRuns := contestant{Name: r.base, argv: raw.argv, maker: ours, gone: raw.missing(), Note: "prepared statements, a row at a time"}
	r.contestants = []*contestant{&rawRuns, &oursRuns}
	r.goals = []goal{{Name: "ours to C, CPU an event", Want: "at most 1.6", of: "ours", to: r.base, value: cpuOf}}
	if o.fill == 0 {
		return r, nil
	}
	full, err := w.full(ctx, ours, raw, o.fill)
	if err != nil {
		return nil, err
	}
	oursFull, rawFull := oursRuns, rawRuns
	oursFull.Name, oursFull.database = fmt.Sprintf("ours at %d", o.fill), full
	rawFull.Name, rawFull.database = fmt.Sprintf("C at %d", o.fill), full
	r.contestants = append(r.contestants, &rawFull, &oursFull)
	r.goals = append(r.goals,
		goal{Name: "ours to C on the full database, CPU an event", Want: "at most 1.6", of: oursFull.Name, to: rawFull.Name, value: cpuOf},
		goal{Name: "ours on the full database to an empty one, CPU an event", Want: "at most 2.2", of: oursFull.Name, to: "ours", value: cpuOf})
	return r, nil
}

// compileRaw compiles the C program with the very SQLite that the product's driver brings, and with its flags.
func (w *workshop) compileRaw(ctx context.Context) script {
	said, err := exec.CommandContext(ctx, "go", "list", "-f", `{{.Dir}} {{join .CgoCFLAGS " "}}`, "github.com/mattn/go-sqlite3").Output()
	if err != nil {
		return script{err: fmt.Errorf("find the driver: %w", err)}
	}
	dir, flags, _ := strings.Cut(strings.TrimSpace(string(said)), " ")
	program := filepath.Join(w.bin, "raw")
	args := append(strings.Fields(flags), "-O2", "-w", "-I", dir, "-o", program,
		filepath.Join("apply", "raw", "raw.c"), filepath.Join(dir, "sqlite3-binding.c"), "-lm", "-lpthread", "-ldl")
	return script{argv: []string{program}, err: command(ctx, "gcc", args...)}
}

// full makes a database with so many events in it.
func (w *workshop) full(ctx context.Context, ours string, raw script, events int) (string, error) {
	if raw.err != nil {
		return "", errors.Join(errors.New("a database cannot be filled without C"), raw.err)
	}
	path := filepath.Join(w.work, "full.db")
	if err := command(ctx, ours, "-database", path, "make"); err != nil {
		return "", err
	}
	return path, command(ctx, raw.argv[0], "-database", path, "-events", strconv.Itoa(events), "-from", "900000000", "fill")
}
