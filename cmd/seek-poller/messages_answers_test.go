package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/internal/admin"
	"seekpoller/internal/simulator"
)

// answersOfSEEK is every fault that the simulated SEEK knows, as status tells it.
func answersOfSEEK(t *testing.T) chapter {
	c := chapter{title: "SEEK's answers", about: "What `seek-poller status` says of the stream after thirteen minutes in which SEEK gave two pages, or none, and then nothing but this. The daemon goes on."}
	for _, kind := range []string{"events", "token"} {
		for _, name := range simulator.FaultNames() {
			if kind == "token" && ofEventsOnly(name) {
				continue
			}
			synctest.Test(t, func(t *testing.T) { c.messages = append(c.messages, afterFault(t, kind, name)) })
		}
	}
	return c
}

// ofEventsOnly are the faults that only a page can have.
func ofEventsOnly(fault string) bool {
	switch fault {
	case "graphql-error", "graphql-both", "forbidden", "validation", "bad-cursor", "rate-limited", "null-node", "null-data", "duplicate-keys", "expired-token", "unknown-code", "stuck-cursor", "circle":
		return true
	}
	return false
}

func afterFault(t *testing.T, kind, name string) spoken {
	fault, err := simulator.ParseFault(name)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, simulator.Options{Seed: 7, Plain: true})
	s.seek.Add(1000)
	s.faults(func(r simulator.Request) simulator.Fault {
		if r.Kind != kind || kind == "events" && r.N <= 2 {
			return simulator.Fault{}
		}
		return fault
	})
	l := s.start()
	time.Sleep(13 * time.Minute) // at twelve, the spread of the waits would decide whether three queries failed or four
	var report admin.Report
	err = admin.Within(l.daemon.admin.Inside("tester")).Get(t.Context(), "/api/v1/status", nil, &report)
	l.stop()
	if err != nil {
		t.Fatal(err)
	}
	s.checkSecrets()
	stream := report.Streams[0]
	said := "state: " + stream.State
	for _, more := range [][2]string{{"last error: ", string(stream.Error)}, {"what to do: ", string(stream.Todo)}} {
		if more[1] != "" {
			said += "\n" + more[0] + more[1]
		}
	}
	of := map[string]string{"events": "the events query", "token": "the request for a token"}[kind]
	return spoken{fmt.Sprintf("%s, to %s", name, of), "as of seek-poller simulate --fault " + name + "=1", -1, timeless(said)}
}

// timeless has no time in it: waits are spread at random.
func timeless(text string) string { return aTime.ReplaceAllString(text, "TIME") }

// answersOfReceivers is what a receiver may do with an event, as deliveries attempts and destinations list tell it.
func answersOfReceivers(t *testing.T) chapter {
	c := chapter{title: "Receivers' answers", about: "What `seek-poller deliveries attempts` says of the first try, and `seek-poller destinations list` of the destination after ten minutes. The daemon goes on, and the event waits or is a dead letter."}
	for _, status := range []int{302, 400, 401, 403, 404, 408, 410, 413, 422, 429, 500, 503} {
		c.messages = append(c.messages, fromReceiver(t, fmt.Sprintf("the receiver answers %d", status), simulator.ReceiverFault{Status: status, Message: "no such job"}))
	}
	for _, m := range []struct {
		wrong string
		fault simulator.ReceiverFault
	}{
		{"the receiver wants an hour of peace", simulator.ReceiverFault{Status: http.StatusServiceUnavailable, RetryAfter: "3600"}},
		{"the receiver wants peace until a day", simulator.ReceiverFault{Status: http.StatusTooManyRequests, RetryAfter: "Mon, 03 Jan 2000 00:00:00 GMT"}},
		{"the receiver wants peace, and says nonsense", simulator.ReceiverFault{Status: http.StatusTooManyRequests, RetryAfter: "-1"}},
		{"the receiver says no in nothing", simulator.ReceiverFault{Status: http.StatusBadRequest}},
		{"the receiver says no in a web page", simulator.ReceiverFault{Status: http.StatusInternalServerError, Message: "<!DOCTYPE html>\n<title>Error</title>\n<script>alert(1)</script>"}},
		{"the receiver says no and moves terminals", simulator.ReceiverFault{Status: http.StatusBadRequest, Message: "\x1b]0;x\a\u202e\xff"}},
		{"the receiver says no at length", simulator.ReceiverFault{Status: http.StatusBadRequest, Message: strings.Repeat("no ", 40_000)}},
		{"the receiver says nothing", simulator.ReceiverFault{Hang: true}},
		{"the receiver hangs up", simulator.ReceiverFault{Drop: true}},
		{"the receiver takes it and hangs up", simulator.ReceiverFault{DropAfter: true}},
		{"the receiver takes its time", simulator.ReceiverFault{Delay: 40 * time.Second}},
	} {
		c.messages = append(c.messages, fromReceiver(t, m.wrong, m.fault))
	}
	c.messages = append(c.messages, fromMachine(t)...)
	return c
}

func fromReceiver(t *testing.T, wrong string, fault simulator.ReceiverFault) (m spoken) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSite(t, simulator.Options{Seed: 7, Plain: true})
		s.receiver = simulator.NewReceiver(simulator.ReceiverOptions{Secret: []byte(secret), Fault: func(simulator.Attempt) simulator.ReceiverFault { return fault }})
		s.serve("faulty.test:80", s.receiver)
		s.cfg.Destinations[0].Webhook.URL = "http://faulty.test/seek"
		s.seek.Add(3)
		l := s.start()
		time.Sleep(10 * time.Minute)
		client := admin.Within(l.daemon.admin.Inside("tester"))
		var events admin.Events
		var tries admin.Attempts
		var destinations admin.Destinations
		err := errors.Join(client.Get(t.Context(), "/api/v1/events", nil, &events), client.Get(t.Context(), "/api/v1/destinations", nil, &destinations))
		if len(events.Events) > 0 {
			err = errors.Join(err, client.Get(t.Context(), "/api/v1/attempts", url.Values{"event": {events.Events[0].ID}}, &tries))
		}
		l.stop()
		if err != nil {
			t.Error(err)
		}
		s.checkSecrets()
		m = spoken{wrong, "a webhook", -1, firstTry(tries, destinations)}
	})
	return m
}

func firstTry(tries admin.Attempts, destinations admin.Destinations) string {
	said := ""
	for _, a := range tries.Attempts {
		if a.Destination == "ats" && a.Attempt == 1 {
			said = fmt.Sprintf("attempt: %s, status %s: %s", a.Outcome, number(a.Status), dash(string(a.Detail)))
		}
	}
	for _, d := range destinations.Destinations {
		if d.Name == "ats" {
			said += fmt.Sprintf("\ndestination: %s: %s", d.State, dash(string(cmp.Or(d.Reason, d.LastError))))
		}
	}
	return timeless(inertLines(said))
}
