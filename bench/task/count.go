package task

import "sync/atomic"

// Countdown closes Done when n things have happened.
type Countdown struct {
	Done chan struct{}
	left atomic.Int64
}

// NewCountdown waits for n.
func NewCountdown(n int) *Countdown {
	c := &Countdown{Done: make(chan struct{})}
	c.left.Store(int64(n))
	return c
}

// Happened counts n more.
func (c *Countdown) Happened(n int) {
	if left := c.left.Add(-int64(n)); left <= 0 && left+int64(n) > 0 {
		close(c.Done)
	}
}
