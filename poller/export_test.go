package poller

import (
	"time"

	"seekpoller/store"
)

// Never is what DueIn says of a cursor whose schedule has no tick.
const Never = never

func (s Stream) DueIn(c store.Cursor, now, started store.Instant) time.Duration {
	return s.dueIn(c, now, started)
}

func (p *Poller) Backoff(n int) time.Duration { return p.backoff(n) }

var IgnoreEnd = ignoreEnd
