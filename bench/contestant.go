package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"seekpoller/bench/task"
)

// contestant is one program that does the work.
type contestant struct {
	Name  string
	Note  string   // what it does otherwise, or leaves out
	argv  []string // the program and its own flags; those of a task and the verb come after
	share int      // it does one in so many of the events; 0: all. A rate is the same for fewer, and the slow ones take minutes
	gone  error    // why it is not here; nil: it is

	maker    string // a program that makes the database in the contestant's place; "": it prepares its own
	database string // that is there already and stays; "": each run has a new one

	runs []run
}

// run is one run of a contestant.
type run struct {
	rate float64 // events a second
	cpu  float64 // µs of the processor an event, of the whole process
	peak float64 // MiB resident
}

// once does the work once: on a database made for it and removed afterwards, or on the one that stays.
func (c *contestant) once(ctx context.Context, w *workshop, url string, events int) (run, error) {
	events /= max(c.share, 1)
	args := append(c.argv[1:len(c.argv):len(c.argv)], "-url", url, "-events", strconv.Itoa(events))
	if c.database != "" {
		args = append(args, "-from", strconv.Itoa(len(c.runs)*events), "-database", c.database)
		return c.work(ctx, args, events)
	}
	dir, err := os.MkdirTemp(w.work, "run-")
	if err != nil {
		return run{}, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "bench.db")
	args = append(args, "-database", path)
	if c.maker != "" {
		err = command(ctx, c.maker, "-database", path, "make")
	} else {
		_, _, err = c.do(ctx, append(args, "prepare"))
	}
	if err != nil {
		return run{}, err
	}
	return c.work(ctx, args, events)
}

// work runs the program and reads what it says of itself.
func (c *contestant) work(ctx context.Context, args []string, events int) (run, error) {
	out, used, err := c.do(ctx, append(args, "run"))
	if err != nil {
		return run{}, err
	}
	var done task.Result
	if err := json.Unmarshal(out, &done); err != nil {
		return run{}, fmt.Errorf("%s said %q: %w", c.Name, out, err)
	}
	if done.Events != events {
		return run{}, fmt.Errorf("%s did %d of %d events", c.Name, done.Events, events)
	}
	cpu := float64(used.Utime.Nano()+used.Stime.Nano()) / 1e3
	if done.CPUSeconds > 0 {
		cpu = done.CPUSeconds * 1e6
	}
	return run{rate: float64(events) / done.Seconds, cpu: cpu / float64(events), peak: float64(used.Maxrss) / 1024}, nil
}

// do runs the program to its end.
func (c *contestant) do(ctx context.Context, args []string) ([]byte, *syscall.Rusage, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, c.argv[0], args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return nil, nil, fmt.Errorf("%s: %w: %s", c.Name, err, strings.TrimSpace(complaint.String()))
	}
	return out.Bytes(), cmd.ProcessState.SysUsage().(*syscall.Rusage), nil
}
