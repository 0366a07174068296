// Package task is what the harness and a contestant's program agree on: the flags that say what is to be done, and the line on standard
// output that says how long it took. A contestant in another language keeps to the same.
package task

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"
)

// Task is one piece of work.
type Task struct {
	URL      string // of the server that is the other side
	Database string // path of the file; it does not exist before prepare
	Events   int
	Parallel int // requests at one time
}

// Result is printed as one line of JSON.
type Result struct {
	Events  int     `json:"events"`
	Seconds float64 `json:"seconds"` // of the work alone: neither the program's start nor the opening of its database

	CPUSeconds float64 `json:"cpu_seconds,omitempty"` // likewise; 0: that of the whole process counts
}

// Main runs a contestant's program: `program [flags] prepare` makes the database ready, which is not measured, and `program [flags] run`
// does the work. prepare is nil where nothing has to be ready. run returns what it took.
func Main(prepare func(context.Context, Task) error, run func(context.Context, Task) (time.Duration, error)) {
	var t Task
	flag.StringVar(&t.URL, "url", "", "the server that is the other side")
	flag.StringVar(&t.Database, "database", "", "path of the database")
	flag.IntVar(&t.Events, "events", 0, "how many events")
	flag.IntVar(&t.Parallel, "parallel", 8, "requests at one time")
	flag.Parse()
	err := t.do(flag.Arg(0), prepare, run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (t Task) do(verb string, prepare func(context.Context, Task) error, run func(context.Context, Task) (time.Duration, error)) error {
	ctx := context.Background()
	if verb == "prepare" {
		if prepare == nil {
			return nil
		}
		return prepare(ctx, t)
	}
	took, err := run(ctx, t)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(Result{Events: t.Events, Seconds: took.Seconds()})
}
