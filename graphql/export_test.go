package graphql

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// Decode reads a 200 answer as Events does, without a network.
func Decode(body []byte) (*Page, error) {
	x := &exchange{status: http.StatusOK}
	var answer idsAnswer
	var err error
	if x.faults, err = decodeAnswer(body, &answer); err != nil {
		return nil, x.failure(err)
	}
	page, err := x.page(answer.Events)
	if err != nil {
		return nil, x.failure(err)
	}
	return page, nil
}

// DecodeFaults counts the errors in an answer whose data nobody wants.
func DecodeFaults(body []byte) (int, error) {
	faults, err := decodeAnswer(body, nil)
	return len(faults), err
}

// RetryAfter parses the header.
func RetryAfter(h http.Header) time.Duration { return retryAfter(h) }

// Backoff is the token endpoint's, at most slowest.
func Backoff(kind Kind, failures int, slowest time.Duration) time.Duration {
	return backoff(kind, failures, slowest, rand.Float64())
}
