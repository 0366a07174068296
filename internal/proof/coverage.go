package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// bench is a room's tests, and what each of them runs.
type bench struct {
	room, dir, program string
	tests              []roomTest
}

// roomTest is one test as it was without a mutant.
type roomTest struct {
	Name string
	Took time.Duration // of the processor
	Runs []block       // nil: unknown, since it fails where coverage is measured
}

type block struct {
	File        string
	First, Last int // lines
}

// newBench compiles the room and runs each test by itself.
func newBench(ctx context.Context, room string) (*bench, error) {
	dir, err := os.MkdirTemp("", "seek-poller-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{room: room, dir: dir, program: filepath.Join(dir, "room.test")}
	measured := filepath.Join(dir, "measured.test")
	out, err := b.compile(ctx, b.program)
	if err == nil && !b.remember() {
		if out, err = b.compile(ctx, measured, "-cover"); err == nil {
			err = b.measure(ctx, measured)
		}
	}
	if err != nil {
		b.remove()
		return nil, fmt.Errorf("%s: %w\n%s", room, err, out)
	}
	return b, nil
}

func (b *bench) remove() { os.RemoveAll(b.dir) }

// compile leaves out what differs between two builds of the same.
func (b *bench) compile(ctx context.Context, to string, more ...string) (string, error) {
	args := append([]string{"-n", "5", "go", "test", "-c", "-p=1", "-vet=off", "-trimpath", "-ldflags=-s -w -buildid=", "-o", to}, more...)
	out, err := exec.CommandContext(ctx, "nice", append(args, "./"+b.room)...).CombinedOutput()
	return string(out), err
}

var isTest = regexp.MustCompile(`(?m)^(Test|Fuzz)\S*$`)

func (b *bench) measure(ctx context.Context, measured string) error {
	out, err := b.start(ctx, b.program, 60, "-test.list=.").Output()
	if err != nil {
		return err
	}
	begun := time.Now()
	for _, name := range isTest.FindAllString(string(out), -1) {
		t := roomTest{Name: name}
		profile := filepath.Join(b.dir, "profile")
		cmd := b.start(ctx, measured, 600, "-test.run=^"+name+"$", "-test.coverprofile="+profile)
		if err := cmd.Run(); err == nil {
			if t.Runs, err = readProfile(profile, b.room); err != nil {
				return err
			}
		} else if by, err := b.run(ctx, b.program, "", []roomTest{{Name: name, Took: time.Minute}}); err != nil || by != "" {
			return fmt.Errorf("%s fails without a mutant: %s (%w)", name, by, err)
		}
		t.Took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		b.tests = append(b.tests, t)
	}
	slices.SortStableFunc(b.tests, func(x, y roomTest) int { return cmp.Compare(x.Took, y.Took) })
	fmt.Printf("%s: %d tests, %v of the processor, measured in %v\n", b.room, len(b.tests), total(b.tests).Round(time.Second), time.Since(begun).Round(time.Second))
	return b.keep()
}

// memory is where the measurement of just these tests of just this room is kept.
func (b *bench) memory() (string, error) {
	program, err := os.ReadFile(b.program)
	if err != nil {
		return "", err
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "seek-poller-proof", fmt.Sprintf("%s-%x.json", b.room, sha256.Sum256(program))), err
}

func (b *bench) keep() error {
	name, err := b.memory()
	if err != nil {
		return err
	}
	text, err := json.Marshal(b.tests)
	if err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, text, 0o600))
}

func (b *bench) remember() bool {
	name, err := b.memory()
	if err != nil {
		return false
	}
	text, err := os.ReadFile(name)
	return err == nil && json.Unmarshal(text, &b.tests) == nil
}

func total(tests []roomTest) (sum time.Duration) {
	for _, t := range tests {
		sum += t.Took
	}
	return sum
}

// readProfile is what was run of a room's files.
func readProfile(name, room string) ([]block, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	all := []block{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		file, rest, _ := strings.Cut(lines.Text(), ":")
		x := block{File: filepath.Join(room, filepath.Base(file))}
		var column, statements, count int
		if n, _ := fmt.Sscanf(rest, "%d.%d,%d.%d %d %d", &x.First, &column, &x.Last, &column, &statements, &count); n == 6 && count > 0 {
			all = append(all, x)
		}
	}
	return all, nil
}

func (t roomTest) covers(m mutation) bool {
	return t.Runs == nil || slices.ContainsFunc(t.Runs, func(x block) bool { return x.File == m.file && x.First <= m.runs && m.runs <= x.Last })
}

func (b *bench) covering(m mutation) (all []roomTest) {
	for _, t := range b.tests {
		if t.covers(m) {
			all = append(all, t)
		}
	}
	return all
}

// quick is how many of the tests, which are in the order of their time, take next to none.
func (b *bench) quick(tests []roomTest) (n int) {
	for n < len(tests) && tests[n].Took < 300*time.Millisecond {
		n++
	}
	return n
}

// batches are the tests in the order in which a mutant meets them: those that run its line, the quick ones first. Where none is seen to run it, as where a
// test does so in a process of its own, or where it is a constant, all of them are tried.
func (b *bench) batches(m mutation) (all [][]roomTest) {
	near := b.covering(m)
	if !slices.ContainsFunc(near, func(t roomTest) bool { return t.Runs != nil }) {
		near = b.tests
	}
	quick := b.quick(near)
	all = append(all, near[:quick])
	for i := quick; i < len(near); i += 6 {
		all = append(all, near[i:min(i+6, len(near))])
	}
	return all
}
