package graphql

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds what a server can ask for: a slip of the pen must not stop us for a year.
const maxRetryAfter = 24 * time.Hour

// retryAfter is how long an answer's Retry-After asks to wait: 0 if it does not, or not in
// words of RFC 9110, section 10.2.3; never negative, at most maxRetryAfter. Of several the
// longest counts. A date is measured from the answer's own Date, so that a wrong clock on
// this side does not matter; a server that sends none has no clock to name a date by
// (RFC 9110, section 6.6.1), and is not heard.
func retryAfter(h http.Header) time.Duration {
	var longest time.Duration
	for _, text := range h.Values("Retry-After") {
		longest = max(longest, parseRetryAfter(strings.TrimSpace(text), h.Get("Date")))
	}
	return min(longest, maxRetryAfter)
}

func parseRetryAfter(text, date string) time.Duration {
	if at, err := http.ParseTime(text); err == nil {
		return untilFrom(at, date)
	}
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds > int(maxRetryAfter/time.Second) {
		return maxRetryAfter // more than fits, and more than we take
	}
	return time.Duration(seconds) * time.Second
}

// untilFrom is the time from date, an HTTP date, to at; 0 if date is none.
func untilFrom(at time.Time, date string) time.Duration {
	from, err := http.ParseTime(date)
	if err != nil {
		return 0
	}
	return at.Sub(from)
}
