package admin

import "time"

// Time is a time in JSON: RFC 3339 in UTC with milliseconds, as in the database, so that it sorts as text; null for none.
type Time struct{ time.Time }

// MarshalJSON writes the form above.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(t.UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

// UnmarshalJSON reads it back.
func (t *Time) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*t = Time{}
		return nil
	}
	return t.Time.UnmarshalJSON(text)
}
