package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.uber.org/zap"
)

// longestScrape is how long the store may take. Prometheus gives up after 10 s by itself.
const longestScrape = 5 * time.Second

// metricRoutes are for Prometheus.
func (s *Server) metricRoutes(m *http.ServeMux) {
	m.HandleFunc("GET /metrics", s.metrics)
}

// metrics answers a scrape. One that cannot read the store says so by its counter, and lacks what would have been read.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	c := s.config.Load()
	now := prometheus.NewPedanticRegistry()
	ctx, cancel := context.WithTimeout(r.Context(), longestScrape)
	defer cancel()
	if report, err := c.Metrics.read(ctx, *c); err == nil {
		now.MustRegister(standing(report))
	} else if r.Context().Err() == nil {
		c.Metrics.scrapeErrors.Inc()
		c.Log.Error("a scrape of the metrics could not read the database", zap.Error(err))
	}
	promhttp.HandlerFor(prometheus.Gatherers{c.Metrics.registry, now}, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(w, r)
}

// read gathers the report, for one scrape at a time. A disk that does not answer holds up one goroutine, and no scrape beyond its time.
func (m *Metrics) read(ctx context.Context, c Config) (Report, error) {
	select {
	case m.turn <- struct{}{}:
	case <-ctx.Done():
		return Report{}, errors.New("the reading before has not ended")
	}
	type result struct {
		report Report
		err    error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() {
			if cause := recover(); cause != nil { // in a goroutine of its own it would end the daemon
				r.err = fmt.Errorf("a mistake of ours, please report it: %v", cause)
			}
			<-m.turn
			done <- r
		}()
		r.report, r.err = Gather(ctx, c)
	}()
	select {
	case r := <-done:
		return r.report, r.err
	case <-ctx.Done():
		return Report{}, ctx.Err()
	}
}
