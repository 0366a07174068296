package graphql_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/graphql"
)

// raw listens on loopback and gives each connection to serve, one after the other.
func raw(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			serve(conn)
			conn.Close()
		}
	}()
	return "http://" + l.Addr().String()
}

// h2Frame writes one HTTP/2 frame (RFC 9113, section 4.1) without flags.
func h2Frame(w io.Writer, kind byte, stream uint32, payload ...byte) error {
	head := []byte{0, 0, byte(len(payload)), kind, 0}
	_, err := w.Write(append(binary.BigEndian.AppendUint32(head, stream), payload...))
	return err
}

// h2Read reads one frame's head and skips its payload.
func h2Read(r io.Reader) (kind byte, stream uint32, err error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, err
	}
	length := int64(head[0])<<16 | int64(head[1])<<8 | int64(head[2])
	_, err = io.CopyN(io.Discard, r, length)
	return head[3], binary.BigEndian.Uint32(head[5:]), err
}

const (
	h2Headers, h2Reset, h2Settings, h2GoAway = 1, 3, 4, 7 // frame types
	h2Refused                                = 7          // error code REFUSED_STREAM
)

// h2Peer is an HTTP/2 server over TLS that counts the requests it sees and answers each
// by refuse. It gives its address, the file of its certificate, and the count.
func h2Peer(t *testing.T, refuse func(w io.Writer, stream uint32) (goOn bool)) (endpoint, caFile string, count *atomic.Int64) {
	t.Helper()
	count = new(atomic.Int64)
	s := httptest.NewUnstartedServer(nil)
	s.EnableHTTP2 = true
	s.StartTLS()
	config := s.TLS.Clone()
	caFile = pemFile(t, s.Certificate().Raw)
	s.Close()
	endpoint = raw(t, func(conn net.Conn) {
		peer := tls.Server(conn, config)
		if _, err := io.CopyN(io.Discard, peer, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
			return
		}
		_ = h2Frame(peer, h2Settings, 0)
		for {
			kind, stream, err := h2Read(peer)
			if err != nil {
				return
			}
			if kind != h2Headers {
				continue
			}
			if count.Add(1); !refuse(peer, stream) {
				return
			}
		}
	})
	return strings.Replace(endpoint, "http:", "https:", 1), caFile, count
}

// net/http sends a POST again by itself when an HTTP/2 peer says that it did not process
// it, thousands of times if need be, unless it has no means to. A slot allows one.
func TestOneRequestOverHTTP2(t *testing.T) {
	for name, refuse := range map[string]func(io.Writer, uint32) bool{
		"GOAWAY": func(w io.Writer, _ uint32) bool {
			_ = h2Frame(w, h2GoAway, 0, make([]byte, 8)...) // last stream 0: none was processed
			return false
		},
		"REFUSED_STREAM": func(w io.Writer, stream uint32) bool {
			return h2Frame(w, h2Reset, stream, 0, 0, 0, h2Refused) == nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			endpoint, caFile, count := h2Peer(t, refuse)
			_, err := askFor(t, endpoint, graphql.TransportConfig{CAFile: caFile, Timeout: 5 * time.Second})
			if err == nil || err.Kind != graphql.Transient || err.Status != 0 {
				t.Errorf("got %v, want a transient error without an answer", err)
			}
			if got := count.Load(); got != 1 {
				t.Errorf("got %d requests on the wire, want 1 (%v)", got, err)
			}
		})
	}
}

// A kept connection that the server closes as the second request arrives: that request
// may have been processed, so it is not sent again.
func TestOneRequestOverStaleConnection(t *testing.T) {
	requests := make(chan struct{}, 10)
	endpoint := raw(t, func(conn net.Conn) {
		r := bufio.NewReader(conn)
		for answered := false; ; answered = true {
			request, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			requests <- struct{}{}
			if answered {
				return
			}
			body := answer(node)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n\r\n"+body)
		}
	})
	keeping := &http.Client{Transport: &http.Transport{}} // ours keeps no connections
	t.Cleanup(keeping.CloseIdleConnections)
	c := graphql.New(graphql.Config{Endpoint: endpoint, HTTP: keeping})
	if _, err := c.Events(context.Background(), "t", query); err != nil {
		t.Fatal(err)
	}
	_, err := c.Events(context.Background(), "t", query)
	if graphql.KindOf(err) != graphql.Transient {
		t.Errorf("got %v, want a transient error", err)
	}
	if got := len(requests); got != 2 {
		t.Errorf("got %d requests for two questions, want 2", got)
	}
}

