package main

import (
	"errors"
	"io"
	"net/http"
	"syscall"
	"time"

	"seekpoller/internal/simulator"
)

// addEvents makes events of all types, some whose profiles SEEK does not give, and repeats every tenth.
func (h *handlerSite) addEvents(n int) {
	h.types, h.outcome = map[string]string{}, map[string]string{}
	var specs []simulator.Spec
	for i := range n {
		spec := simulator.Spec{Type: simulator.Types()[i/10%7]} // runs of a type: they go in one request
		switch i {
		case 2:
			spec.Refused = []string{"candidate"}
		case 4:
			spec.Null = []string{"candidateApplicationProfile"}
		case 5:
			spec.Redacted = true
		case 12:
			spec.Refused = []string{"candidateProfile"}
		case 25:
			spec.Type = "CandidateMoodChanged" // nobody has heard of it yet
		}
		specs = append(specs, spec)
	}
	ids := h.seek.AddEvents(specs...)
	for i, id := range ids {
		h.types[id] = specs[i].Type
		if i%10 == 0 {
			h.seek.AddEvents(simulator.Spec{ID: id})
		}
	}
	h.outcome[ids[2]], h.outcome[ids[12]], h.outcome[ids[4]] = "refused: FORBIDDEN", "refused: FORBIDDEN", "gone"
}

// troubles are for the handler: SEEK lets a token end early, is down for a moment, and fails at a profile.
func (h *handlerSite) troubles(r simulator.Request) simulator.Fault {
	if r.Kind != "candidateProfile" {
		return simulator.Fault{}
	}
	if h.sample.exec {
		notify(h.arrived)
	}
	name := ""
	switch {
	case r.N%15 == 5: // again and again, so that not every one of them is followed by a kill
		name = "expired-token"
	case r.N == 9:
		name = "503"
	case r.N == 21:
		name = "graphql-error"
	default:
		return simulator.Fault{}
	}
	f, err := simulator.ParseFault(name)
	if err != nil {
		panic(err)
	}
	return f
}

// between hands the daemon's requests on. A handler that is down is waited for: each kill fails only what it cuts off.
func (h *handlerSite) between(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	n, signature := h.requests.Add(1), r.Header.Get("Seek-Signature")
	notify(h.arrived)
	if n%8 == 3 {
		go h.post(body, signature) // it comes twice, at the same time
	}
	for range 100 {
		status, said, err := h.post(body, signature)
		switch {
		case errors.Is(err, syscall.ECONNREFUSED):
			time.Sleep(20 * time.Millisecond)
			continue
		case err != nil:
			panic(http.ErrAbortHandler)
		case status < 300 && n%15 == 10 && n < 60:
			h.lost.Add(1)
			panic(http.ErrAbortHandler) // stored, and the daemon does not hear of it
		}
		w.WriteHeader(status)
		io.WriteString(w, said)
		return
	}
	panic(http.ErrAbortHandler)
}
