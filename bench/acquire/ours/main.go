// Command ours acquires with the product's own client, poller and store; there is no interval between queries.
// Everything is on: the slot is durable before its query, the ledger and the counters are kept.
package main

import (
	"context"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap"

	"seekpoller/bench/fill"
	"seekpoller/bench/task"
	"seekpoller/graphql"
	"seekpoller/poller"
	"seekpoller/store"
)

func main() { task.Main(prepare, run) }

func prepare(ctx context.Context, t task.Task) error {
	s, err := fill.Open(ctx, t.Database, "bench")
	if err != nil {
		return err
	}
	return s.Close()
}

func run(ctx context.Context, t task.Task) (time.Duration, error) {
	s, err := store.Open(ctx, t.Database, store.Options{Started: store.ReadClock()})
	if err != nil {
		return 0, err
	}
	defer s.Close()
	all := task.NewCountdown(t.Events)
	p, err := newPoller(s, t.URL, all)
	if err != nil {
		return 0, err
	}
	ctx, stop := context.WithCancel(ctx)
	go func() { <-all.Done; stop() }()
	began := time.Now()
	err = p.Run(ctx)
	return time.Since(began), err
}

func newPoller(s *store.Store, url string, all *task.Countdown) (*poller.Poller, error) {
	hc, err := graphql.NewHTTPClient(graphql.TransportConfig{})
	if err != nil {
		return nil, err
	}
	schedule, err := cron.ParseStandard("*/15 * * * *")
	if err != nil {
		return nil, err
	}
	const agent = "seek-poller/bench"
	return poller.New(poller.Config{
		Store:  s,
		Client: graphql.New(graphql.Config{Endpoint: url + "graphql", HTTP: hc, UserAgent: agent, SessionID: "bench"}),
		Tokens: graphql.NewTokens(hc, agent, graphql.Credentials{TokenURL: url + "token", Audience: "bench", ClientID: "bench", ClientSecret: "bench"}),
		Streams: []poller.Stream{{
			Name: fill.Stream, Scheme: "seekAnz", Schedule: schedule, Fingerprint: fill.Fingerprint,
		}},
		Destinations: []poller.Destination{{Name: "bench"}},
		Quiet:        15 * time.Minute,
		Timeout:      30 * time.Second,
		PageSize:     graphql.MaxFirst,
		Now:          store.ReadClock,
		Asked:        func(x poller.Exchange) { all.Happened(x.Fresh) },
		Log:          zap.NewNop(),
	}), nil
}
