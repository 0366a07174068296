package outbox

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// object is a JSON object on its way to be written, on one line. Each method writes one member; one that has nothing to say of it writes
// otherwise in its place, or no member if that is "".
type object struct{ written []byte }

// rest is what an envelope has beside the values that SEEK sent, at most, unless a name is unusually long.
const rest = 600

func newObject(values int) *object { return &object{make([]byte, 0, values+rest)} }

func (o *object) name(name string) {
	before := byte(',')
	if len(o.written) == 0 {
		before = '{'
	}
	o.written = append(append(append(o.written, before, '"'), name...), '"', ':')
}

// text never fails: AppendQuote writes U+FFFD for what is not UTF-8, and says so in its error.
func (o *object) text(name, text string) {
	o.name(name)
	o.written, _ = jsontext.AppendQuote(o.written, text)
}

func (o *object) textOr(name, text, otherwise string) {
	if text == "" {
		o.literal(name, otherwise)
		return
	}
	o.text(name, text)
}

func (o *object) number(name string, n int64) {
	o.name(name)
	o.written = strconv.AppendInt(o.written, n, 10)
}

func (o *object) time(name string, t time.Time) {
	if t.IsZero() {
		o.literal(name, "null")
		return
	}
	o.name(name)
	o.written = append(t.UTC().AppendFormat(append(o.written, '"'), rfc3339Milli), '"')
}

// value writes JSON as it is, less the white space between its tokens. What is none is as good as nothing.
func (o *object) value(name string, value []byte, otherwise string) {
	begun := len(o.written)
	o.name(name)
	var err error
	if o.written, err = jsontext.AppendFormat(o.written, value, anyValue...); err != nil {
		o.written = o.written[:begun]
		o.literal(name, otherwise)
	}
}

// anyValue takes whatever RFC 8259 has for JSON, and keeps its strings as they are written.
var anyValue = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true), jsontext.PreserveRawStrings(true)}

func (o *object) literal(name, literal string) {
	if literal != "" {
		o.name(name)
		o.written = append(o.written, literal...)
	}
}

// end closes the object and returns it. A value may have brought bytes that are not UTF-8.
func (o *object) end() []byte {
	o.written = append(o.written, '}')
	if utf8.Valid(o.written) {
		return o.written
	}
	return bytes.ToValidUTF8(o.written, []byte("\uFFFD"))
}

// rfc3339Milli is RFC 3339 in UTC with milliseconds, the precision of SEEK's own samples.
const rfc3339Milli = "2006-01-02T15:04:05.000Z"

func rfc3339(t time.Time) string { return t.UTC().Format(rfc3339Milli) }
