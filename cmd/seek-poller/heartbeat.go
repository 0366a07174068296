package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"go.uber.org/zap"

	"seekpoller/internal/config"
)

const betweenHeartbeats = time.Minute

// heartbeat calls a dead man's switch after a stream made progress: an answer of SEEK was applied, and is safe on the disk.
// The path of its address often is a secret and is never printed. What lies between us and SEEK lies between us and it: seek.proxy serves it too.
type heartbeat struct {
	url    string // "": off
	client *http.Client
	moved  chan struct{} // capacity 1
	log    *zap.Logger
}

func newHeartbeat(cfg *config.Config, world outside, log *zap.Logger) (*heartbeat, error) {
	transport := &http.Transport{DialContext: world.dial, DisableKeepAlives: true}
	if cfg.Seek.Proxy != "" && !cfg.Heartbeat.Loopback() {
		proxy, err := url.Parse(cfg.Seek.Proxy)
		if err != nil {
			return nil, errors.New("seek.proxy is not a URL")
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &heartbeat{url: cfg.Heartbeat.URL, client: client, moved: make(chan struct{}, 1), log: log}, nil
}

// progress says that a stream made some. It never blocks.
func (h *heartbeat) progress() {
	select {
	case h.moved <- struct{}{}:
	default:
	}
}

// run calls until ctx ends. A call that fails is not repeated: the next progress makes the next call.
func (h *heartbeat) run(ctx context.Context) error {
	if h.url == "" {
		return nil
	}
	failing := false
	for {
		select {
		case <-h.moved:
		case <-ctx.Done():
			return nil
		}
		err := h.call(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !failing:
			h.log.Warn("the heartbeat address does not take calls: "+err.Error(), zap.String("key", "heartbeat.url"))
		case err == nil && failing:
			h.log.Info("the heartbeat address takes calls again")
		}
		failing = err != nil
		rest(ctx, betweenHeartbeats)
	}
}

func (h *heartbeat) call(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url, nil)
	if err != nil {
		return errors.New("it is not a URL")
	}
	req.Header.Set("User-Agent", userAgent())
	res, err := h.client.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("HTTP %d", res.StatusCode)
	}
	return nil
}

// withoutURL is what went wrong, without the address.
func withoutURL(err error) error {
	if e := (*url.Error)(nil); errors.As(err, &e) {
		return e.Err
	}
	return err
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
