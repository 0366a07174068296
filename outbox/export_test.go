package outbox

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strconv"
	"time"

	"seekpoller/store"
)

// Hooks for the tests, which stand outside.
var (
	Backoff    = func(n int) time.Duration { return backoff(n, rand.Float64()) }
	RetryAfter = retryAfter
	Excerpt    = excerpt
	Signature  = signature
	Forbidden  = forbidden
	Capped     = func(kept *bytes.Buffer) io.Writer { return capped{kept} }
	Batches    = func(size int, ds ...store.Delivery) (lengths []int) {
		for _, b := range batches(ds, size, time.Time{}) {
			lengths = append(lengths, len(b.deliveries))
		}
		return lengths
	}
	StandardSignatures = func(id string, at time.Time, body string, secrets ...string) (string, error) {
		w := &standardWebhook{}
		for _, s := range secrets {
			key, err := standardKey([]byte(s))
			if err != nil {
				return "", err
			}
			w.keys = append(w.keys, key)
		}
		return w.signatures(id, strconv.FormatInt(at.Unix(), 10), []byte(body)), nil
	}
)

const (
	LongestGap        = longestGap
	LongestRetryAfter = longestRetryAfter
	OldAge            = oldAge
	TooManyTries      = tooManyTries
	LeaseMargin       = leaseMargin
	TermGrace         = termGrace
	LongestAnswer     = longestAnswer
)
