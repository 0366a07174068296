package main

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

//go:generate go test -count=1 -run=^TestManPage$ . -args -write

var writing = flag.Bool("write", false, "write the man page instead of comparing it")

const manPage = "../../deploy/man/seek-poller.8"

// TestManPage: seek-poller(8) has every verb and flag, in the words of --help. `go generate` writes it with this test, so that none of it is
// in the program.
func TestManPage(t *testing.T) {
	for _, name := range []string{"SEEK_POLLER_CONFIG", "SEEK_POLLER_SOCKET"} {
		t.Setenv(name, "") // they change the defaults that are shown
	}
	root := newRoot()
	root.InitDefaultCompletionCmd("") // as the first call does
	text := manual(root)
	if *writing {
		if err := os.WriteFile(manPage, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(manPage); err != nil || string(got) != text {
		t.Errorf("%s is not what the verbs say (%v); run go generate ./cmd/seek-poller", manPage, err)
	}
	visit(root, func(verb *cobra.Command) {
		if shell := verb.Parent().Name() == "completion"; !shell && !strings.Contains(text, "\n.SS "+roff(verb.CommandPath())+"\n") {
			t.Errorf("%s is not in the man page", verb.CommandPath())
		}
	})
}

// everyVerb is what a person can type, in the order of --help. Of completion's own verbs, one for each shell, there is no more to say.
func everyVerb(cmd *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	for _, c := range cmd.Commands() {
		if c.Hidden || c.Name() == "help" {
			continue
		}
		all = append(all, c)
		if c.Name() != "completion" {
			all = append(all, everyVerb(c)...)
		}
	}
	return all
}

// TestManPagesRender: the formatters that readers have find nothing wrong in either page.
func TestManPagesRender(t *testing.T) {
	for _, page := range []string{"seek-poller.8", "seek-poller.yaml.5"} {
		for _, formatter := range [][]string{
			{"mandoc", "-T", "lint", "-W", "warning"},
			{"groff", "-man", "-Tutf8", "-ww", "-z"},
		} {
			t.Run(page+" "+formatter[0], func(t *testing.T) {
				needTool(t, formatter[0])
				out, err := exec.Command(formatter[0], append(formatter[1:], "../../deploy/man/"+page)...).CombinedOutput()
				if noted := withoutDate(string(out)); noted != "" || err != nil && noted == string(out) {
					t.Errorf("%v\n%s", err, noted)
				}
			})
		}
	}
}

// withoutDate drops the one complaint that is meant: a date would be another one at each release, and say nothing.
func withoutDate(complaints string) string {
	var rest strings.Builder
	for line := range strings.Lines(complaints) {
		if !strings.Contains(line, "missing date") {
			rest.WriteString(line)
		}
	}
	return rest.String()
}
