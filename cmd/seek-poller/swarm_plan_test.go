package main

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"seekpoller/internal/config"
	"seekpoller/internal/simulator"
)

// plan is what a seed has decided.
type plan struct {
	upstream []simulator.Fault // kinds of faults that SEEK has, with how often each
	weights  []float64
	share    float64       // of the requests that have one
	rate     float64       // events an hour
	latency  time.Duration // of an answer, at most
	page     int           // events a page, so that the rate can be up to twice what the slots can carry
	odd      bool          // SEEK also has events that it cannot give, that changed, that come late
	pace     pace
	schedule string        // of every stream
	period   time.Duration // of that schedule
	streams  []config.Stream
	on       map[string]bool // operations
	exact    bool            // nothing that SEEK sees hangs on the order in which goroutines of one moment run
	own      *rand.Rand      // decides when things happen
}

// pace is how fast a seed's things happen, and how many there are of what makes a day long to simulate.
type pace struct {
	streams, destinations int
	step                  time.Duration // at most, between two things
	life                  time.Duration // about, of a daemon
	stretch               float64       // days for each day that is asked for
}

// In a busy seed something is always the matter. A quiet one passes months where a busy one passes a day: that is what daemons do for years.
var (
	busy  = pace{streams: 8, destinations: 5, step: 25 * time.Minute, life: 4 * time.Hour, stretch: 1}
	quiet = pace{streams: 2, destinations: 2, step: 20 * time.Hour, life: 3 * day, stretch: 120}
)

// weird is the type of event that SEEK's documents do not have.
const weird = "CandidateMoodChanged"

func newPlan(t *testing.T, seed int64) plan {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x5741))
	p := plan{own: rng, on: map[string]bool{}, odd: rng.IntN(2) == 0, pace: busy}
	if rng.IntN(2) == 0 {
		p.pace = quiet
	}
	p.drawFaults(rng)
	p.page = []int{1, 1, 2, 3, 5, 10, 20, 100}[rng.IntN(8)]
	p.rate = min(2*rng.Float64()*58*float64(p.page), 25)
	if p.page == 1 && rng.IntN(2) == 0 {
		p.rate = 58 * (1 + rng.Float64()) // more than there are slots
	}
	p.schedule, p.period = "*/15 * * * *", 15*time.Minute
	if p.pace == quiet {
		p.rate = 2 * rng.Float64()
		p.drawSchedule(rng)
	}
	p.latency = []time.Duration{0, 300 * time.Millisecond, 1500 * time.Millisecond, 20 * time.Second}[rng.IntN(4)]
	p.drawStreams(t, rng)
	for _, o := range operations {
		p.on[o.name] = rng.IntN(2) == 0
	}
	if p.exact = seed%2 == 0; p.exact {
		p.on["full disk"] = false // which transaction finds no room follows from how many attempts at delivering were recorded
	}
	return p
}

// drawFaults: each kind is there or not, each as often as it likes. One seed in four has none at all.
func (p *plan) drawFaults(rng *rand.Rand) {
	if rng.IntN(4) == 0 {
		return
	}
	p.share = []float64{0.02, 0.1, 0.3}[rng.IntN(3)]
	for _, name := range append(simulator.FaultNames(), "301", "405", "418", "451", "after 300", "after a date", "after for ever", "after nonsense", "after below 0") {
		weight := rng.ExpFloat64()
		if rng.IntN(2) == 0 {
			continue
		}
		if name == "oversized" {
			weight /= 50 // it costs a tenth of a second
		}
		p.upstream, p.weights = append(p.upstream, faultCalled(name)), append(p.weights, weight)
	}
}

// faultCalled knows a few more than the simulator names: what a Retry-After may say.
func faultCalled(name string) simulator.Fault {
	after := map[string]string{"after 300": "300", "after a date": "Sat, 01 Jan 2000 09:00:00 GMT", "after for ever": "10000000000", "after nonsense": "soon", "after below 0": "-5"}
	if text, ok := after[name]; ok {
		return simulator.StatusFault(503, text)
	}
	f, err := simulator.ParseFault(name)
	if err != nil {
		panic(err) // the names are the simulator's own
	}
	return f
}

