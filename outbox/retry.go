package outbox

import "time"

// The numbers of the retry policy.
const (
	firstRetry = 5 * time.Second // then 15 s, 45 s, … three times as long each time
	longestGap = 6 * time.Hour
	oldAge     = 75 * time.Hour // no delivery is given up for age before this
	// triesBeforeOld: a delivery that waited out its receiver's outage is old without having been tried much, and gets its tries.
	triesBeforeOld = 10
	// tooManyTries: the schedule makes about 20 attempts within oldAge. One that reaches this many sooner was claimed again and
	// again by processes that did not live to settle it.
	tooManyTries      = 50
	refusalsToDie     = 3
	strangersToDoubt  = 5                // events of which nothing is known, refused in a row: it is the receiver that is doubted
	strangersToPark   = 10               // so many are enough to park one that has accepted others before, …
	longestDoubt      = 10 * time.Minute // … if it goes on for so long
	failuresToProbe   = 3                // this many sends in a row failed: the destination is down and is probed, one send at a time
	longestRetryAfter = 24 * time.Hour   // what a receiver may ask for
)

// backoff is the wait after the nth attempt, n >= 1: 5 s × 3^(n-1) with 10 % of jitter either way, never over 6 h. random is in [0,1).
func backoff(n int, random float64) time.Duration {
	wait := firstRetry
	for i := 1; i < n && wait < longestGap; i++ {
		wait *= 3
	}
	jitter := 0.9 + 0.2*random
	return min(time.Duration(float64(min(wait, longestGap))*jitter), longestGap)
}
