package store

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Mark is the place of an event in the order of Events. The zero Mark is before all.
type Mark struct {
	At  time.Time
	Seq int64
}

// String is the mark as people pass it on, such as 2026-11-01T00:00:00.000Z/123; "" for the zero one.
func (m Mark) String() string {
	if m == (Mark{}) {
		return ""
	}
	return m.At.UTC().Format(layout) + "/" + strconv.FormatInt(m.Seq, 10)
}

// ParseMark reads what String wrote.
func ParseMark(text string) (Mark, error) {
	if text == "" {
		return Mark{}, nil
	}
	when, seq, _ := strings.Cut(text, "/")
	t, err := time.Parse(layout, when)
	n, bad := strconv.ParseInt(seq, 10, 64)
	if err != nil || bad != nil || n < 1 {
		return Mark{}, errors.New("is not a mark such as 2026-11-01T00:00:00.000Z/123; take the one that the page before it ended with")
	}
	return Mark{t, n}, nil
}

// Mark is where the event stands in the order of Events.
func (e Event) Mark() Mark { return Mark{e.At(), e.Seq} }

// condition is what puts rows behind the mark.
func (m Mark) condition() (string, []any) {
	if m == (Mark{}) {
		return "", nil
	}
	return " AND (e.at, e.seq) < (?, ?)", []any{stamp(m.At), m.Seq}
}

// DeliveryMark is the place of a delivery in the order of Deliveries. The zero one is before all.
type DeliveryMark struct {
	Seq         int64
	Destination string
}

// String is the mark as people pass it on, such as 2065/ats; "" for the zero one.
func (m DeliveryMark) String() string {
	if m == (DeliveryMark{}) {
		return ""
	}
	return strconv.FormatInt(m.Seq, 10) + "/" + m.Destination
}

// ParseDeliveryMark reads what String wrote.
func ParseDeliveryMark(text string) (DeliveryMark, error) {
	if text == "" {
		return DeliveryMark{}, nil
	}
	seq, destination, ok := strings.Cut(text, "/")
	n, err := strconv.ParseInt(seq, 10, 64)
	if !ok || err != nil || n < 1 {
		return DeliveryMark{}, errors.New("is not a mark such as 2065/ats; take the one that the page before it ended with")
	}
	return DeliveryMark{n, destination}, nil
}
