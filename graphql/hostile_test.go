package graphql_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"seekpoller/graphql"
)

// hostile is a peer that counts the requests it sees, over all connections.
type hostile struct{ requests, conns atomic.Int64 }

// listen serves each connection as it comes, beside the others: a second request must not go unseen because the first still hangs.
func (h *hostile) listen(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { l.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			h.conns.Add(1)
			all.Go(func() {
				defer conn.Close()
				_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
				serve(conn)
			})
		}
	})
	return l.Addr().String()
}

// script is what an HTTP/2 peer does. w is its side of a connection.
type script struct {
	greet  func(w io.Writer)                // before any request; nil: an ordinary greeting
	answer func(w io.Writer, stream uint32) // to the head of a request; nil: none
	body   func(w io.Writer, stream uint32) // to the end of a request's body; nil: none
	hangUp bool                             // after the answer
	page   bool                             // it makes a page all the same
	unsent bool                             // nothing may be sent at all
}

// frame writes an HTTP/2 frame (RFC 9113, section 4.1). An error is the other side's business.
func frame(w io.Writer, kind, flags byte, stream uint32, payload ...byte) {
	size := len(payload)
	head := []byte{byte(size >> 16), byte(size >> 8), byte(size), kind, flags}
	_, _ = w.Write(append(binary.BigEndian.AppendUint32(head, stream), payload...))
}

const (
	endStream, endHeaders  = 1, 4 // flags
	h2Data, h2Push, h2Ping = 0, 5, 6
)

func goAway(last uint32, code byte) func(io.Writer, uint32) {
	return func(w io.Writer, _ uint32) {
		frame(w, h2GoAway, 0, 0, append(binary.BigEndian.AppendUint32(nil, last), 0, 0, 0, code)...)
	}
}

func reset(code byte) func(io.Writer, uint32) {
	return func(w io.Writer, stream uint32) { frame(w, h2Reset, 0, stream, 0, 0, 0, code) }
}

// status is a header block that says only that, and where to go instead.
func status(code, location string) []byte {
	block := append([]byte{0x08, byte(len(code))}, code...) // :status, not indexed (RFC 7541)
	if location != "" {
		block = append(append(block, 0x0f, 0x1f, byte(len(location))), location...)
	}
	return block
}

// headed answers with a status, and with what comes after it.
func headed(code string, then ...func(io.Writer, uint32)) func(io.Writer, uint32) {
	return func(w io.Writer, stream uint32) {
		frame(w, h2Headers, endHeaders, stream, status(code, "")...)
		for _, next := range then {
			next(w, stream)
		}
	}
}

func data(flags byte, text string) func(io.Writer, uint32) {
	return func(w io.Writer, stream uint32) { frame(w, h2Data, flags, stream, []byte(text)...) }
}

func redirect(code string) func(io.Writer, uint32) {
	return func(w io.Writer, stream uint32) {
		frame(w, h2Headers, endHeaders|endStream, stream, status(code, "/graphql")...)
	}
}

func flood(kind byte, payload ...byte) func(io.Writer, uint32) {
	return func(w io.Writer, _ uint32) {
		for range 20000 {
			frame(w, kind, 0, 0, payload...)
		}
	}
}

func setting(id, value byte) func(io.Writer) {
	return func(w io.Writer) { frame(w, h2Settings, 0, 0, 0, id, 0, 0, 0, value) }
}

