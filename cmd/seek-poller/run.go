package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"

	"seekpoller/internal/config"
	"seekpoller/store"
)

func newRun(g *global) *cobra.Command {
	withoutCopy := false
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Poll SEEK and hand events on, until stopped",
		Long: `Poll SEEK and hand events on, until SIGTERM or SIGINT. A second signal ends the process at once; nothing is lost by that.

SIGHUP reads the config anew. Log level, destinations, schedules, details and secrets change at once; a config that is wrong, or that changes
what only a restart can change, is refused with the key, and the old one stays in force.

A database of an older version is copied to a file beside it and then brought up to date; the copy is removed after two weeks. An older program refuses
a database of a newer one.

Where there is no database a new one is made, and the log says so. It is refused where the directory holds a trace of an earlier one (-wal, a signed
.lock, a backup): then the file was lost. A disk that is not mounted leaves no trace.`,
		Example: "  seek-poller run --config /etc/seek-poller/seek-poller.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runDaemon(cmd.Context(), g.load, withoutCopy, cmd.ErrOrStderr())
		},
	}
	cmd.Flags().BoolVar(&withoutCopy, "upgrade-without-copy", false, "make no copy of the database of an older version before it is brought up to date")
	return cmd
}

func runDaemon(ctx context.Context, load func() (*config.Config, error), withoutCopy bool, stderr io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	cfg, err := load()
	if err != nil {
		return err
	}
	level, err := zap.ParseAtomicLevel(cfg.Log.Level)
	if err != nil {
		return configError(err)
	}
	log := newLogger(stderr, level, cfg.Log.Format)
	warn(log, cfg)
	boss := findSupervisor(log)
	d, err := boss.open(ctx, cfg, withoutCopy)
	if err != nil {
		return err
	}
	log.Info("running", zap.String("version", buildVersion()), zap.String("database", cfg.Database),
		zap.Int("streams", len(cfg.Streams)), zap.Int("destinations", len(cfg.Destinations)))
	stopAnswering := d.answerPeople(ctx, cfg.Admin)
	defer context.AfterFunc(ctx, boss.stopping)()
	next := d.reloads(ctx, hup, load, level, boss)
	err = runError(together(ctx,
		func(ctx context.Context) error { return d.run(ctx, next) },
		func(ctx context.Context) error { return d.supervise(ctx, boss) }))
	stopAnswering()
	log.Info("stopped")
	return errors.Join(err, d.close())
}

func warn(log *zap.Logger, cfg *config.Config) {
	for _, w := range cfg.Warnings() {
		log.Warn("config: " + w)
	}
}

// reloads sends the config anew after each SIGHUP, if it may be taken over.
func (d *daemon) reloads(ctx context.Context, hup <-chan os.Signal, load func() (*config.Config, error), level zap.AtomicLevel, boss supervisor) <-chan *config.Config {
	next := make(chan *config.Config)
	inForce := make(chan *config.Config, 1)
	d.inForce = func(cfg *config.Config) { inForce <- cfg }
	cfg := d.cfg
	again := func() {
		boss.reloading()
		defer boss.reloaded()
		changed, err := reload(cfg, load)
		if err != nil {
			d.log.Error("config not reloaded, the one in force stays: " + err.Error())
			d.reloaded(false)
			return
		}
		warn(d.log, changed)
		select {
		case next <- changed:
		case <-ctx.Done():
			return
		}
		select {
		case cfg = <-inForce:
			_ = level.UnmarshalText([]byte(cfg.Log.Level)) // the config was checked
		case <-ctx.Done():
		}
	}
	go func() {
		for {
			select {
			case <-hup:
				again()
			case <-ctx.Done():
				return
			}
		}
	}()
	return next
}

// reload reads the config anew and refuses what only a restart can change.
func reload(cfg *config.Config, load func() (*config.Config, error)) (*config.Config, error) {
	next, err := load()
	if err != nil {
		return nil, err
	}
	if keys := cfg.NeedsRestart(next); len(keys) > 0 {
		return nil, fmt.Errorf("%s cannot change while the daemon runs: restart it, or put the old value back", strings.Join(keys, ", "))
	}
	return next, nil
}

// runError sorts what ended the daemon. A cursor made under other settings is a matter of the config: a restart cannot cure it.
func runError(err error) error {
	if changed := (*store.FingerprintError)(nil); errors.As(err, &changed) {
		return &exitError{code: exitConfig, what: changed}
	}
	if err != nil {
		return failed(err, "")
	}
	return nil
}
