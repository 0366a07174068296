package store_test

import (
	"os/exec"
	"strings"
	"testing"

	"seekpoller/store"
)

// TestCommandCanBePasted: a shell reads the path as it is, and people read it plain where it is plain.
func TestCommandCanBePasted(t *testing.T) {
	for path, plain := range map[string]bool{
		"/var/lib/seek-poller/seek-poller.db": true, "/srv/Büro_7/a+b@c.db": true,
		"/srv/my data/seek.db": false, "/srv/it's/seek.db": false, "/srv/$HOME/seek.db": false, "/srv/a;b&c/`d`.db": false, `/srv/a\b"c.db`: false,
	} {
		words := (&store.FingerprintError{Stream: "all", Database: path}).Error()
		_, rest, _ := strings.Cut(words, "--database ")
		word, _, _ := strings.Cut(rest, " --yes")
		out, err := exec.Command("sh", "-c", "printf %s "+word).Output()
		if err != nil || string(out) != path {
			t.Errorf("a shell reads %s as %q (%v)", word, out, err)
		}
		if (word == path) != plain {
			t.Errorf("%s is written as %s", path, word)
		}
	}
}
