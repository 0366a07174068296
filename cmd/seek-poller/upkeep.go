package main

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"seekpoller/internal/admin"
	"seekpoller/store"
)

const (
	betweenRounds = time.Hour
	keepCopies    = 14 * 24 * time.Hour // from before upgrades
)

// upkeep removes what is too old, and what was purged and is settled by now: at once, and then every hour. It is in nobody's way: its steps
// are short, and it rests as long as it works. What keeps it from working today is only logged, since the next round makes up for it.
func (d *daemon) upkeep(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		if err := d.keepUp(ctx); err != nil {
			return err
		}
		timer.Reset(betweenRounds)
	}
}

func (d *daemon) keepUp(ctx context.Context) error {
	r := d.cfg.Retention
	clock := func() time.Time { return d.world.now().Wall }
	round := d.store.NewUpkeep(store.Retention{Payloads: time.Duration(r.Payloads), Records: time.Duration(r.Records)}, clock(), clock)
	err := admin.KeepUp(ctx, round)
	if c := round.Cleared; c.Any() {
		d.log.Info("removed what is too old or was purged", zap.Int64("payloads", c.Payloads), zap.Int64("purged", c.Purged), zap.Int64("events", c.Events),
			zap.Int64("deliveries", c.Deliveries), zap.Int64("attempts", c.Attempts), zap.Int64("queries", c.Queries), zap.Int64("cursors", c.Cursors))
	}
	if gone, err := d.store.RemoveOldCopies(clock(), keepCopies); err != nil {
		d.log.Warn(err.Error())
	} else if len(gone) > 0 {
		d.log.Info("removed copies of the database from before upgrades", zap.Strings("files", gone))
	}
	switch {
	case err == nil, ctx.Err() != nil:
		return nil
	case errors.Is(err, store.ErrLogInUse), store.Temporary(err):
		d.log.Warn("not everything that is too old or was purged could be removed; tried again within the hour: " + err.Error())
		return nil
	}
	return err
}