// drawSchedule: most streams are asked every quarter of an hour, some more rarely.
func (p *plan) drawSchedule(rng *rand.Rand) {
	switch rng.IntN(4) {
	case 0:
		p.schedule, p.period = "7 * * * *", time.Hour
	case 1:
		p.schedule, p.period = "40 3,9,15,21 * * *", 6*time.Hour
	}
}

// drawStreams splits the types among 1 to 8 streams, no two of which take the same.
func (p *plan) drawStreams(t *testing.T, rng *rand.Rand) {
	n := 1 + rng.IntN(p.pace.streams)
	types := append(simulator.Types(), weird)
	rng.Shuffle(len(types), func(i, j int) { types[i], types[j] = types[j], types[i] })
	for i := range n {
		var own []string
		for j := i; j < len(types) && n > 1; j += n {
			own = append(own, types[j])
		}
		s := stream(t, fmt.Sprintf("stream%d", i+1), own...)
		s.Schedule = scheduled(t, p.schedule)
		s.Details = rng.IntN(4) == 0
		if rng.IntN(5) == 0 {
			s.Start = config.Start{Kind: config.StartNow}
		}
		if rng.IntN(4) == 0 {
			s.Reconcile = &config.Reconcile{Schedule: scheduled(t, "0 */6 * * *"), Window: config.Duration(12 * time.Hour)}
		}
		p.streams = append(p.streams, s)
	}
}

func scheduled(t *testing.T, text string) (s config.Schedule) {
	if err := s.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return s
}

// destinations draws 0 to 5 of mixed kinds and filters. spool is where directories go.
func (p *plan) destinations(rng *rand.Rand, spool string) []config.Destination {
	var all []config.Destination
	for i := range rng.IntN(p.pace.destinations + 1) {
		all = append(all, p.destination(rng, fmt.Sprintf("dest%d", i+1), spool))
	}
	return all
}

func (p *plan) destination(rng *rand.Rand, name, spool string) config.Destination {
	d := config.Destination{Name: name}
	switch k := rng.IntN(20); {
	case k < 10:
		d.Webhook = &config.Webhook{URL: "http://" + name + ".test/seek", Format: "seek", Secret: config.NewSecret(secret), Timeout: config.Duration(30 * time.Second), Concurrency: 1 + rng.IntN(4)}
	case k < 15:
		d.Webhook = &config.Webhook{URL: "http://" + name + ".test/standard", Format: "standard", Secret: config.NewSecret(standardSecrets[0]), Timeout: config.Duration(30 * time.Second), Concurrency: 1 + rng.IntN(4)}
	case k < 19:
		d.Directory = &config.Directory{Path: spool + "/" + name, Mode: 0o640}
	default:
		d.Exec = &config.Exec{Command: []string{"/bin/sh", "-c", `cat >> "$OUT"`}, Batch: 50, Concurrency: 1, Timeout: config.Duration(time.Minute), Env: map[string]string{"OUT": spool + "/" + name + ".out"}}
	}
	if rng.IntN(3) == 0 {
		types := append(simulator.Types(), weird)
		d.EventTypes = slices.Clone(types[:1+rng.IntN(len(types))])
	}
	if rng.IntN(5) == 0 {
		d.Streams = []string{p.streams[rng.IntN(len(p.streams))].Name}
	}
	if rng.IntN(6) == 0 {
		d.Duplicates = "deliver"
	}
	return d
}

// standardSecrets are the one that receivers know for ever, and one that only the daemon has.
var standardSecrets = []string{
	"whsec_" + base64.StdEncoding.EncodeToString([]byte(secret+"-that-stays")),
	"whsec_" + base64.StdEncoding.EncodeToString([]byte(secret+"-of-next-year")),
}

// drawn is a source of randomness that follows from the seed and from what is asked, not from the order of asking.
func drawn(seed int64, format string, args ...any) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(seed), hashed64(fmt.Sprintf(format, args...))))
}
