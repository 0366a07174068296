package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"seekpoller/internal/config"
)

// canary is in every secret of these tests; no output may hold it.
const canary = "c4n4ry-of-a-secret"

// room is a directory with the secrets that testdata/base.yaml names, good and bad.
func room(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, "seek-client-secret", canary+"\n", 0o600)
	write(t, dir, "ats-secret", canary+"-0123456789", 0o640)
	write(t, dir, "standard-secret", "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n", 0o600)
	write(t, dir, "open-secret", canary, 0o644)
	write(t, dir, "empty-secret", "\n", 0o600)
	write(t, dir, "short-secret", "c4n4ry\n", 0o600)
	write(t, dir, "long-secret", canary+strings.Repeat("x", 300), 0o600)
	write(t, dir, "lines-secret", canary+"\n\n", 0o600)
	write(t, dir, "spaced-secret", canary+" \n", 0o600)
	write(t, dir, "huge-secret", canary+strings.Repeat("x", 70<<10), 0o600)
	write(t, dir, "plain.txt", "not a certificate\n", 0o644)
	if err := os.Symlink("loop", filepath.Join(dir, "loop")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"folder", "spool"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func write(t testing.TB, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func base(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/base.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// load puts text into a room and loads it. Problems come back as lines with the
// room's path taken out; secrets in them fail the test. What is accepted, the schema must accept too.
func load(t *testing.T, text string, env ...string) (*config.Config, []string) {
	t.Helper()
	dir := room(t)
	return loadFile(t, write(t, dir, "seek-poller.yaml", text, 0o640), env...)
}

func loadFile(t *testing.T, path string, env ...string) (*config.Config, []string) {
	t.Helper()
	c, err := config.Load(path, env)
	if err == nil {
		if !slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "SEEK_POLLER_") }) {
			checkSchema(t, path)
		}
		return c, nil
	}
	var ps config.Problems
	if !errors.As(err, &ps) || c != nil {
		t.Fatalf("Load gave %v and %T, want no config and Problems", c, err)
	}
	dir := filepath.Dir(path)
	text := strings.ReplaceAll(ps.Error(), dir+"/", "")
	text = strings.ReplaceAll(text, dir, "DIR")
	if strings.Contains(text, "c4n4ry") {
		t.Errorf("a message holds a secret: %s", text)
	}
	return nil, strings.Split(text, "\n")
}

func mustLoad(t *testing.T, text string, env ...string) *config.Config {
	t.Helper()
	c, problems := load(t, text, env...)
	if problems != nil {
		t.Fatalf("got problems:\n%s", strings.Join(problems, "\n"))
	}
	return c
}
