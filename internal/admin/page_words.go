package admin

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// pageWords are what the templates can say.
var pageWords = template.FuncMap{
	"address": address, "count": grouped, "duration": inWords, "short": shorten, "size": inBytes,
	"day":      func(t time.Time) string { return t.UTC().Format(time.DateOnly) },
	"clock":    func(t time.Time) string { return t.UTC().Format("15:04:05") },
	"iso":      func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"many":     func(n int64, one, more string) string { return counted(n, one, more) },
	"since":    func(now, t time.Time) string { return relative(now.Sub(t)) },
	"shown":    func(now, t time.Time) shown { return shown{now, t} },
	"formtime": formTime,
}

// shown is a time and when it is looked at.
type shown struct{ Now, At time.Time }

// Ago is how long ago it was, or how soon it will be.
func (m shown) Ago() string { return relative(m.Now.Sub(m.At)) }

// Today says that the day need not be said.
func (m shown) Today() bool {
	return m.At.UTC().Format(time.DateOnly) == m.Now.UTC().Format(time.DateOnly)
}

func relative(ago time.Duration) string {
	switch {
	case ago < -time.Second:
		return "in " + inWords((-ago).Round(time.Second))
	case ago < 2*time.Second:
		return "just now"
	}
	return inWords(ago.Round(time.Second)) + " ago"
}

// inWords is a length of time to two digits or so.
func inWords(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 1, 64), ".0") + " s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// grouped is a number with its thousands apart.
func grouped(v any) string {
	s := fmt.Sprint(v)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func counted(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + more
}

// shorten keeps both ends of a long text.
func shorten(n int, s string) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n*2/3]) + "…" + string(runes[len(runes)-n/3+1:])
}

func inBytes(n int64) string {
	switch {
	case n >= 1<<40:
		return fmt.Sprintf("%.1f TiB", float64(n)/(1<<40))
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%d KiB", n>>10)
}

// inert shows control and format characters as escapes, wherever in a finished page they stand: the templates have none but line feeds and
// tabs, so each came from outside, and may turn the text around it.
func inert(page []byte) []byte {
	var b bytes.Buffer
	for len(page) > 0 {
		r, n := utf8.DecodeRune(page)
		switch {
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029':
			fmt.Fprintf(&b, "\\u%04x", r)
		default:
			b.WriteRune(r) // what is no UTF-8 becomes the replacement character
		}
		page = page[n:]
	}
	return b.Bytes()
}
