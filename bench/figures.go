package main

import (
	"runtime"
	"slices"
)

// spread is a median with the least and the most.
type spread struct {
	Median float64 `json:"median"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
}

func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := sorted[len(sorted)/2]
	if len(sorted)%2 == 0 {
		middle = (middle + sorted[len(sorted)/2-1]) / 2
	}
	return spread{Median: middle, Least: sorted[0], Most: sorted[len(sorted)-1]}
}

// line is one contestant in the table. The ratios are to the base, pair by pair within a round.
type line struct {
	Name      string `json:"name"`
	Note      string `json:"note,omitempty"`
	Missing   string `json:"missing,omitempty"`
	Events    int    `json:"events"`
	Rate      spread `json:"events_per_second"`
	RateRatio spread `json:"rate_ratio"`
	CPU       spread `json:"cpu_us_per_event"`
	CPURatio  spread `json:"cpu_ratio"`
	Peak      spread `json:"peak_mib"`
}

// goal is a ratio that is striven for; how far it was reached is told, and nothing is asserted.
type goal struct {
	Name string `json:"name"`
	Want string `json:"want"`
	Got  spread `json:"got"`

	of, to string // contestants; to "": the best of among
	among  []string
	value  func(run) float64
	least  bool // the best has the least value, not the most
}

// figures are a finished race.
type figures struct {
	Verb   string `json:"verb"`
	Base   string `json:"base"`
	Rounds int    `json:"rounds"`
	Dir    string `json:"dir"`
	CPUs   int    `json:"cpus"`
	Lines  []line `json:"contestants"`
	Goals  []goal `json:"goals"`
}

func rateOf(r run) float64 { return r.rate }
func cpuOf(r run) float64  { return r.cpu }
func peakOf(r run) float64 { return r.peak }

func (r *race) named(name string) *contestant {
	for _, c := range r.contestants {
		if c.Name == name {
			return c
		}
	}
	return &contestant{}
}

// ratio is a's figure over b's, round by round.
func ratio(a, b *contestant, value func(run) float64) spread {
	var all []float64
	for i := range min(len(a.runs), len(b.runs)) {
		all = append(all, value(a.runs[i])/value(b.runs[i]))
	}
	return spreadOf(all)
}

func each(c *contestant, value func(run) float64) spread {
	var all []float64
	for _, done := range c.runs {
		all = append(all, value(done))
	}
	return spreadOf(all)
}

func (r *race) figures(verb string, o options) figures {
	f := figures{Verb: verb, Base: r.base, Rounds: o.rounds, Dir: o.dir, CPUs: runtime.NumCPU()}
	base := r.named(r.base)
	for _, c := range r.contestants {
		l := line{Name: c.Name, Note: c.Note, Events: o.events / max(c.share, 1), Rate: each(c, rateOf), RateRatio: ratio(c, base, rateOf),
			CPU: each(c, cpuOf), CPURatio: ratio(c, base, cpuOf), Peak: each(c, peakOf)}
		if c.gone != nil {
			l.Missing = c.gone.Error()
		}
		f.Lines = append(f.Lines, l)
	}
	for _, g := range r.goals {
		if g.to == "" {
			g.to = r.best(g)
			g.Name += " (" + g.to + ")"
		}
		g.Got = ratio(r.named(g.of), r.named(g.to), g.value)
		f.Goals = append(f.Goals, g)
	}
	return f
}

// best is the contestant that g compares with.
func (r *race) best(g goal) string {
	best, record := "none ran", 0.0
	for _, name := range g.among {
		m := each(r.named(name), g.value).Median
		if m > 0 && (record == 0 || (m > record) != g.least) {
			best, record = name, m
		}
	}
	return best
}
