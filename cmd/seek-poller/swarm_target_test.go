package main

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"seekpoller/internal/simulator"
)

// target is what stands behind a destination, healthy or not.
type target struct {
	s        *swarm
	name     string
	kind     string
	healthy  bool
	single   bool                // it is sent one thing at a time
	path     string              // of a directory, or of what a program wrote
	receiver *simulator.Receiver // of SEEK's format
	standard *standard
	rng      func(format string, args ...any) *rand.Rand

	mu    sync.Mutex // guards what follows
	tries map[string]int
	peace []span // for which the receiver wanted to be left alone
}

// fault says what the receiver does. It follows from the seed, the event and how often it came, and in outages from the hour.
func (g *target) fault(a simulator.Attempt) simulator.ReceiverFault {
	g.s.receiverAsked(g, a)
	g.s.at("receive")
	if len(a.IDs) == 0 || g.healthy || g.s.muted.Load() {
		return simulator.ReceiverFault{}
	}
	g.mu.Lock()
	g.tries[a.IDs[0]]++
	n := g.tries[a.IDs[0]]
	g.mu.Unlock()
	f := g.draw(a, n)
	g.leaveAlone(f)
	return f
}

// span is a stretch of SEEK's time.
type span struct{ from, to time.Time }

// leaveAlone notes what a fault asks for: seconds, a day at most.
func (g *target) leaveAlone(f simulator.ReceiverFault) {
	seconds, err := strconv.ParseInt(f.RetryAfter, 10, 64)
	if err != nil || seconds <= 0 {
		return
	}
	now := g.s.seekNow()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.peace = append(g.peace, span{now, now.Add(min(time.Duration(min(seconds, 86400))*time.Second, 24*time.Hour))})
}

// draw is what goes wrong with the nth try at an event.
func (g *target) draw(a simulator.Attempt, n int) simulator.ReceiverFault {
	if hour := int(g.s.elapsed() / (3 * time.Hour)); g.rng("outage %d", hour).IntN(4) == 0 {
		return receiverFaults[g.rng("outage kind %d", hour/2).IntN(6)]
	}
	for _, id := range a.IDs {
		if g.rng("poison %s", id).IntN(40) == 0 {
			return simulator.ReceiverFault{Status: http.StatusUnprocessableEntity, Message: "no such position"}
		}
	}
	if rng := g.rng("%s %d", a.IDs[0], n); rng.IntN(6) == 0 {
		return receiverFaults[rng.IntN(len(receiverFaults))]
	}
	return simulator.ReceiverFault{}
}

// receiverFaults begin with those that outages are made of; the last one parks the destination.
var receiverFaults = []simulator.ReceiverFault{
	{Status: 503}, {Status: 500}, {Status: 401}, {Status: 404}, {Drop: true}, {Hang: true},
	{Status: 502}, {Status: 403}, {Status: 301}, {Status: 400}, {Status: 422}, {Status: 302}, {Status: 504},
	{Status: 429, RetryAfter: "90"}, {Status: 503, RetryAfter: "3600"}, {Status: 429, RetryAfter: "10000000000"}, {Status: 503, RetryAfter: "soon"}, {Status: 503, RetryAfter: "-1"},
	{DropAfter: true}, {Delay: 5 * time.Second}, {Delay: 40 * time.Second}, {Status: 202, Message: "thank you"}, {Status: 410},
}

// log is every request that came, of either format.
func (g *target) log() []simulator.Attempt {
	switch {
	case g.receiver != nil:
		return g.receiver.Attempts()
	case g.standard != nil:
		return g.standard.log()
	}
	return nil
}

// standard is a receiver of Standard Webhooks that knows one secret for ever, and whose signatures others' code verifies.
type standard struct {
	target *target

	mu       sync.Mutex // guards attempts
	attempts []*simulator.Attempt
}

func (r *standard) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	s := r.target.s
	a := &simulator.Attempt{At: s.seekNow(), RequestID: req.Header.Get("webhook-id")}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	verifier, err := standardwebhooks.NewWebhook(standardSecrets[0])
	if err == nil {
		err = verifier.VerifyIgnoringTimestamp(body, req.Header)
	}
	s.holds("I8 stable key", err == nil, "%s: %v", r.target.name, err)
	var event struct{ ID, Type string }
	err = json.Unmarshal(body, &event)
	s.holds("I8 stable key", err == nil && event.ID != "", "%s: the body is no event: %v", r.target.name, err)
	a.IDs, a.Type, a.Body = []string{event.ID}, event.Type, body
	r.mu.Lock()
	r.attempts = append(r.attempts, a)
	f := r.target.fault(*a)
	r.mu.Unlock()
	r.answer(w, req, a, f)
}

// answer does what simulator.Receiver does with a fault.
func (r *standard) answer(w http.ResponseWriter, req *http.Request, a *simulator.Attempt, f simulator.ReceiverFault) {
	select {
	case <-time.After(f.Delay):
	case <-req.Context().Done():
		return
	}
	if f.Hang {
		<-req.Context().Done()
		return
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	status := f.Status
	if status == 0 {
		status = http.StatusNoContent
	}
	r.mu.Lock()
	a.Accepted = status >= 200 && status < 300
	if !f.DropAfter {
		a.Status = status
	}
	r.mu.Unlock()
	if f.DropAfter {
		panic(http.ErrAbortHandler)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	w.WriteHeader(status)
}

func (r *standard) log() (all []simulator.Attempt) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range r.attempts {
		all = append(all, *a)
	}
	return all
}
