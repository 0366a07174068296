package admin_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"seekpoller/internal/admin"
)

// step is how long a client of TestSlowClients may take for each step.
const step = 300 * time.Millisecond

// slowClients hold a connection in every way that there is.
var slowClients = map[string]func(net.Conn){
	"sends nothing": func(net.Conn) {},
	"sends its header a byte at a time": func(c net.Conn) {
		for _, b := range []byte("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: " + strings.Repeat("x", 10_000)) {
			if _, err := c.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(step / 20)
		}
	},
	"never sends its body": func(c net.Conn) {
		_, _ = io.WriteString(c, "POST /api/v1/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
	},
	"never reads its answer": func(c net.Conn) {
		_, _ = io.WriteString(c, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
	},
	"asks once and stays": func(c net.Conn) {
		_, _ = io.WriteString(c, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
	},
}

// TestSlowClients: whoever takes his time is cut off, and while he is not, others are answered.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	f := newFeedSite(t)
	ended := make(chan string, 100)
	f.server.Handle("POST /api/v1/slow", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		ended <- "body"
	})
	f.server.Handle("GET /large", func(w http.ResponseWriter, r *http.Request) {
		for part := make([]byte, 1<<20); ; {
			if _, err := w.Write(part); err != nil {
				ended <- "answer"
				return
			}
		}
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	const connections = 8
	go func() { done <- admin.ServeBriefly(ctx, l, f.server.Inside("tester"), connections, step) }()
	var held []net.Conn
	for round := range 4 {
		for name, hold := range slowClients {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			held = append(held, c)
			go hold(c)
			if len(held) < connections {
				if status, _, _ := get(t, "http://"+l.Addr().String()+"/healthz", ""); status != http.StatusOK {
					t.Errorf("beside one who %s: %d", name, status)
				}
			}
		}
		// More connections are taken than there are: the next one waits until somebody is cut off, and is answered then.
		if status, _, _ := get(t, "http://"+l.Addr().String()+"/healthz", ""); status != http.StatusOK {
			t.Errorf("round %d: %d", round, status)
		}
	}
	for range 8 {
		<-ended
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// TestIdleConnections: however many hold the port, the socket is not held.
func TestIdleConnections(t *testing.T) {
	f := newFeedSite(t)
	address, _ := onPort(t, f.server)
	socket, _ := onSocket(t, f.server)
	for range 100 {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	var said map[string]any
	if err := admin.Dial(socket).Get(t.Context(), "/healthz", nil, &said); err != nil || fmt.Sprint(said["status"]) != "ok" {
		t.Errorf("the socket says %v, %v", said, err)
	}
}
