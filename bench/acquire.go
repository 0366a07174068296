package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
)

// acquire races what takes pages from a GraphQL server in a process of its own into a durable database.
func acquire(ctx context.Context, w *workshop, o options) (*race, error) {
	server, err := w.build(ctx, "acquire/server")
	if err != nil {
		return nil, err
	}
	r, err := newRace("ours", o)
	if err != nil {
		return nil, err
	}
	if r.url, err = w.serve(server, "-events", strconv.Itoa(o.events)); err != nil {
		return nil, err
	}
	r.enter(ctx, w, "acquire/ours", contestant{Name: r.base, Note: "keeps a ledger, counters and search indexes as well; two commits a page"})
	r.add(func() script { return python("acquire.py") }, contestant{Name: "python", Note: "standard library"})
	if err := r.sameTables(ctx, w); err != nil {
		return nil, err
	}
	r.add(func() script { return node(ctx) }, contestant{Name: "node", Note: "better-sqlite3"})
	r.enter(ctx, w, "acquire/benthos", contestant{Name: "benthos", Note: "4.27; the cursor in a transaction of its own after the page's"})
	r.enter(ctx, w, "acquire/naive", contestant{Name: "naive Go", Note: "encoding/json into maps, a statement a row"})
	peers := []string{"python", "node", "benthos"}
	r.goals = []goal{
		{Name: "ours to the fastest peer, events/s", Want: "at least 2", of: r.base, among: peers, value: rateOf},
		{Name: "ours to the thriftiest peer, CPU an event", Want: "under 1", of: r.base, among: peers, value: cpuOf, least: true},
		{Name: "ours to one that keeps as much, events/s", Want: "at least 2", of: r.base, to: sameTables, value: rateOf},
		{Name: "ours to one that keeps as much, CPU an event", Want: "under 1", of: r.base, to: sameTables, value: cpuOf},
	}
	return r, nil
}

func python(program string) script {
	interpreter, err := exec.LookPath("python3")
	return script{argv: []string{interpreter, filepath.Join("acquire", "python", program)}, err: err}
}

const sameTables = "python, our tables"

// sameTables enters one that keeps what ours keeps, where ours made the database: the others keep less.
func (r *race) sameTables(ctx context.Context, w *workshop) error {
	if !r.wants(sameTables) {
		return nil
	}
	maker, err := w.build(ctx, "apply/ours")
	if err != nil {
		return err
	}
	r.add(func() script { return python("tables.py") }, contestant{Name: sameTables, maker: maker, Note: "standard library; keeps all that ours keeps"})
	return nil
}

// node installs better-sqlite3 beside the script, unless it is there. It is compiled here: its binaries are on a server that not every machine reaches.
func node(ctx context.Context) script {
	dir := filepath.Join("acquire", "node")
	interpreter, err := exec.LookPath("node")
	if err != nil {
		return script{err: err}
	}
	works := func() error {
		return command(ctx, interpreter, "-e", fmt.Sprintf("new (require('./%s/node_modules/better-sqlite3'))(':memory:')", filepath.ToSlash(dir)))
	}
	if works() != nil {
		if err := command(ctx, "npm", "install", "--prefix", dir, "--no-package-lock", "--build-from-source"); err != nil {
			return script{err: err}
		}
	}
	return script{argv: []string{interpreter, filepath.Join(dir, "acquire.js")}, err: works()}
}
