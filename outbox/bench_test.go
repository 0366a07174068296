package outbox_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/outbox"
	"seekpoller/store"
)

// counting closes done when n deliveries went through it.
func counting(s outbox.Sender, n int) (outbox.Sender, <-chan struct{}) {
	done := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(n))
	return senderFunc(func(ctx context.Context, b []store.Delivery) outbox.Reply {
		reply := s.Send(ctx, b)
		if left.Add(-int64(len(b))) == 0 {
			close(done)
		}
		return reply
	}), done
}

// benchmarkRelay hands on b.N stored events: claim, send, settle, each durable.
func benchmarkRelay(b *testing.B, s outbox.Sender, batch, concurrency int) {
	s, done := counting(s, b.N)
	w := newWorld(b, outbox.Destination{Name: "bench", Sender: s, Batch: batch, Concurrency: concurrency, Timeout: 30 * time.Second})
	w.quiet = true
	w.save(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	w.start()
	<-done
	w.stop()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if got := w.destination("bench").Delivered; got != int64(b.N) {
		b.Errorf("delivered: got %d, want %d", got, b.N)
	}
}

// BenchmarkClaimSendSettle is the relay by itself: the sender does nothing, so what is left is the store and us.
func BenchmarkClaimSendSettle(b *testing.B) {
	nothing := senderFunc(func(context.Context, []store.Delivery) outbox.Reply { return outbox.Reply{Verdict: outbox.Accepted} })
	b.Run("batch=1/concurrency=8", func(b *testing.B) { benchmarkRelay(b, nothing, 1, 8) })
	b.Run("batch=10/concurrency=4", func(b *testing.B) { benchmarkRelay(b, nothing, outbox.SeekBatch, 4) })
}

// BenchmarkWebhook is the same with real requests over a loopback socket.
func BenchmarkWebhook(b *testing.B) {
	srv := httptest.NewServer(http.HandlerFunc(accept))
	defer srv.Close()
	hc, err := outbox.NewHTTPClient(outbox.TransportConfig{Concurrency: 8})
	if err != nil {
		b.Fatal(err)
	}
	hook := outbox.NewSeekWebhook(outbox.WebhookConfig{Name: "bench", URL: srv.URL, Secret: []byte(secret), HTTP: hc})
	b.Run("batch=1/concurrency=8", func(b *testing.B) { benchmarkRelay(b, hook, 1, 8) })
	b.Run("batch=10/concurrency=4", func(b *testing.B) { benchmarkRelay(b, hook, outbox.SeekBatch, 4) })
}

// BenchmarkDirectory is a file an event, each synced.
func BenchmarkDirectory(b *testing.B) {
	s := newDirectory(b, outbox.DirectoryConfig{Name: "bench", Path: b.TempDir()})
	benchmarkRelay(b, s, 1, 4)
}
