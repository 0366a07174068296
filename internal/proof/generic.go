package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// mutated are the rooms that must be right.
var mutated = []string{"store", "poller", "outbox"}

// generic changes operators and drops statements at random places of the rooms, and counts how many of the changes their own short tests notice.
func generic(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("generic", flag.ExitOnError)
	each := flags.Int("n", 20, "mutants a room that are valid: that compile, to another program, and are not known to be the same")
	seed := flags.Uint64("seed", rand.Uint64(), "the same seed makes the same mutants")
	only := flags.String("room", "", "only this room")
	at := flags.String("at", "", "only changes whose place and words match this pattern")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*at)
	if err != nil {
		return err
	}
	fmt.Printf("again with: go run ./internal/proof generic -n %d -seed %d\n", *each, *seed)
	for _, room := range mutated {
		if *only != "" && *only != room {
			continue
		}
		if err := mutateRoom(ctx, room, *each, *seed, wanted); err != nil {
			return err
		}
	}
	return nil
}

func mutateRoom(ctx context.Context, room string, n int, seed uint64, wanted *regexp.Regexp) error {
	all, err := mutations(room)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	c, err := newChecker(ctx, room)
	if err != nil {
		return err
	}
	verdicts := map[string]int{}
	tell := func(verdict string, m mutation, by string) {
		verdicts[verdict]++
		fmt.Printf("%-9s %s  [%s]\n", verdict, m, by)
	}
	chosen := choose(c, all, n, wanted, tell)
	b, err := newBench(ctx, room)
	if err != nil {
		return err
	}
	defer b.remove()
	texts, in := together(c, room, chosen)
	program, err := b.compileAll(ctx, texts)
	if err != nil {
		return err
	}
	for i, m := range chosen {
		name := strconv.Itoa(i)
		if _, is := in[name]; !is {
			name = ""
		}
		verdict, by, err := b.try(ctx, m, program, name)
		if err != nil {
			return err
		}
		tell(verdict, m, by)
	}
	valid := verdicts[killed] + verdicts[survived]
	fmt.Printf("%s: %d of %d valid mutants killed (%d %%), of %d possible; beside them %d that do not compile and %d that are the same program\n",
		room, verdicts[killed], valid, 100*verdicts[killed]/max(valid, 1), len(all), verdicts[broken], verdicts[same])
	return nil
}

// choose takes the first n that compile and that nobody has found to be the same.
func choose(c *checker, all []mutation, n int, wanted *regexp.Regexp, tell func(verdict string, m mutation, by string)) (chosen []mutation) {
	for _, m := range all {
		if len(chosen) == n {
			break
		}
		if !wanted.MatchString(m.String()) {
			continue
		}
		if i := slices.IndexFunc(equivalents, func(e equivalent) bool { return e.change == m.change() }); i >= 0 {
			tell(same, m, equivalents[i].why)
		} else if err := c.check(map[string]string{m.file: m.text}); err != nil {
			tell(broken, m, err.Error())
		} else {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

// same is a mutant that does what the room does.
const same = "SAME"

// try shows a mutant to the tests that run its line, the quick ones first. name is its name in the program that holds all; "": it is not
// in there. A mutant that no test notices may be no other program than the one without it.
func (b *bench) try(ctx context.Context, m mutation, program, name string) (verdict, by string, err error) {
	alone := ""
	if name == "" {
		if alone, err = b.compileAlone(ctx, m); err != nil {
			return "", "", err
		}
		program = alone
	}
	for _, tests := range b.batches(m) {
		by, err := b.run(ctx, program, name, tests)
		if err != nil || by != "" {
			return killed, by, err
		}
	}
	if alone == "" {
		if alone, err = b.compileAlone(ctx, m); err != nil {
			return "", "", err
		}
	}
	equal, err := sameBytes(alone, b.program)
	if equal {
		return same, "the compiler makes the same program of it", err
	}
	return survived, fmt.Sprintf("%d tests run it", len(b.covering(m))), err
}

func (b *bench) compileAlone(ctx context.Context, m mutation) (program string, err error) {
	overlay, err := writeOverlay(b.dir, map[string]string{m.file: m.text})
	if err != nil {
		return "", err
	}
	program = filepath.Join(b.dir, "alone.test")
	if out, err := b.compile(ctx, program, "-overlay", overlay); err != nil {
		return "", fmt.Errorf("compile %s: %w\n%s", m, err, out)
	}
	return program, nil
}

func sameBytes(one, other string) (bool, error) {
	x, err := os.ReadFile(one)
	if err != nil {
		return false, err
	}
	y, err := os.ReadFile(other)
	return bytes.Equal(x, y), err
}