// scripts are the ways of an HTTP/2 peer that one request must survive without a second one.
func scripts() map[string]script {
	raw := func(text string) func(io.Writer, uint32) {
		return func(w io.Writer, _ uint32) { _, _ = io.WriteString(w, text) }
	}
	all := map[string]script{
		"GOAWAY before the request":           {greet: func(w io.Writer) { setting(3, 100)(w); goAway(0, 0)(w, 0) }, unsent: true},
		"GOAWAY, none processed":              {answer: goAway(0, 0), hangUp: true},
		"GOAWAY, none processed, stays":       {answer: goAway(0, 0)},
		"GOAWAY, processed":                   {answer: func(w io.Writer, s uint32) { goAway(s, 0)(w, s) }, hangUp: true},
		"GOAWAY, be calm":                     {answer: goAway(0, 11), hangUp: true},
		"GOAWAY after the answer":             {body: headed("200", data(endStream, answer(node)), goAway(1, 0)), hangUp: true, page: true},
		"refused once the body is there":      {body: reset(h2Refused)},
		"refused after half an answer":        {body: headed("200", data(0, `{"data":`), reset(h2Refused))},
		"hangs up on the request":             {hangUp: true},
		"hangs up after the answer's head":    {answer: headed("200"), hangUp: true},
		"settings without end":                {answer: flood(h2Settings, 0, 4, 0, 1, 0, 0)},
		"pings without end":                   {answer: flood(h2Ping, 0, 0, 0, 0, 0, 0, 0, 0)},
		"a window that never opens":           {greet: setting(4, 0)},
		"no stream allowed":                   {greet: setting(3, 0), unsent: true},
		"early hints without end":             {answer: headed("103", headed("103"), headed("103"), headed("103"), headed("103"), headed("103"))},
		"early hints, then hangs up":          {answer: headed("103"), hangUp: true},
		"a head that never ends":              {answer: func(w io.Writer, s uint32) { frame(w, h2Headers, 0, s, status("200", "")...) }},
		"a head that cannot be unpacked":      {answer: func(w io.Writer, s uint32) { frame(w, h2Headers, endHeaders, s, 0xff, 0xff, 0xff) }},
		"a body that never comes":             {answer: headed("200")},
		"a trailer that is a status":          {body: headed("200", data(0, answer(node)), func(w io.Writer, s uint32) { frame(w, h2Headers, endHeaders|endStream, s, status("200", "")...) })},
		"a frame of another stream":           {answer: func(w io.Writer, s uint32) { frame(w, h2Data, 0, s+2, 'x') }},
		"a promise of more":                   {answer: func(w io.Writer, s uint32) { frame(w, h2Push, endHeaders, s, 0, 0, 0, 2) }},
		"a frame beyond all size":             {answer: raw("\xff\xff\xff\x00\x00\x00\x00\x00\x01"), hangUp: true},
		"HTTP/1 in place of frames":           {answer: raw("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"), hangUp: true},
		"HTTP/1 before any request":           {greet: func(w io.Writer) { raw("HTTP/1.1 408 Request Timeout\r\n\r\n")(w, 0) }, hangUp: true},
		"an answer before the request's body": {answer: headed("200", data(endStream, answer(node)), reset(0)), page: true},
	}
	for code := range byte(14) {
		all[fmt.Sprintf("RST_STREAM %d", code)] = script{answer: reset(code)}
	}
	for _, code := range []string{"301", "302", "303", "307", "308", "421", "425"} {
		all["HTTP "+code] = script{answer: redirect(code)}
	}
	return all
}

// h2Server is an HTTP/2 server over TLS that follows s.
func (h *hostile) h2Server(t *testing.T, s script) (endpoint, caFile string) {
	t.Helper()
	model := httptest.NewUnstartedServer(nil)
	model.EnableHTTP2 = true
	model.StartTLS()
	config := model.TLS.Clone()
	caFile = pemFile(t, model.Certificate().Raw)
	model.Close()
	return "https://" + h.listen(t, func(conn net.Conn) { h.follow(tls.Server(conn, config), s) }), caFile
}

func (h *hostile) follow(conn *tls.Conn, s script) {
	if _, err := io.CopyN(io.Discard, conn, int64(len("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))); err != nil {
		return
	}
	if s.greet == nil {
		s.greet = setting(3, 100)
	}
	s.greet(conn)
	for {
		kind, stream, ended, err := readFrame(conn)
		if err != nil {
			return
		}
		act := s.body
		if kind == h2Headers {
			h.requests.Add(1)
			act = s.answer
		}
		if kind != h2Headers && !(kind == h2Data && ended) {
			continue
		}
		if act != nil {
			act(conn, stream)
		}
		if s.hangUp && (act != nil || s.body == nil) {
			return
		}
	}
}

func readFrame(r io.Reader) (kind byte, stream uint32, ended bool, err error) {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, 0, false, err
	}
	_, err = io.CopyN(io.Discard, r, int64(head[0])<<16|int64(head[1])<<8|int64(head[2]))
	return head[3], binary.BigEndian.Uint32(head[5:]), head[4]&endStream != 0, err
}

// patience is how long a peer has: a second if it is expected to use it up.
func patience(page bool) time.Duration {
	if page {
		return 20 * time.Second
	}
	return time.Second
}

// TestHostileHTTP2: whatever a peer does, it sees the request of a slot once and no other, and is not dialled in a hurry either.
func TestHostileHTTP2(t *testing.T) {
	for name, s := range scripts() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h hostile
			endpoint, caFile := h.h2Server(t, s)
			page, err := askFor(t, endpoint, graphql.TransportConfig{CAFile: caFile, Timeout: patience(s.page)})
			if (page != nil) != s.page {
				t.Errorf("got page %v, %v, want a page: %t", page, err, s.page)
			}
			least := int64(1)
			if s.unsent || strings.Contains(name, "before any") {
				least = 0
			}
			if got := h.requests.Load(); got > 1 || got < least {
				t.Errorf("got %d requests on the wire, want one (%v)", got, err)
			}
			if got := h.conns.Load(); got > 3 {
				t.Errorf("got %d connections, want one or a few", got)
			}
		})
	}
}
