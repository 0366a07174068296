package outbox

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const longestDetail = 500 // characters

// excerpt is the beginning of what a stranger wrote, fit for a terminal, a log and a page: no control, format or unassigned
// character is left as it is, and there are at most 500 characters.
func excerpt(b []byte) string {
	b = bytes.TrimSpace(b)
	var out strings.Builder
	for n := 0; len(b) > 0; {
		r, size := utf8.DecodeRune(b)
		s := escaped(r, size, b[0])
		if n += utf8.RuneCountInString(s); n > longestDetail {
			break
		}
		out.WriteString(s)
		b = b[size:]
	}
	return out.String()
}

func escaped(r rune, size int, first byte) string {
	switch {
	case r == utf8.RuneError && size == 1:
		return fmt.Sprintf(`\x%02x`, first)
	case unicode.IsPrint(r):
		return string(r)
	case r <= 0xffff:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}
