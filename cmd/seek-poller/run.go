package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"seekpoller/internal/config"
	"seekpoller/store"
)

func newRun(g *global) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Poll SEEK and hand events on, until stopped",
		Long: `Poll SEEK and hand events on, until SIGTERM or SIGINT. A second signal ends the process at once; nothing is lost by that.

The first start makes the database. Later starts refuse if it is gone: then a disk is not mounted, or somebody moved the file.`,
		Example: "  seek-poller run --config /etc/seek-poller/seek-poller.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := g.load()
			if err != nil {
				return err
			}
			if err := refuseNotYet(cfg); err != nil {
				return err
			}
			return runDaemon(cmd.Context(), cfg, cmd.ErrOrStderr())
		},
	}
}

func runDaemon(ctx context.Context, cfg *config.Config, stderr io.Writer) error {
	level, err := zapcore.ParseLevel(cfg.Log.Level)
	if err != nil {
		return configError(err)
	}
	log := newLogger(stderr, level, cfg.Log.Format)
	for _, w := range cfg.Warnings() {
		log.Warn("config: " + w)
	}
	d, err := openDaemon(ctx, cfg, log, realOutside())
	if err != nil {
		return err
	}
	log.Info("running", zap.String("version", buildVersion()), zap.String("database", cfg.Database),
		zap.Int("streams", len(cfg.Streams)), zap.Int("destinations", len(cfg.Destinations)))
	err = runError(d.run(ctx))
	log.Info("stopped")
	return errors.Join(err, d.close())
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
