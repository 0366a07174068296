package simulator

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

// ReceiverOptions describe a partner's webhook handler.
type ReceiverOptions struct {
	Secret []byte           // verifies Seek-Signature; empty: a signature must not be sent
	Canary string           // must not occur in a body, which carries identifiers only; empty: not looked for
	Now    func() time.Time // nil: time.Now
	Fault  func(Attempt) ReceiverFault
}

// Receiver is the partner's side: a handler written for SEEK's own webhooks
// (https://developer.seek.com/events/webhooks). It is an http.Handler and safe for concurrent use.
type Receiver struct {
	o ReceiverOptions

	mu         sync.Mutex // guards all below; never held while an answer is written
	attempts   []*Attempt
	requestIDs map[string]bool
	accepted   map[string]int
	violations []string
}

// Attempt is one request that a Receiver got.
type Attempt struct {
	N         int // from 1
	At        time.Time
	IDs       []string // of the events in the body
	Type      string
	RequestID string
	Signature string
	Body      []byte
	Status    int // answered; 0 if the connection was dropped
	Accepted  bool
}

// ReceiverFault is what a receiver does instead of accepting. The zero value accepts.
type ReceiverFault struct {
	Status     int           // answered instead of 204; a status of 2xx still accepts
	RetryAfter string        // raw header
	Message    string        // body of the answer
	Delay      time.Duration // before the answer
	Hang       bool          // no answer until the sender gives up
	Drop       bool          // accepts nothing and drops the connection
	DropAfter  bool          // accepts, then drops the connection before the answer: the sender cannot know
}

// NewReceiver makes a receiver that has accepted nothing yet.
func NewReceiver(o ReceiverOptions) *Receiver {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Receiver{o: o, requestIDs: map[string]bool{}, accepted: map[string]int{}}
}

// ServeHTTP takes one delivery.
func (rc *Receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := rc.o.Now()
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the sender has gone
	}
	a, f, problems := rc.arrive(r, at, body)
	if !pause(r.Context(), f.Delay) {
		return
	}
	switch {
	case f.Hang:
		<-r.Context().Done()
		return
	case f.Drop:
		drop(w)
	}
	status := rc.status(f, problems)
	rc.settle(a, status, f)
	if f.DropAfter {
		drop(w)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(status)
	if _, err := io.WriteString(w, f.Message); err != nil {
		return // 204 has no body, and the sender may have gone
	}
}

// arrive notes the attempt and everything that SEEK would not have sent.
func (rc *Receiver) arrive(r *http.Request, at time.Time, body []byte) (*Attempt, ReceiverFault, []string) {
	ids, typeCode, problems := readDelivery(body)
	a := &Attempt{At: at, IDs: ids, Type: typeCode, RequestID: r.Header.Get("X-Request-Id"), Signature: r.Header.Get("Seek-Signature"), Body: body}
	problems = append(problems, rc.checkHeaders(r, a)...)
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.requestIDs[a.RequestID] {
		problems = append(problems, "X-Request-Id was used before")
	}
	rc.requestIDs[a.RequestID] = true
	rc.attempts = append(rc.attempts, a)
	a.N = len(rc.attempts)
	for _, p := range problems {
		rc.violations = append(rc.violations, fmt.Sprintf("attempt %d: %s", a.N, p))
	}
	if rc.o.Fault == nil {
		return a, ReceiverFault{}, problems
	}
	return a, rc.o.Fault(*a), problems
}

func (rc *Receiver) checkHeaders(r *http.Request, a *Attempt) []string {
	var problems []string
	say := func(bad bool, problem string) {
		if bad {
			problems = append(problems, problem)
		}
	}
	say(r.Method != http.MethodPost, "method is not POST")
	say(!strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"), "Content-Type is not application/json")
	say(a.RequestID == "", "X-Request-Id is missing")
	say(!product.MatchString(r.UserAgent()) || strings.HasPrefix(r.UserAgent(), "Go-http-client/"), "User-Agent does not name the software and its version")
	say(len(rc.o.Secret) > 0 && !Verify(rc.o.Secret, a.Signature, a.Body), "Seek-Signature does not fit the body")
	say(len(rc.o.Secret) == 0 && a.Signature != "", "Seek-Signature although there is no secret")
	say(rc.o.Canary != "" && strings.Contains(string(a.Body), rc.o.Canary), "the body holds personal data")
	return problems
}

// Verify checks a Seek-Signature as SEEK documents it: the HMAC-SHA512 of the raw body, in lower-case hexadecimal.
func Verify(secret []byte, signature string, body []byte) bool {
	m := hmac.New(sha512.New, secret)
	m.Write(body)
	return hmac.Equal([]byte(signature), []byte(hex.EncodeToString(m.Sum(nil))))
}

func (rc *Receiver) status(f ReceiverFault, problems []string) int {
	switch {
	case f.Status != 0:
		return f.Status
	case len(problems) > 0:
		return http.StatusBadRequest
	}
	return http.StatusNoContent
}

func (rc *Receiver) settle(a *Attempt, status int, f ReceiverFault) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if !f.DropAfter {
		a.Status = status
	}
	if a.Accepted = status >= 200 && status < 300; !a.Accepted {
		return
	}
	for _, id := range a.IDs {
		rc.accepted[id]++
	}
}

// Accepted says how often each event id was accepted.
func (rc *Receiver) Accepted() map[string]int {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return maps.Clone(rc.accepted)
}

// Violations are what was received and SEEK would not have sent, in order of arrival.
func (rc *Receiver) Violations() []string {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]string(nil), rc.violations...)
}

// Attempts is a copy of the log, in order of arrival.
func (rc *Receiver) Attempts() []Attempt {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	as := make([]Attempt, len(rc.attempts))
	for i, a := range rc.attempts {
		as[i] = *a
	}
	return as
}
