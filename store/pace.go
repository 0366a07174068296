package store

import "time"

// LongestSpread is how far ahead a deed may put the last delivery that it makes due. What is due over 48 hours ahead is taken to be due now.
const LongestSpread = 47 * time.Hour

// pace makes deliveries due one after the other, so many a second, so that events that come in meanwhile are not behind all of them.
type pace struct {
	begin time.Time
	rate  int
	given int64
}

func (p *pace) next() time.Time {
	after := Spread(p.given, p.rate)
	p.given++
	return p.begin.Add(min(after, LongestSpread))
}

// Spread is how long n deliveries take at so many a second.
func Spread(n int64, rate int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(max(rate, 1))
}
