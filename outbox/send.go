package outbox

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"go.uber.org/zap"
)

// result is what came of one batch.
type result struct {
	batch
	reply          Reply
	started, ended time.Time
	next           *batch // with which its sender went on; nil: its place is free
}

// work sends a batch, and then the next in line for as long as the receiver takes everything.
func (l *lane) work(b batch) {
	for {
		r := l.send(b)
		next, ok := l.line.after(r.reply.Verdict, r.ended)
		if !ok {
			l.done <- r
			return
		}
		next.cutoff = l.cutoff()
		r.next, b = &next, next
		l.done <- r
	}
}

// send runs in a goroutine of its own. It always comes back with a reply: a panic of the sender is a retry, and since the claim
// counted the attempt before, one that ends the whole process is counted too.
func (l *lane) send(b batch) (r result) {
	r = result{batch: b, started: l.now()}
	ctx, cancel := context.WithTimeout(l.sending, l.Timeout)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			// Its type only: the value may quote an event.
			r.reply = Reply{Verdict: Retry, Detail: excerpt(fmt.Appendf(nil, "the sender panicked with a %T", p))}
			l.log.Error("the sender panicked", zap.String("value", fmt.Sprintf("%T", p)), zap.ByteString("stack", debug.Stack()))
		}
		r.ended = l.now()
	}()
	r.reply = l.Sender.Send(ctx, b.deliveries)
	return r
}
