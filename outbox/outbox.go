// Package outbox tells: it claims the deliveries that the store says are owed, hands them to the destinations, and settles what
// came of it. It decides when a delivery is tried again, when it is given up, and when a destination is left in peace.
//
// It does not decide which destination is owed an event (the page transaction does), keeps nothing that must survive the process
// (the store does), and knows nothing of SEEK's events query. A new kind of destination is one file here with one Sender in it.
//
// What is promised: each event reaches each destination at least once, under an id that never changes. A second time happens only
// if a crash or a time-out lay between the receiver's answer and our commit. Oldest first, but a retry may be overtaken.
package outbox

import (
	"context"
	"time"

	"go.uber.org/zap"

	"seekpoller/store"
)

// Verdict is what a receiver's answer means for the delivery, sorted by who has to act next.
type Verdict string

const (
	// Accepted: the receiver has it; nobody acts.
	Accepted Verdict = "accepted"
	// Retry: nobody acts; time is likely to cure it (network, time-out, 5xx, 429, a full disk).
	Retry Verdict = "retry"
	// Refused: the receiver says that the data is wrong (400, 422); a person acts. Three times alone and the delivery is dead.
	Refused Verdict = "refused"
	// Invalid: the receiver says so for certain (an exit status made for it); a person acts. Alone the delivery is dead at once.
	Invalid Verdict = "invalid"
	// Denied: the receiver does not know us or the path (401, 403, 404); the operator acts, we go on trying.
	Denied Verdict = "denied"
	// Gone: the receiver is no more (410); the destination is parked until a person resumes it.
	Gone Verdict = "gone"
)

// Reply is what came of one send.
type Reply struct {
	Verdict    Verdict
	Status     int           // HTTP or exit status; 0: none was received, or a program's success
	Detail     string        // at most 500 characters of the reason, control characters escaped; may quote the receiver, so it is never logged
	RetryAfter time.Duration // how long the receiver wants to be left alone; 0: it did not say
	RequestID  string        // the id that the receiver saw, "" if the form has none
}

// Sender hands a batch to one destination. All of a batch are of one event type and scheme, and there are at most as many as the
// destination's Batch. The reply is for the batch as a whole. Send returns when ctx ends, and may be called again for the same event.
type Sender interface {
	Send(ctx context.Context, batch []store.Delivery) Reply
}

// Destination is one place where events are handed on.
type Destination struct {
	Name        string // as the store knows it
	Kind        string // webhook, exec, directory, …; for the log
	Sender      Sender
	Batch       int           // events in one send at most; 0: 1
	Concurrency int           // sends at one time at most; 0: 1
	Timeout     time.Duration // of one send; 0: 30 s
}

// Config is what a relay needs. The destinations must be known to the store (SyncDestinations) before Run.
type Config struct {
	Store        *store.Store
	Destinations []Destination
	Now          func() time.Time // nil: time.Now
	Log          *zap.Logger      // nil: silent. Never given payloads, details or secrets.
	Grace        time.Duration    // how long a send in hand may go on after Run's context ended; 0: 10 s

	// Alive is called at each turn of a destination's loop with how soon, at the latest, it is called again. It is not called while a send
	// does not come back that should have ended. nil: nobody watches.
	Alive func(destination string, within time.Duration)

	// Tried is called after each send. It must not block. nil: nobody counts.
	Tried func(Try)

	Jitter func() float64 // in [0,1), spreads retries; nil: random
}

// Try is one send, told for figures.
type Try struct {
	Destination string
	Verdict     string // as Verdict
	Deliveries  int    // in it, each of which has had one attempt
	Took        time.Duration
}
