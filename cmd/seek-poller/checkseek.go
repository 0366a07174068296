package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"

	"seekpoller/graphql"
	"seekpoller/internal/config"
)

// connection is one run of check --connect. SEEK is asked for a token once, by whoever needs the answer first.
type connection struct {
	file   string // of the config
	cfg    *config.Config
	world  outside
	lookup func(ctx context.Context, host string) ([]string, error)
	access func(path string, mode uint32) error
	uid    int

	client *http.Client
	broken error // why there is no client
	asked  bool
	token  string
	failed error // why there is no token
	clock  seekClock
}

func newConnection(file string, cfg *config.Config, world outside) *connection {
	c := &connection{file: file, cfg: cfg, world: world, lookup: net.DefaultResolver.LookupHost, access: access, uid: effectiveUser()}
	c.client, c.broken = seekHTTP(cfg.Seek, world)
	return c
}

// seekClock is a RoundTripper that compares this machine's clock with the Date of the first answer.
type seekClock struct {
	of    http.RoundTripper
	now   func() time.Time
	ahead time.Duration // ours before theirs; negative: behind
	error time.Duration // how far that may be off
	known bool
}

// RoundTrip takes the answer's time for the middle of the exchange. A Date has no fractions of a second.
func (c *seekClock) RoundTrip(r *http.Request) (*http.Response, error) {
	begun := c.now()
	answer, err := c.of.RoundTrip(r)
	if err != nil || c.known {
		return answer, err
	}
	if date, bad := http.ParseTime(answer.Header.Get("Date")); bad == nil {
		half := c.now().Sub(begun) / 2
		c.ahead, c.error, c.known = begun.Add(half).Sub(date.Add(time.Second/2)), half+time.Second/2, true
	}
	return answer, err
}

// Tolerances of the clock. Receivers of Standard Webhooks refuse signatures that are five minutes old.
const (
	oddClock   = 5 * time.Second
	wrongClock = 5 * time.Minute
)

func (c *connection) tryClock(ctx context.Context) finding {
	c.askToken(ctx)
	if !c.clock.known {
		return finding{State: untried, Says: "SEEK gave no answer to compare it with"}
	}
	off := max(c.clock.ahead.Abs()-c.clock.error, 0).Round(time.Second)
	way := "ahead of"
	if c.clock.ahead < 0 {
		way = "behind"
	}
	said := fmt.Sprintf("%s %s SEEK's", off, way)
	const todo = "let the network set it: timedatectl set-ntp true, or chrony"
	switch {
	case off > wrongClock:
		return finding{State: wrong, Says: said, Todo: todo + "; signatures and certificates are refused by a clock so wrong"}
	case off > oddClock:
		return finding{State: doubtful, Says: said, Todo: todo}
	}
	return ok("agrees with SEEK's")
}

// askToken asks once for a token, and looks at the clock on the way.
func (c *connection) askToken(ctx context.Context) {
	if c.asked {
		return
	}
	c.asked, c.failed = true, c.broken
	if c.broken != nil {
		return
	}
	c.clock.of, c.clock.now = c.client.Transport, func() time.Time { return c.world.now().Wall }
	watched := *c.client
	watched.Transport = &c.clock
	c.token, c.failed = graphql.NewTokens(&watched, userAgent(), credentials(c.cfg.Seek)).Token(ctx)
}

func (c *connection) tryToken(ctx context.Context) finding {
	if c.askToken(ctx); c.failed != nil {
		return failure(c.failed, seekRemedy(c.failed, "token_url", tokenRefused))
	}
	return ok("granted by %s", hostOf(c.cfg.Seek.TokenURL))
}

func (c *connection) tryVersion(ctx context.Context) finding {
	if c.askToken(ctx); c.token == "" {
		return finding{State: untried, Says: "not asked without a token"}
	}
	client := graphql.New(graphql.Config{Endpoint: c.cfg.Seek.Endpoint, HTTP: c.client, UserAgent: userAgent(), SessionID: uuid.NewString()})
	version, err := client.Version(ctx, c.token, uuid.NewString())
	if err != nil {
		return failure(err, seekRemedy(err, "endpoint", versionRefused))
	}
	return ok("%s is version %s", hostOf(c.cfg.Seek.Endpoint), version)
}
