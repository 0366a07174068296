package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"seekpoller/internal/config"
)

// FuzzLoad: whatever a file holds, there is either a config or problems. Each problem is one printable line with file, line or key, and what would be
// right, and quotes no secret's file. What is accepted can be printed, and what is printed is accepted as the same.
func FuzzLoad(f *testing.F) {
	f.Add(base(f))
	f.Add("a: b")
	f.Add("streams: [{name: x, schedule: \"TZ=0\"}]")
	f.Add("streams: [{reconcile: {schedule: \"@every 1h\", window: 1}}]\nadmin: {socket: [a]}")
	f.Add("seek: {timeout: &a [*a]}\n? {a: b}\n: c")
	f.Add("\ufeff%YAML 1.1\n---\n<<: !!x y")
	f.Add("destinations: [{exec: {env: {\"a\x07\": b}}, webhook: {auth: {basic: }}}]")
	eachBad(f, func(_, body string) { f.Add(parseBad(f, body).text) })
	dir := room(f) // its files are only read
	f.Fuzz(func(t *testing.T, text string) {
		path := write(t, dir, "f.yaml", text, 0o600)
		c, err := config.Load(path, nil)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of the two", c, err)
		}
		if socket, err := config.Socket(path, nil); c != nil && (err != nil || socket != c.Admin.Socket) {
			t.Fatalf("got the socket %q and %v, want %q", socket, err, c.Admin.Socket)
		}
		if err != nil {
			checkProblems(t, err, path, text)
			return
		}
		checkShown(t, dir, c)
	})
}

func checkProblems(t *testing.T, err error, path, text string) {
	t.Helper()
	var ps config.Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		t.Fatalf("got %T, want Problems", err)
	}
	lines := 1 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u0085") + strings.Count(text, "\u2028") + strings.Count(text, "\u2029") // as YAML ends them
	for _, p := range ps {
		said := p.String()
		if strings.ContainsFunc(said, func(r rune) bool { return !unicode.IsPrint(r) }) || !strings.Contains(p.Message, "; ") {
			t.Errorf("got %q, want one printable line with a remedy", p)
		}
		if p.File != path || p.Line < 0 || p.Line > lines {
			t.Errorf("%q is about line %d of %s, which has %d", said, p.Line, p.File, lines)
		}
		if n := len([]rune(strings.TrimPrefix(said, path))); n > 600 {
			t.Errorf("%q has %d characters", said, n)
		}
		if strings.Contains(said, canary) && !strings.Contains(text, canary) {
			t.Errorf("%q holds what is in the file of a secret", said)
		}
	}
}

// checkShown: what check --print shows is the same config.
func checkShown(t *testing.T, dir string, c *config.Config) {
	t.Helper()
	shown, err := c.YAML()
	if err != nil || strings.Contains(string(shown), canary+"\n") {
		t.Fatalf("shown as\n%s%v", shown, err)
	}
	path := filepath.Join(dir, "shown.yaml")
	if err := os.WriteFile(path, shown, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := config.Load(path, nil)
	if err != nil {
		t.Fatalf("what is shown is refused: %v\n%s", err, shown)
	}
	second, err := again.YAML()
	if got, want := unplaced(string(second)), unplaced(string(shown)); err != nil || got != want {
		t.Errorf("what is shown is another config: got\n%s\nwant\n%s%v", got, want, err)
	}
}
