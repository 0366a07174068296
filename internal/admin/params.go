package admin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params reads the parameters of a query, and remembers the first that is wrong or was not asked for.
type params struct {
	values url.Values
	taken  map[string]bool
	err    error
}

func readParams(r *http.Request) *params {
	p := &params{taken: map[string]bool{}}
	p.values, p.err = url.ParseQuery(r.URL.RawQuery)
	if p.err != nil {
		p.err = badRequest("the query of the address cannot be read", "")
	}
	return p
}

func (p *params) text(name string) string {
	p.taken[name] = true
	if len(p.values[name]) > 1 {
		p.wrong("%s is given twice", name)
	}
	return p.values.Get(name)
}

// texts are the values of a parameter that may be given several times.
func (p *params) texts(name string) []string {
	p.taken[name] = true
	return slices.DeleteFunc(p.values[name], func(text string) bool { return text == "" })
}

func (p *params) time(name string) time.Time {
	text := p.text(name)
	if text == "" {
		return time.Time{}
	}
	t, err := ParseTime(text)
	if err != nil {
		p.wrong("%s %s", name, err)
	}
	return t
}

func (p *params) number(name string, otherwise int64) int64 {
	text := p.text(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		p.wrong("%s is not a number", name)
	}
	return n
}

// limit is how many rows are wanted: 50 if not said, 1 to 1000.
func (p *params) limit() int {
	n := p.number("limit", 50)
	if n < 1 || n > 1000 {
		p.wrong("limit is not from 1 to 1000")
	}
	return int(n)
}

func (p *params) oneOf(name string, words ...string) string {
	text := p.text(name)
	if text == "" {
		return ""
	}
	for _, w := range words {
		if w == text {
			return text
		}
	}
	p.wrong("%s is %q; it may be %s", name, text, strings.Join(words, ", "))
	return ""
}

func (p *params) wrong(format string, args ...any) {
	if p.err == nil {
		p.err = badRequest(fmt.Sprintf(format, args...), "")
	}
}

// end is called when all were read: a parameter that nobody took is a mistake of whoever asked.
func (p *params) end() error {
	for name := range p.values {
		if !p.taken[name] {
			p.wrong("there is no parameter %q here", name)
		}
	}
	return p.err
}

// ParseTime reads a time as people give it: RFC 3339, or a day, which begins at midnight UTC.
func ParseTime(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time; write it with its zone, such as 2026-01-31T09:00:00Z, or a day such as 2026-01-31", text)
	}
	return t.UTC(), nil
}

// readBody decodes the one JSON object of a deed. A key that is not known is a mistake.
func readBody(r *http.Request, into any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(into)
	if err == nil && dec.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one JSON object")
	}
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return badRequest("the body cannot be read: "+strings.TrimPrefix(err.Error(), "json: "), "")
}
