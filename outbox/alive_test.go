package outbox_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// promises are what each lane last said of when it is heard of again.
type promises struct {
	mu    sync.Mutex // guards until
	until map[string]time.Time
}

func (p *promises) alive(destination string, within time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until == nil {
		p.until = map[string]time.Time{}
	}
	p.until[destination] = time.Now().Add(within)
}

func (p *promises) broken(destination string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Now().After(p.until[destination])
}

// TestAliveIsKeptByWhoeverWorks: a lane that idles, one whose receiver is down, one whose sends all last until they are cut off and one that always has
// a long send in hand are heard of all the time; one with a send that does not come back is missed soon, and it alone.
func TestAliveIsKeptByWhoeverWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release, begun := make(chan struct{}), atomic.Int64{}
		senders := map[string]senderFunc{
			"idle": func(context.Context, []store.Delivery) outbox.Reply { return outbox.Reply{Verdict: outbox.Accepted} },
			"down": func(context.Context, []store.Delivery) outbox.Reply {
				return outbox.Reply{Verdict: outbox.Retry, RetryAfter: time.Hour}
			},
			"slow": func(ctx context.Context, _ []store.Delivery) outbox.Reply {
				<-ctx.Done()
				return outbox.Reply{Verdict: outbox.Retry}
			},
			"relieved": func(ctx context.Context, _ []store.Delivery) outbox.Reply { // one begins in the middle of the other
				took := 29 * time.Second
				if begun.Add(1) == 1 {
					took = 15 * time.Second
				}
				select {
				case <-time.After(took):
				case <-ctx.Done():
				}
				return outbox.Reply{Verdict: outbox.Accepted}
			},
			"stuck": func(context.Context, []store.Delivery) outbox.Reply {
				<-release
				return outbox.Reply{Verdict: outbox.Accepted}
			},
		}
		var destinations []outbox.Destination
		for name, sender := range senders {
			destinations = append(destinations, outbox.Destination{Name: name, Kind: "test", Sender: sender, Concurrency: 2, Timeout: 30 * time.Second})
		}
		w := newWorld(t, destinations...)
		var p promises
		w.alive = p.alive
		w.save(20)
		w.start()
		time.Sleep(50 * time.Second)
		for range 6 * 60 {
			for name := range senders {
				if name != "stuck" && p.broken(name) {
					t.Fatalf("the lane %q is missed", name)
				}
			}
			time.Sleep(10 * time.Second)
		}
		if !p.broken("stuck") {
			t.Error("a lane whose send never comes back is not missed")
		}
		close(release)
		time.Sleep(time.Minute)
		if p.broken("stuck") {
			t.Error("the lane is missed although its sends came back")
		}
		w.stop()
	})
}
