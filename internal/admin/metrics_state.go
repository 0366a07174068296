package admin

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// standing are the figures that a report is told in, as Prometheus wants them: what is not known is absent, and times are Unix times.
type standing Report

var (
	streamStates      = []string{isCaughtUp, isBehind, notPolling}
	streamErrors      = append([]string{"stuck", "alarm"}, errorKinds...)
	destinationStates = []string{"active", isDownState, "paused", "parked", "removed"}
	stretchKinds      = []string{"backfill", "reconcile"}
)

var (
	streamState    = describe("stream_state", "1 for the state that seek-poller status gives the stream, 0 for the others.", "stream", "state")
	streamError    = describe("stream_error", "1 for the kind of error that the stream has had since its last success, 0 for the others.", "stream", "kind")
	streamFailures = describe("stream_failures", "Queries of the stream that failed in a row.", "stream")
	streamEvent    = describe("stream_last_event_timestamp_seconds", "The cursor's place: SEEK's time of the newest event that is here.", "stream")
	streamComplete = describe("stream_complete_timestamp_seconds", "Up to when everything that SEEK had is here. A quiet stream's moves on with each query.", "stream")
	streamSuccess  = describe("stream_last_success_timestamp_seconds", "When SEEK last answered a query of the stream with a page.", "stream")
	streamNext     = describe("stream_next_query_timestamp_seconds", "When the stream is to be asked next.", "stream")
	streamBacklog  = describe("stream_backlog_seconds", "About how long it takes to catch up at the pace that SEEK permits; absent while it is not known.", "stream")
	seekMemory     = describe("horizon_seconds", "How long SEEK keeps events. A stream that was not complete for so long has lost some.")

	deliveries       = describe("deliveries", "Deliveries that are owed, and those that are dead and wait for a person.", "destination", "state")
	deliveredTotal   = describe("deliveries_delivered_total", "Deliveries that were accepted since the database was made.", "destination")
	oldestOwed       = describe("destination_oldest_owed_timestamp_seconds", "When the oldest event that is owed came in; absent if none is.", "destination")
	destinationState = describe("destination_state", "1 for the state that seek-poller status gives the destination, 0 for the others.", "destination", "state")
	sendFailures     = describe("destination_failures", "Sends to the destination that failed in a row.", "destination")
	sendSuccess      = describe("destination_last_success_timestamp_seconds", "When the destination last accepted something; absent before the first time.", "destination")

	stretches     = describe("stretches", "Backfills and reconciliations that have not ended.", "kind")
	missingEvents = describe("events_missing", "Places on the streams where SEEK had an event that it could not give.")
	problems      = describe("problems", "How many things a person should look at, as seek-poller status lists them.")
	databaseBytes = describe("database_bytes", "The size of the database file.")
	walBytes      = describe("database_wal_bytes", "The size of its write-ahead log.")
	diskFree      = describe("disk_free_bytes", "What is left on the disk of the database.")
	diskSize      = describe("disk_size_bytes", "The size of that disk.")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prefix+name, help, labels, nil)
}

// Describe says nothing: what there is depends on the report.
func (standing) Describe(chan<- *prometheus.Desc) {}

// Collect tells everything.
func (r standing) Collect(out chan<- prometheus.Metric) {
	to := telling(out)
	for _, s := range r.Streams {
		to.stream(s)
	}
	for _, d := range r.Destinations {
		to.destination(d)
	}
	for _, kind := range stretchKinds {
		n := 0
		for _, s := range r.Stretches {
			if s.Kind == kind {
				n++
			}
		}
		to.gauge(stretches, float64(n), kind)
	}
	to.gauge(seekMemory, horizon.Seconds())
	to.gauge(missingEvents, float64(r.Missing))
	to.gauge(problems, float64(len(r.Problems)))
	to.gauge(databaseBytes, float64(r.Database.Bytes))
	to.gauge(walBytes, float64(r.Database.WAL))
	to.gauge(diskFree, float64(r.Database.Left))
	to.gauge(diskSize, float64(r.Database.Disk))
}

// telling takes the figures one by one.
type telling chan<- prometheus.Metric

func (to telling) stream(s Stream) {
	to.oneOf(streamState, s.Is, streamStates, s.Name)
	to.oneOf(streamError, string(s.ErrorKind), streamErrors, s.Name)
	to.gauge(streamFailures, float64(s.Failures), s.Name)
	to.time(streamEvent, s.LastEventAt.Time, s.Name)
	to.time(streamComplete, s.CompleteAt.Time, s.Name)
	to.time(streamSuccess, s.LastAnswer.Time, s.Name)
	to.time(streamNext, s.NextQueryAt.Time, s.Name)
	if s.Is == isCaughtUp || s.Minutes > 0 {
		to.gauge(streamBacklog, 60*float64(s.Minutes), s.Name)
	}
}

func (to telling) destination(d Destination) {
	to.oneOf(destinationState, d.State, destinationStates, d.Name)
	to.gauge(deliveries, float64(d.Owed), d.Name, "owed")
	to.gauge(deliveries, float64(d.Dead), d.Name, "dead")
	to <- prometheus.MustNewConstMetric(deliveredTotal, prometheus.CounterValue, float64(d.Delivered), d.Name)
	to.gauge(sendFailures, float64(d.Failures), d.Name)
	to.time(oldestOwed, d.OldestOwed.Time, d.Name)
	to.time(sendSuccess, d.LastSuccess.Time, d.Name)
}

func (to telling) gauge(what *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, value, labels...)
}

// time tells a moment, if there is one.
func (to telling) time(what *prometheus.Desc, t time.Time, labels ...string) {
	if !t.IsZero() {
		to.gauge(what, seconds(t), labels...)
	}
}

// oneOf tells which of some words holds, as a 1 among zeros, so that each is there before it first holds.
func (to telling) oneOf(what *prometheus.Desc, word string, words []string, name string) {
	for _, w := range words {
		to.gauge(what, oneIf(w == word), name, w)
	}
}
