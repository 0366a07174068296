package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.uber.org/zap"

	"seekpoller/graphql"
	"seekpoller/internal/admin"
	"seekpoller/internal/config"
	"seekpoller/outbox"
	"seekpoller/poller"
	"seekpoller/store"
)

// grace is how long a query or a send in hand may go on once the end was asked for. systemd waits longer before it kills.
const grace = 8 * time.Second

// outside is what a daemon has of the world: the clocks and the network. Tests put others in.
type outside struct {
	now  func() store.Instant
	dial func(ctx context.Context, network, address string) (net.Conn, error) // nil: the machine's network

	withoutCopy bool   // of an older database, before it is brought up to date
	loops       *loops // nil: nobody watches them

	jitter func() float64 // in [0,1), spreads back-off; nil: random
	first  int            // events a page; 0: as many as SEEK gives
}

func realOutside() outside { return outside{now: store.ReadClock} }

// daemon is one poller with its store and its outbox, tied together.
type daemon struct {
	cfg       *config.Config
	world     outside
	log       *zap.Logger
	store     *store.Store
	tokens    *graphql.Tokens
	poller    *poller.Poller
	relay     *outbox.Relay
	heartbeat *heartbeat
	admin     *admin.Server
	metrics   *admin.Metrics

	stirred atomic.Bool          // something happened since systemd was last told how the daemon fares
	inForce func(*config.Config) // told of the config that is in force after a reload; may be nil

	session string // X-Session-Id of everything this process asks
}

// openDaemon ties the parts together. From here the database is ours alone; close it with close.
func openDaemon(ctx context.Context, cfg *config.Config, log *zap.Logger, world outside) (*daemon, error) {
	started := world.now()
	metrics := admin.NewMetrics(buildVersion())
	s, err := store.Open(ctx, cfg.Database, store.Options{Create: true, Started: started, WithoutCopy: world.withoutCopy, Upgrading: upgrading(log), Timed: metrics.Timed})
	if err != nil {
		return nil, failed(err, "")
	}
	if s.Created() {
		log.Info("a new database was made: this is the first start here", zap.String("database", cfg.Database))
	}
	d := &daemon{world: world, log: log, store: s, metrics: metrics, session: uuid.NewString()}
	if err := d.tie(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	d.reloaded(true)
	return d, nil
}

// upgrading says what is about to take long.
func upgrading(log *zap.Logger) func(store.Upgrade) {
	return func(u store.Upgrade) {
		log.Info("the database is of an older version and is brought up to date", zap.Int("from_schema", u.From), zap.Int("to_schema", u.To), zap.Int64("bytes", u.Bytes), zap.String("copy", u.Copy))
	}
}

// tie makes poller and relay as cfg has them. Nothing of either runs while it does. A token in hand is kept.
func (d *daemon) tie(ctx context.Context, cfg *config.Config) error {
	world := d.world
	wall := func() time.Time { return world.now().Wall }
	destinations, err := senders(cfg, world, wall)
	if err != nil {
		return &exitError{code: exitConfig, what: err}
	}
	var specs []store.DestinationSpec
	for _, dest := range destinations {
		specs = append(specs, store.DestinationSpec{Name: dest.Name, Kind: dest.Kind})
	}
	if err := d.store.SyncDestinations(ctx, specs, wall()); err != nil {
		return failed(err, "")
	}
	beat, err := newHeartbeat(cfg, world, d.log)
	if err != nil {
		return &exitError{code: exitConfig, what: err}
	}
	d.relay = outbox.New(outbox.Config{Store: d.store, Destinations: destinations, Now: wall, Log: d.log, Grace: grace, Alive: d.laneAlive(), Tried: d.tried, Jitter: world.jitter})
	client, err := seekHTTP(cfg.Seek, world)
	if err != nil {
		return &exitError{code: exitConfig, what: err}
	}
	if d.tokens == nil {
		told := credentials(cfg.Seek)
		told.Told, told.Jitter = d.metrics.Token, world.jitter
		d.tokens = graphql.NewTokens(client, userAgent(), told)
	} else {
		d.tokens.Use(credentials(cfg.Seek))
	}
	d.cfg, d.heartbeat = cfg, beat
	d.poller = poller.New(poller.Config{
		Store:        d.store,
		Client:       graphql.New(graphql.Config{Endpoint: cfg.Seek.Endpoint, HTTP: client, UserAgent: userAgent(), SessionID: d.session}),
		Tokens:       d.tokens,
		Streams:      pollerStreams(cfg),
		Destinations: takers(cfg),
		Interval:     time.Duration(cfg.Seek.QueryInterval),
		Quiet:        time.Duration(cfg.Seek.QuietPeriod),
		Timeout:      time.Duration(cfg.Seek.Timeout),
		PageSize:     cmp.Or(world.first, graphql.MaxFirst),
		Grace:        grace,
		Now:          world.now,
		Saved:        d.saved(d.relay, d.heartbeat),
		Alive:        d.pollerAlive(),
		Asked:        d.asked,
		Jitter:       world.jitter,
		Log:          d.log,
	})
	d.expectLoops(destinations)
	if d.admin == nil {
		d.admin = admin.NewServer(d.adminConfig(cfg))
	} else {
		d.admin.Use(d.adminConfig(cfg))
	}
	return nil
}

// saved tells those who wait for events that some came in.
func (d *daemon) saved(relay *outbox.Relay, beat *heartbeat) func() {
	return func() {
		relay.Wake()
		beat.progress()
		d.admin.Saved()
	}
}

func (d *daemon) adminConfig(cfg *config.Config) admin.Config {
	c := admin.Config{Store: d.store, Now: d.world.now, Version: buildVersion(), Envelope: envelopeOf, Log: d.log, Metrics: d.metrics}
	configureAdmin(&c, cfg)
	poller, relay := d.poller, d.relay
	c.Wake = func() {
		poller.Wake()
		relay.Wake()
		d.stirred.Store(true)
	}
	return c
}

// run polls and delivers until ctx ends or a part cannot go on. Each config that comes over next is taken over: what is in hand is finished,
// then poller and relay are made anew on the same database. The ledger keeps the slot meanwhile, as it does over a restart.
func (d *daemon) run(ctx context.Context, next <-chan *config.Config) error {
	for {
		turn, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- together(turn, d.poller.Run, d.relay.Run, d.heartbeat.run, d.upkeep) }()
		select {
		case err := <-done:
			stop()
			return err
		case cfg := <-next:
			stop()
			if err := errors.Join(<-done, d.takeOver(ctx, cfg)); err != nil {
				return ignoreEnd(ctx, err)
			}
		}
	}
}

