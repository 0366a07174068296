package admin

import (
	"slices"
	"time"
)

// The words of the labels. What can be counted begins at zero, so that a rate is seen from the first time on.
var (
	errorKinds    = []string{"transient", "throttled", "unauthorized", "bad_cursor", "rejected"}
	queryOutcomes = append([]string{"answered"}, errorKinds...)
	tokenOutcomes = []string{"fetched", "refused", "transient", "throttled", "unauthorized", "rejected"}
	verdicts      = []string{"accepted", "retry", "refused", "invalid", "denied", "gone"}

	// eventTypes are those that SEEK documents. https://developer.seek.com/events
	eventTypes = []string{"CandidateApplicationCreated", "CandidateProfilePurchased", "HirerRelationshipChanged", "PositionNotPosted", "PositionProfileClosed",
		"PositionProfilePosted", "PositionProfileUpdated", missingType, otherType}
)

const (
	missingType = "missing" // SEEK had an event and could not give it
	otherType   = "other"   // a type that SEEK has added, or that cannot be read
)

// typeLabel keeps the number of labels bounded, whatever SEEK sends.
func typeLabel(name string) string {
	if slices.Contains(eventTypes, name) {
		return name
	}
	return otherType
}

// expect shows zero for everything that a configuration can bring about.
func (m *Metrics) expect(c Config) {
	for _, s := range c.Streams {
		for _, outcome := range queryOutcomes {
			m.queries.WithLabelValues(s.Name, outcome)
		}
		for _, name := range eventTypes {
			m.events.WithLabelValues(s.Name, name)
		}
		m.fresh.WithLabelValues(s.Name)
		m.queryTook.WithLabelValues(s.Name)
	}
	for _, d := range c.Destinations {
		for _, verdict := range verdicts {
			m.attempts.WithLabelValues(d.Name, verdict)
		}
		m.sendTook.WithLabelValues(d.Name)
	}
}

// Exchange is one query that has ended, as the poller tells it.
type Exchange struct {
	Stream  string
	Outcome string         // as in the ledger
	Spacing time.Duration  // since the exchange before ended; 0: not known
	Waited  time.Duration  // for the slot
	Took    time.Duration  // of the exchange
	Events  map[string]int // of the page, by type
	Fresh   int            // of them, those that were not known
}

// Asked counts a query.
func (m *Metrics) Asked(x Exchange) {
	m.queries.WithLabelValues(x.Stream, x.Outcome).Inc()
	m.queryTook.WithLabelValues(x.Stream).Observe(x.Took.Seconds())
	m.slotWait.Observe(x.Waited.Seconds())
	if x.Spacing > 0 {
		m.spacing.Observe(x.Spacing.Seconds())
	}
	for name, n := range x.Events {
		m.events.WithLabelValues(x.Stream, typeLabel(name)).Add(float64(n))
	}
	m.fresh.WithLabelValues(x.Stream).Add(float64(x.Fresh))
}

// Try is one send, as the outbox tells it.
type Try struct {
	Destination string
	Verdict     string
	Deliveries  int // in it
	Took        time.Duration
}

// Tried counts a send.
func (m *Metrics) Tried(t Try) {
	m.attempts.WithLabelValues(t.Destination, t.Verdict).Add(float64(t.Deliveries))
	m.sendTook.WithLabelValues(t.Destination).Observe(t.Took.Seconds())
}

// Token counts what became of an access token.
func (m *Metrics) Token(outcome string) { m.tokens.WithLabelValues(outcome).Inc() }

// Timed measures a writing transaction, from the call to the call of what it returns.
func (m *Metrics) Timed(transaction string) (ended func()) {
	begun := time.Now()
	return func() { m.transactions.WithLabelValues(transaction).Observe(time.Since(begun).Seconds()) }
}

// Reloaded notes that a config was read, at the start or after a signal, and whether it is in force now.
func (m *Metrics) Reloaded(ok bool, at time.Time) {
	m.reloadOK.WithLabelValues().Set(oneIf(ok))
	if ok {
		m.reloadedAt.WithLabelValues().Set(seconds(at))
	}
}

// verified notes what a verify found.
func (m *Metrics) verified(r VerifyReport) {
	m.verifyOK.WithLabelValues().Set(oneIf(r.Healthy))
	m.verifiedAt.WithLabelValues().Set(seconds(r.At.Time))
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
