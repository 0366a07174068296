package config_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"seekpoller/internal/config"
)

// Whatever a file holds, Load does not panic, gives either a config or problems,
// and each problem is one printable line that says what would be right.
func FuzzLoad(f *testing.F) {
	f.Add("a: b")
	f.Add("streams: [{name: x, schedule: \"TZ=0\"}]")
	f.Add("streams: [{reconcile: {schedule: \"@every 1h\", window: 1}}]\nadmin: {socket: [a]}")
	f.Add("seek: {timeout: &a [*a]}\n? {a: b}\n: c")
	f.Add("\ufeff%YAML 1.1\n---\n<<: !!x y")
	f.Add("destinations: [{exec: {env: {\"a\x07\": b}}, webhook: {auth: {basic: }}}]")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		c, err := config.Load(write(t, dir, "f.yaml", text, 0o600), nil)
		if (c == nil) == (err == nil) {
			t.Fatalf("got %v and %v, want one of the two", c, err)
		}
		if path, err2 := config.Socket(filepath.Join(dir, "f.yaml"), nil); c != nil && (err2 != nil || path != c.Admin.Socket) {
			t.Fatalf("got the socket %q and %v, want %q", path, err2, c.Admin.Socket)
		}
		var ps config.Problems
		if err != nil && (!errors.As(err, &ps) || len(ps) == 0) {
			t.Fatalf("got %T, want Problems", err)
		}
		for _, p := range ps {
			if strings.ContainsFunc(p.String(), func(r rune) bool { return !unicode.IsPrint(r) }) || !strings.Contains(p.Message, "; ") {
				t.Errorf("got %q, want one printable line with a remedy", p)
			}
		}
	})
}
