package outbox

import (
	"time"

	"seekpoller/store"
)

// Hooks for the tests, which stand outside.
var (
	Backoff    = backoff
	RetryAfter = retryAfter
	Excerpt    = excerpt
	Signature  = signature
	Batches    = func(size int, ds ...store.Delivery) (lengths []int) {
		for _, b := range batches(ds, size, time.Time{}) {
			lengths = append(lengths, len(b.deliveries))
		}
		return lengths
	}
)

const (
	LongestGap        = longestGap
	LongestRetryAfter = longestRetryAfter
	OldAge            = oldAge
	TooManyTries      = tooManyTries
	LeaseMargin       = leaseMargin
)
