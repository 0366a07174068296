package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// planted is a bug that somebody could write tomorrow, and the test that must notice.
type planted struct {
	name  string // what the bug is
	edits []edit
	room  string // whose test
	test  string // a pattern for -run
	says  string // what the test says then, as a pattern: to be killed by something else does not count
}

// edit replaces a text, which must be there exactly once.
type edit struct{ file, old, new string }

// mutants plants bugs one by one and sees whether the test named kills each. Nothing in the tree is changed: the compiler is shown other files (go help build,
// -overlay).
func mutants(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("mutants", flag.ExitOnError)
	only := flags.String("only", "", "only those whose name matches this pattern")
	check := flags.Bool("check", false, "only see whether each can still be planted")
	verbose := flags.Bool("v", false, "show what the tests say")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	lived, tried, dead := []string{}, 0, 0
	for _, p := range plantedBugs {
		if !wanted.MatchString(p.name) {
			continue
		}
		tried++
		overlay, remove, err := p.plant()
		if err != nil {
			return err
		}
		if !*check {
			verdict := p.try(ctx, overlay, *verbose)
			fmt.Printf("%-9s %-66s %s %s\n", verdict, p.name, p.room, p.test)
			if verdict == killed {
				dead++
			} else {
				lived = append(lived, p.name)
			}
		}
		remove()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if *check {
		fmt.Printf("%d bugs can be planted; %d cannot be planted here:\n", tried, len(notPlanted))
	} else {
		fmt.Printf("%d bugs planted: %d killed by the test and in the words meant, %d not; %d cannot be planted here:\n", tried, dead, len(lived), len(notPlanted))
	}
	for _, n := range notPlanted {
		fmt.Printf("  %s: %s\n", n.name, n.why)
	}
	if len(lived) > 0 {
		return fmt.Errorf("not killed: %s", strings.Join(lived, "; "))
	}
	return nil
}

// plant writes the changed files and the overlay that names them.
func (p planted) plant() (overlay string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "seek-poller-mutant-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { os.RemoveAll(dir) }
	texts := map[string]string{}
	for _, e := range p.edits {
		text, there := texts[e.file]
		if !there {
			read, err := os.ReadFile(e.file)
			if err != nil {
				return "", remove, err
			}
			text = string(read)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return "", remove, fmt.Errorf("%s: %s has the text to replace %d times, not once: %q", p.name, e.file, n, e.old)
		}
		texts[e.file] = strings.Replace(text, e.old, e.new, 1)
	}
	overlay, err = writeOverlay(dir, texts)
	return overlay, remove, err
}

func writeOverlay(dir string, texts map[string]string) (string, error) {
	replace := map[string]string{}
	for file, text := range texts {
		absolute, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		changed := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[absolute] = changed
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, text, 0o600)
}

// What can become of a planted bug.
const (
	killed   = "killed"
	survived = "SURVIVED"
	broken   = "BROKEN"  // it does not compile, or no test was run
	wrongly  = "WRONGLY" // killed, but by something else than what is meant to notice
)

func (p planted) try(ctx context.Context, overlay string, verbose bool) string {
	failed, out := test(ctx, overlay, "./"+p.room, p.test)
	if verbose {
		fmt.Println(out)
	}
	switch {
	case strings.Contains(out, "[build failed]"), strings.Contains(out, "no tests to run"):
		return broken
	case !failed:
		return survived
	case !regexp.MustCompile(p.says).MatchString(out), strings.Contains(out, "\npanic: "):
		return wrongly
	}
	return killed
}

// test runs tests under an overlay, for five minutes at most: a mutant that hangs is a mutant that was noticed.
func test(ctx context.Context, overlay, room, pattern string) (failed bool, out string) {
	ctx, cancel := context.WithTimeout(ctx, 6*time.Minute)
	defer cancel()
	args := []string{"test", "-short", "-count=1", "-timeout=5m", "-overlay", overlay}
	if pattern != "" {
		args = append(args, "-run", pattern)
	}
	text, err := exec.CommandContext(ctx, "go", append(args, room)...).CombinedOutput()
	exit := (*exec.ExitError)(nil)
	return err != nil && (errors.As(err, &exit) || ctx.Err() != nil), string(text)
}
