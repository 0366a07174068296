package powercut

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// Arguments of calls, as strace prints them.

// at is the path of a descriptor and a name, written as a name.
func at(dir, name string) string {
	path := text(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(opened(dir), path)
	}
	return `"` + hexed(path) + `"`
}

func hexed(s string) (out string) {
	for i := range len(s) {
		out += fmt.Sprintf(`\x%02x`, s[i])
	}
	return out
}

func descriptor(arg string) string {
	number, _, _ := strings.Cut(arg, "<")
	return number
}

// opened is the path in 3<\x2f...>.
func opened(arg string) string {
	_, rest, _ := strings.Cut(arg, "<")
	path, _, _ := strings.Cut(rest, ">")
	return string(unhex(path))
}

func text(arg string) string { return string(unhex(arg)) }

func unhex(arg string) []byte {
	bytes, _ := hex.DecodeString(strings.ReplaceAll(strings.Trim(arg, `"`), `\x`, ""))
	return bytes
}
