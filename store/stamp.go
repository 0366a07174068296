package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// layout is RFC 3339 in UTC at a fixed width, so that texts sort as their times do.
const layout = "2006-01-02T15:04:05.000Z"

// stamp is the text of a time, cut to the millisecond. The zero time, and one whose year would not fit the width, is NULL.
func stamp(t time.Time) any {
	t = t.UTC()
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	return t.Format(layout)
}

// stampUp is stamp for a time that ends a wait: rounded up, so that the wait is never short.
func stampUp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return stamp(t.Add(time.Millisecond - time.Nanosecond))
}

// orNull keeps "nothing" as NULL, so that a column reads as empty to a person.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// at is where a stored time is scanned to; NULL becomes the zero time.
type at struct{ to *time.Time }

// Scan reads the text that stamp wrote.
func (a at) Scan(v any) error {
	*a.to = time.Time{}
	if v == nil {
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("read a time: found %T", v)
	}
	t, err := time.Parse(layout, s)
	if err != nil {
		return fmt.Errorf("read a time: %q is not like %s", s, layout)
	}
	*a.to = t
	return nil
}

// words is where a stored JSON array of strings is scanned to; NULL becomes nil, an empty array stays one.
type words struct{ to *[]string }

// Scan reads the array.
func (w words) Scan(v any) error {
	*w.to = nil
	if v == nil {
		return nil
	}
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("read a list: found %T", v)
	}
	return json.Unmarshal([]byte(s), w.to)
}

// orNullWords binds what words reads.
func orNullWords(list []string) (any, error) {
	if list == nil {
		return nil, nil
	}
	text, err := json.Marshal(list)
	return string(text), err
}

// ms is where stored milliseconds are scanned to.
type ms struct{ to *time.Duration }

// Scan reads an integer of milliseconds; NULL becomes 0.
func (m ms) Scan(v any) error {
	n, ok := v.(int64)
	if !ok && v != nil {
		return fmt.Errorf("read milliseconds: found %T", v)
	}
	*m.to = fromMS(n)
	return nil
}
