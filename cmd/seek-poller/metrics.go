package main

import (
	"seekpoller/internal/admin"
	"seekpoller/outbox"
	"seekpoller/poller"
)

// What the rooms tell of their work is counted by the one that answers scrapes; they do not know each other.

func (d *daemon) asked(x poller.Exchange) {
	d.metrics.Asked(admin.Exchange(x))
	d.stirred.Store(true)
}

func (d *daemon) tried(t outbox.Try) {
	d.metrics.Tried(admin.Try(t))
	d.stirred.Store(true)
}

// reloaded notes whether the config that was just read is in force.
func (d *daemon) reloaded(ok bool) {
	d.metrics.Reloaded(ok, d.world.now().Wall)
	d.stirred.Store(true)
}
