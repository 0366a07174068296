package simulator

import (
	"bytes"
	"encoding/json"
)

// encode writes an answer as JSON, members in the order of the selection and text as it is, without the escapes that
// encoding/json makes for browsers.
func encode(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case answer:
		b.WriteByte('{')
		for i, m := range v {
			separate(b, i)
			encode(b, m.key)
			b.WriteByte(':')
			encode(b, m.value)
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			separate(b, i)
			encode(b, e)
		}
		b.WriteByte(']')
	default:
		plain(b, v)
	}
}

func separate(b *bytes.Buffer, i int) {
	if i > 0 {
		b.WriteByte(',')
	}
}

func plain(b *bytes.Buffer, v any) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("encode an answer: " + err.Error()) // only our own values come here
	}
	b.Truncate(b.Len() - 1) // the newline of Encode
}

// document is a whole body.
func document(data any, hasData bool, errs []gqlError) []byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if hasData {
		b.WriteString(`"data":`)
		encode(&b, data)
		b.WriteByte(',')
	}
	if len(errs) > 0 {
		b.WriteString(`"errors":`)
		plain(&b, errs)
		b.WriteByte(',')
	}
	b.WriteString(`"extensions":{"requestLatency":1}}`)
	return b.Bytes()
}
