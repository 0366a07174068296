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
	return &cobra.Command{
		Use:   "run",
		Short: "Poll SEEK and hand events on, until stopped",
		Long: `Poll SEEK and hand events on, until SIGTERM or SIGINT. A second signal ends the process at once; nothing is lost by that.

SIGHUP reads the config anew. Log level, destinations, schedules, details and secrets change at once; a config that is wrong, or that changes
what only a restart can change, is refused with the key, and the old one stays in force.

Where there is no database a new one is made, and the log says so. It is refused where the directory holds a trace of an earlier one (-wal, a signed
.lock, a backup): then the file was lost. A disk that is not mounted leaves no trace.`,
		Example: "  seek-poller run --config /etc/seek-poller/seek-poller.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			load := func() (*config.Config, error) {
				cfg, err := g.load()
				if err == nil {
					err = refuseNotYet(cfg)
				}
				return cfg, err
			}
			return runDaemon(cmd.Context(), load, cmd.ErrOrStderr())
		},
	}
}

func runDaemon(ctx context.Context, load func() (*config.Config, error), stderr io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
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
	d, err := openDaemon(ctx, cfg, log, realOutside())
	if err != nil {
		return err
	}
	log.Info("running", zap.String("version", buildVersion()), zap.String("database", cfg.Database),
		zap.Int("streams", len(cfg.Streams)), zap.Int("destinations", len(cfg.Destinations)))
	stopAnswering := d.answerPeople(ctx, cfg.Admin)
	err = runError(d.run(ctx, reloads(ctx, cfg, load, level, log)))
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
func reloads(ctx context.Context, cfg *config.Config, load func() (*config.Config, error), level zap.AtomicLevel, log *zap.Logger) <-chan *config.Config {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	next := make(chan *config.Config)
	go func() {
		defer signal.Stop(hup)
		for {
			select {
			case <-ctx.Done():
				return
			case <-hup:
			}
			changed, err := reload(cfg, load)
			if err != nil {
				log.Error("config not reloaded, the one in force stays: " + err.Error())
				continue
			}
			warn(log, changed)
			_ = level.UnmarshalText([]byte(changed.Log.Level)) // the config was checked
			select {
			case next <- changed:
				cfg = changed
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

// refuseNotYet: to start without something that the config asks for would hand events to nobody, or to the wrong receiver.
func refuseNotYet(cfg *config.Config) error {
	if missing := cfg.NotYet(); len(missing) > 0 {
		return &exitError{code: exitConfig, what: fmt.Errorf("the config asks for what this version cannot do yet:\n%s", strings.Join(missing, "\n")), todo: "remove these keys, or use a later version"}
	}
	return nil
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
