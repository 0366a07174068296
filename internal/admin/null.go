package admin

import "encoding/json"

// Text is a text in JSON; null for none.
type Text string

// MarshalJSON writes the form above.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// Number is a number in JSON; null for 0, where 0 means none.
type Number int64

// MarshalJSON writes the form above.
func (n Number) MarshalJSON() ([]byte, error) {
	if n == 0 {
		return []byte("null"), nil
	}
	return json.Marshal(int64(n))
}
