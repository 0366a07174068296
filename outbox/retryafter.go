package outbox

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// retryAfter reads the Retry-After header (RFC 9110, section 10.2.3): whole seconds or an HTTP date. What is neither counts as
// not sent. Of several the longest holds. The result is never negative and never over 24 h, however large the number.
func retryAfter(h http.Header, now time.Time) time.Duration {
	var longest time.Duration
	for _, v := range h.Values("Retry-After") {
		longest = max(longest, oneRetryAfter(strings.TrimSpace(v), now))
	}
	return min(longest, longestRetryAfter)
}

func oneRetryAfter(v string, now time.Time) time.Duration {
	if v == "" {
		return 0
	}
	if strings.Trim(v, "0123456789") == "" {
		return wholeSeconds(v)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return at.Sub(now)
}

// wholeSeconds clamps before it multiplies: 10^10 seconds do not fit a time.Duration and would come out negative.
func wholeSeconds(digits string) time.Duration {
	const most = uint64(longestRetryAfter / time.Second)
	n, err := strconv.ParseUint(digits, 10, 64)
	if err != nil || n > most {
		return longestRetryAfter
	}
	return time.Duration(n) * time.Second
}