// What the network does to an answer is transient, and its words do not reach the log.
func TestBrokenAnswers(t *testing.T) {
	var printed bytes.Buffer // net/http has no other way to say some things
	log.SetOutput(&printed)
	t.Cleanup(func() {
		log.SetOutput(os.Stderr)
		if printed.Len() > 0 {
			t.Errorf("the standard logger was used: %q", printed.String())
		}
	})
	body := answer(`{"name":"` + canaryPerson + `"}`)
	head := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"closed at once":        "",
		"not HTTP":              canaryPerson + "\r\n\r\n",
		"a header of no kind":   head + canaryPerson + "\r\n\r\n",
		"cut in the body":       head + "Content-Length: 5000\r\n\r\n" + body[:80],
		"cut in a chunk":        head + "Transfer-Encoding: chunked\r\n\r\n40\r\n" + body[:20],
		"a chunk of no size":    head + "Transfer-Encoding: chunked\r\n\r\n" + canaryPerson + "\r\n",
		"shorter than it is":    head + "Content-Length: 20\r\n\r\n" + body,
		"gzip that is none":     head + "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n" + body,
		"too long in its head":  head + "X-Long: " + strings.Repeat("x", 300<<10) + "\r\n\r\n",
		"a length that is none": head + "Content-Length: -5\r\n\r\n" + body,
	} {
		t.Run(name, func(t *testing.T) {
			endpoint := raw(t, func(conn net.Conn) {
				request, err := http.ReadRequest(bufio.NewReader(conn))
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, request.Body)
				_, _ = io.WriteString(conn, text)
			})
			_, err := askFor(t, endpoint+"/graphql?key=CANARY", graphql.TransportConfig{})
			if err == nil || err.Kind != graphql.Transient {
				t.Errorf("got %v, want a transient error", err)
			}
		})
	}
}

// An answer is at most so long after decompression; what it weighs on the wire says nothing.
func TestAnswerIsBounded(t *testing.T) {
	bomb := func(size int) []byte {
		var b bytes.Buffer
		z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		_, _ = io.WriteString(z, answer(node))
		_, _ = z.Write(bytes.Repeat([]byte(" "), size-len(answer(node))))
		_ = z.Close()
		return b.Bytes()
	}
	for _, c := range []struct {
		size  int
		whole bool
	}{{graphql.MaxAnswer, true}, {graphql.MaxAnswer + 1, false}} {
		packed := bomb(c.size)
		endpoint := server(t, serve(200, http.Header{"Content-Encoding": {"gzip"}}, string(packed)))
		page, err := askFor(t, endpoint, graphql.TransportConfig{})
		if (page != nil) != c.whole {
			t.Errorf("%d bytes packed into %d: got %v, %v", c.size, len(packed), page, err)
		}
		if err != nil && (err.Kind != graphql.Transient || !strings.Contains(err.Error(), "longer than 32 MiB")) {
			t.Errorf("got %v, want a transient error that tells the limit", err)
		}
	}
}

// An answer that never comes is given up in time, and a caller who leaves is told so.
func TestWaitingEnds(t *testing.T) {
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	_, timedOut := askFor(t, server(t, hang), graphql.TransportConfig{Timeout: 50 * time.Millisecond})
	if timedOut == nil || timedOut.Kind != graphql.Transient || !errors.Is(timedOut, context.DeadlineExceeded) {
		t.Errorf("got %v, want a transient time-out", timedOut)
	}
	ctx, cancel := context.WithCancel(context.Background())
	endpoint := server(t, func(w http.ResponseWriter, r *http.Request) { cancel(); hang(w, r) })
	_, err := client(t, endpoint, graphql.TransportConfig{}).Events(ctx, "t", query)
	if graphql.KindOf(err) != graphql.Transient || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}