// takeOver ties the parts as cfg has them, or, where that cannot be done after all, as they were: a reload must not end a daemon that works.
func (d *daemon) takeOver(ctx context.Context, cfg *config.Config) error {
	old := d.cfg
	err := d.tie(ctx, cfg)
	d.reloaded(err == nil)
	if err == nil {
		d.log.Info("config reloaded", zap.Int("destinations", len(cfg.Destinations)))
	} else {
		d.log.Error("config not reloaded, the one in force stays: " + err.Error())
		err = d.tie(ctx, old)
	}
	if d.inForce != nil {
		d.inForce(d.cfg)
	}
	return err
}

// ignoreEnd: being told to end is not a failure.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (d *daemon) close() error { return d.store.Close() }

// together runs parts until the first fails or ctx ends, and waits for all of them.
func together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make([]error, len(parts))
	var wg sync.WaitGroup
	for i, part := range parts {
		wg.Go(func() {
			if errs[i] = part(ctx); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func seekHTTP(s config.Seek, world outside) (*http.Client, error) {
	c := graphql.TransportConfig{Timeout: time.Duration(s.Timeout), CAFile: s.CAFile, Dial: world.dial}
	if s.Proxy != "" {
		proxy, err := url.Parse(s.Proxy)
		if err != nil {
			return nil, errors.New("seek.proxy is not a URL")
		}
		c.Proxy = proxy
	}
	return graphql.NewHTTPClient(c)
}

func credentials(s config.Seek) graphql.Credentials {
	return graphql.Credentials{TokenURL: s.TokenURL, Audience: s.Audience, ClientID: s.ClientID, ClientSecret: s.ClientSecret.Reveal(),
		Slowest: poller.SlowFactor * time.Duration(s.QueryInterval)}
}

func pollerStreams(cfg *config.Config) []poller.Stream {
	var out []poller.Stream
	for _, s := range cfg.Streams {
		stream := poller.Stream{
			Name:        s.Name,
			Scheme:      s.Scheme,
			Types:       s.EventTypes,
			Schedule:    s.Schedule,
			Since:       s.Start.At,
			StartNow:    s.Start.Kind == config.StartNow,
			Details:     s.Details,
			Fingerprint: s.Fingerprint(cfg.Seek),
		}
		if s.Reconcile != nil {
			stream.Reconcile, stream.ReconcileWindow = s.Reconcile.Schedule, time.Duration(s.Reconcile.Window)
		}
		out = append(out, stream)
	}
	return out
}

func takers(cfg *config.Config) []poller.Destination {
	var out []poller.Destination
	for _, d := range cfg.Destinations {
		out = append(out, poller.Destination{Name: d.Name, Streams: d.Streams, Types: d.EventTypes, Hirers: d.Hirers, Again: d.Duplicates == "deliver"})
	}
	return out
}
