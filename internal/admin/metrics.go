package admin

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics counts for Prometheus what happens in the process: queries, sends, tokens, transactions. How things stand is not kept here but read
// from the store at each scrape (metrics_state.go). It begins at zero with the process; the ledger remembers. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	turn     chan struct{} // full while a scrape reads the store

	queries      *prometheus.CounterVec
	spacing      prometheus.Histogram
	slotWait     prometheus.Histogram
	queryTook    *prometheus.HistogramVec
	events       *prometheus.CounterVec
	fresh        *prometheus.CounterVec
	attempts     *prometheus.CounterVec
	sendTook     *prometheus.HistogramVec
	tokens       *prometheus.CounterVec
	transactions *prometheus.HistogramVec
	reloadOK     *prometheus.GaugeVec // without labels, and so absent until it is set, as the next three are
	reloadedAt   *prometheus.GaugeVec
	verifyOK     *prometheus.GaugeVec
	verifiedAt   *prometheus.GaugeVec
	scrapeErrors prometheus.Counter
}

// NewMetrics makes them, in a registry of their own. version is the program's.
func NewMetrics(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewPedanticRegistry(), turn: make(chan struct{}, 1),
		queries: counters("queries_total", "Queries whose exchange has ended, by what came of them: answered, or the kind of error.", "stream", "outcome"),
		spacing: histogram("query_spacing_seconds", "From the end of one exchange with SEEK to the start of the next; SEEK wants at least a minute.", spacingBuckets),
		slotWait: histogram("query_slot_wait_seconds", "How long a query waited for its slot once its stream was seen to be due.",
			[]float64{0.1, 1, 15, 30, 61, 65, 122, 183, 300, 600, 905, 1800, 3600}),
		queryTook:    histograms("query_duration_seconds", "How long an exchange with SEEK took, to the last byte of the answer.", []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60}, "stream"),
		events:       counters("events_total", "Events on saved pages by type, those too that SEEK has sent before.", "stream", "type"),
		fresh:        counters("events_new_total", "Of the events on saved pages, those that were not stored yet.", "stream"),
		attempts:     counters("attempts_total", "Attempts at deliveries by the verdict of the receiver; a send of a batch is an attempt at each delivery in it.", "destination", "verdict"),
		sendTook:     histograms("send_duration_seconds", "How long a send took, until the receiver answered or the time was up.", []float64{0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}, "destination"),
		tokens:       counters("tokens_total", "Access tokens of SEEK: fetched, refused by SEEK when used, or by its kind the error that a request for one ended with.", "outcome"),
		transactions: histograms("transaction_duration_seconds", "How long writing transactions held the database, by what they did.", []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, "transaction"),
		reloadOK:     gauges("config_last_reload_successful", "1 if the config that was last read is in force, 0 if it was refused and the one before stays."),
		reloadedAt:   gauges("config_last_reload_success_timestamp_seconds", "When a config was last taken over, the start included."),
		verifyOK:     gauges("verify_last_successful", "1 if the last seek-poller verify of this process found nothing off, 0 if it did; absent before the first."),
		verifiedAt:   gauges("verify_last_timestamp_seconds", "When that verify began."),
		scrapeErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "scrape_errors_total", Help: "Scrapes that could not read the store, and so lack all that is read from it."}),
	}
	build := gauges("build_info", "Always 1; its labels are the program's version and Go's.", "version", "goversion")
	build.WithLabelValues(version, runtime.Version()).Set(1)
	m.registry.MustRegister(build, m.queries, m.spacing, m.slotWait, m.queryTook, m.events, m.fresh, m.attempts, m.sendTook, m.tokens, m.transactions,
		m.reloadOK, m.reloadedAt, m.verifyOK, m.verifiedAt, m.scrapeErrors,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, outcome := range tokenOutcomes {
		m.tokens.WithLabelValues(outcome)
	}
	return m
}

// prefix is in front of every name of ours.
const prefix = "seek_poller_"

// spacingBuckets are narrow above the minute and the quarter of an hour, where the limits are.
var spacingBuckets = []float64{30, 60, 61, 62, 65, 75, 90, 120, 300, 600, 900, 905, 910, 930, 960, 1200, 1800, 3600}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + name, Help: help}, labels)
}

func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64) prometheus.Histogram {
	return prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets})
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + name, Help: help, Buckets: buckets}, labels)
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
